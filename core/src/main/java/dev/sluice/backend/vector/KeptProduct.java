package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Lanes.COUNT;
import static dev.sluice.backend.vector.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Products of one query with the keys or values that it keeps: rows, some pitch apart, of which only those listed are
 * read. Sums go by the order of the list.
 */
final class KeptProduct {
  private KeptProduct() {}

  /** {@code y += sum_i weights[i] * row indices[i]}. */
  static void sum(int[] indices, float[] weights, int count, float[] rows, int at, int pitch, int width, float[] y,
      int yAt) {
    int column = 0;
    for (; column <= width - 4 * COUNT; column += 4 * COUNT) {
      sumFour(indices, weights, count, rows, at + column, pitch, y, yAt + column);
    }
    for (; column <= width - COUNT; column += COUNT) {
      sumOne(indices, weights, count, rows, at + column, pitch, y, yAt + column);
    }
    if (column < width) {
      sumTail(indices, weights, count, rows, at + column, pitch, width - column, y, yAt + column);
    }
  }

  private static void sumFour(int[] indices, float[] weights, int count, float[] rows, int at, int pitch, float[] y,
      int yAt) {
    FloatVector s0 = fromArray(SPECIES, y, yAt);
    FloatVector s1 = fromArray(SPECIES, y, yAt + COUNT);
    FloatVector s2 = fromArray(SPECIES, y, yAt + 2 * COUNT);
    FloatVector s3 = fromArray(SPECIES, y, yAt + 3 * COUNT);
    for (int i = 0; i < count; i++) {
      int row = at + indices[i] * pitch;
      FloatVector weight = broadcast(SPECIES, weights[i]);
      s0 = weight.fma(fromArray(SPECIES, rows, row), s0);
      s1 = weight.fma(fromArray(SPECIES, rows, row + COUNT), s1);
      s2 = weight.fma(fromArray(SPECIES, rows, row + 2 * COUNT), s2);
      s3 = weight.fma(fromArray(SPECIES, rows, row + 3 * COUNT), s3);
    }
    s0.intoArray(y, yAt);
    s1.intoArray(y, yAt + COUNT);
    s2.intoArray(y, yAt + 2 * COUNT);
    s3.intoArray(y, yAt + 3 * COUNT);
  }

  private static void sumOne(int[] indices, float[] weights, int count, float[] rows, int at, int pitch, float[] y,
      int yAt) {
    FloatVector sum = fromArray(SPECIES, y, yAt);
    for (int i = 0; i < count; i++) {
      sum = broadcast(SPECIES, weights[i]).fma(fromArray(SPECIES, rows, at + indices[i] * pitch), sum);
    }
    sum.intoArray(y, yAt);
  }

  private static void sumTail(int[] indices, float[] weights, int count, float[] rows, int at, int pitch, int width,
      float[] y, int yAt) {
    VectorMask<Float> tail = SPECIES.indexInRange(0, width);
    FloatVector sum = fromArray(SPECIES, y, yAt, tail);
    for (int i = 0; i < count; i++) {
      sum = broadcast(SPECIES, weights[i]).fma(fromArray(SPECIES, rows, at + indices[i] * pitch, tail), sum);
    }
    sum.intoArray(y, yAt, tail);
  }

  /** {@code y[i] = x . row indices[i]}. */
  static void dots(int[] indices, int count, float[] rows, int at, int pitch, int width, float[] x, int xAt,
      float[] y) {
    if (width == 4 * COUNT) {
      dotsOfFour(indices, count, rows, at, pitch, x, xAt, y);
    } else {
      for (int i = 0; i < count; i++) {
        y[i] = Lanes.dot(rows, at + indices[i] * pitch, x, xAt, width);
      }
    }
  }

  private static void dotsOfFour(int[] indices, int count, float[] rows, int at, int pitch, float[] x,
      int xAt, float[] y) {
    FloatVector x0 = fromArray(SPECIES, x, xAt);
    FloatVector x1 = fromArray(SPECIES, x, xAt + COUNT);
    FloatVector x2 = fromArray(SPECIES, x, xAt + 2 * COUNT);
    FloatVector x3 = fromArray(SPECIES, x, xAt + 3 * COUNT);
    for (int i = 0; i < count; i++) {
      int row = at + indices[i] * pitch;
      FloatVector s0 = x0.mul(fromArray(SPECIES, rows, row));
      FloatVector s1 = x1.mul(fromArray(SPECIES, rows, row + COUNT));
      s0 = x2.fma(fromArray(SPECIES, rows, row + 2 * COUNT), s0);
      s1 = x3.fma(fromArray(SPECIES, rows, row + 3 * COUNT), s1);
      y[i] = Lanes.sum(s0.add(s1));
    }
  }

  /** {@code row indices[i] += weights[i] * x}: rows and x of whole vectors, rows one pitch apart. */
  static void add(int[] indices, float[] weights, int count, float[] x, int xAt, int pitch, float[] rows) {
    for (int column = 0; column < pitch; column += COUNT) {
      FloatVector part = fromArray(SPECIES, x, xAt + column);
      for (int i = 0; i < count; i++) {
        int to = indices[i] * pitch + column;
        part.fma(broadcast(SPECIES, weights[i]), fromArray(SPECIES, rows, to)).intoArray(rows, to);
      }
    }
  }
}
