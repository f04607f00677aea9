package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Lanes.COUNT;
import static dev.sluice.backend.vector.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import dev.sluice.backend.vector.AttentionBackward.Sums;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Products of one query with the keys or values that it keeps: rows, some pitch apart, of which only those listed are
 * read. Sums go by the order of the list.
 */
final class KeptProduct {
  private KeptProduct() {}

  /**
   * Some lists of rows and their weights, in the same places of two arrays; a list is ascending, and ends in a row that
   * is not below any bound.
   *
   * @param indices of the rows
   * @param next where each list goes on
   * @param ends where each list has come to afterwards
   * @param count how many lists
   */
  record Lists(int[] indices, float[] weights, int[] next, int[] ends, int count) {}

  /** {@code y += sum_i weights[i] * row indices[i]} for each list up to a bound, each with its row of y. */
  static void sum(Lists lists, int bound, float[] rows, int at, int pitch, int width, float[] y, int yAt, int yPitch) {
    if (width < COUNT) {
      sumNarrow(lists, bound, rows, at, pitch, width, y, yAt, yPitch);
      return;
    }
    int column = 0;
    for (; column <= width - 4 * COUNT; column += 4 * COUNT) {
      sumFour(lists.indices, lists.weights, lists.next, lists.ends, lists.count, bound, rows, at + column, pitch, y,
          yAt + column, yPitch);
    }
    for (; column <= width - COUNT; column += COUNT) {
      sumOne(lists.indices, lists.weights, lists.next, lists.ends, lists.count, bound, rows, at + column, pitch, y,
          yAt + column, yPitch);
    }
    if (column < width) {
      int last = width - COUNT;
      sumLast(lists.indices, lists.weights, lists.next, lists.ends, lists.count, bound, rows, at + last, pitch,
          column - last, y, yAt + last, yPitch);
    }
  }

  private static void sumFour(int[] indices, float[] weights, int[] next, int[] ends, int count, int bound,
      float[] rows, int at, int pitch, float[] y, int yAt, int yPitch) {
    for (int list = 0, to = yAt; list < count; list++, to += yPitch) {
      FloatVector s0 = fromArray(SPECIES, y, to);
      FloatVector s1 = fromArray(SPECIES, y, to + COUNT);
      FloatVector s2 = fromArray(SPECIES, y, to + 2 * COUNT);
      FloatVector s3 = fromArray(SPECIES, y, to + 3 * COUNT);
      int i = next[list];
      for (int index = indices[i]; index < bound; index = indices[++i]) {
        int row = at + index * pitch;
        FloatVector weight = broadcast(SPECIES, weights[i]);
        s0 = weight.fma(fromArray(SPECIES, rows, row), s0);
        s1 = weight.fma(fromArray(SPECIES, rows, row + COUNT), s1);
        s2 = weight.fma(fromArray(SPECIES, rows, row + 2 * COUNT), s2);
        s3 = weight.fma(fromArray(SPECIES, rows, row + 3 * COUNT), s3);
      }
      ends[list] = i;
      s0.intoArray(y, to);
      s1.intoArray(y, to + COUNT);
      s2.intoArray(y, to + 2 * COUNT);
      s3.intoArray(y, to + 3 * COUNT);
    }
  }

  private static void sumOne(int[] indices, float[] weights, int[] next, int[] ends, int count, int bound,
      float[] rows, int at, int pitch, float[] y, int yAt, int yPitch) {
    for (int list = 0, to = yAt; list < count; list++, to += yPitch) {
      FloatVector sum = fromArray(SPECIES, y, to);
      int i = next[list];
      for (int index = indices[i]; index < bound; index = indices[++i]) {
        sum = broadcast(SPECIES, weights[i]).fma(fromArray(SPECIES, rows, at + index * pitch), sum);
      }
      ends[list] = i;
      sum.intoArray(y, to);
    }
  }

  /** Of a row's last vector, whose first lanes are done: a masked load that passes the array's end checks all lanes. */
  private static void sumLast(int[] indices, float[] weights, int[] next, int[] ends, int count, int bound,
      float[] rows, int at, int pitch, int done, float[] y, int yAt, int yPitch) {
    VectorMask<Float> left = SPECIES.indexInRange(0, done).not();
    for (int list = 0, to = yAt; list < count; list++, to += yPitch) {
      FloatVector sum = fromArray(SPECIES, y, to);
      int i = next[list];
      for (int index = indices[i]; index < bound; index = indices[++i]) {
        sum = broadcast(SPECIES, weights[i]).fma(fromArray(SPECIES, rows, at + index * pitch), sum);
      }
      ends[list] = i;
      sum.intoArray(y, to, left);
    }
  }

  private static void sumNarrow(Lists lists, int bound, float[] rows, int at, int pitch, int width, float[] y, int yAt,
      int yPitch) {
    for (int list = 0, to = yAt; list < lists.count; list++, to += yPitch) {
      int i = lists.next[list];
      for (int index = lists.indices[i]; index < bound; index = lists.indices[++i]) {
        int row = at + index * pitch;
        for (int column = 0; column < width; column++) {
          y[to + column] = Math.fma(lists.weights[i], rows[row + column], y[to + column]);
        }
      }
      lists.ends[list] = i;
    }
  }

  /** {@code row indices[i] += weights[i] * x}, of whole vectors. */
  static void add(int[] indices, float[] weights, int count, float[] x, int width, Sums sums) {
    float[] rows = sums.rows();
    for (int column = 0; column < width; column += COUNT) {
      FloatVector part = fromArray(SPECIES, x, column);
      for (int i = 0; i < count; i++) {
        int to = sums.at(indices[i]) + column;
        part.fma(broadcast(SPECIES, weights[i]), fromArray(SPECIES, rows, to)).intoArray(rows, to);
      }
    }
  }

  /** {@code row indices[i] = weights[i] * x}, and 0 for others of n rows, one pitch apart; the list is ascending. */
  static void store(int[] indices, float[] weights, int count, float[] x, int width, int n, float[] rows, int at,
      int pitch) {
    for (int row = 0, i = 0, to = at; row < n; row++, to += pitch) {
      if (i < count && indices[i] == row) {
        Rows.scale(x, 0, width, weights[i], rows, to);
        i++;
      } else {
        Arrays.fill(rows, to, to + width, 0);
      }
    }
  }

  /** {@code y += sum_i weights[i] * row i} over the bits i of a word; all of whole vectors, rows one pitch apart. */
  static void sum(long bits, float[] weights, int weightsAt, float[] rows, int pitch, float[] y, int yAt) {
    int column = 0;
    for (; column <= pitch - 4 * COUNT; column += 4 * COUNT) {
      sumFour(bits, weights, weightsAt, rows, column, pitch, y, yAt + column);
    }
    for (; column < pitch; column += COUNT) {
      FloatVector sum = fromArray(SPECIES, y, yAt + column);
      for (long left = bits; left != 0; left &= left - 1) {
        int i = Long.numberOfTrailingZeros(left);
        sum = broadcast(SPECIES, weights[weightsAt + i]).fma(fromArray(SPECIES, rows, i * pitch + column), sum);
      }
      sum.intoArray(y, yAt + column);
    }
  }

  private static void sumFour(long bits, float[] weights, int weightsAt, float[] rows, int at, int pitch, float[] y,
      int yAt) {
    FloatVector s0 = fromArray(SPECIES, y, yAt);
    FloatVector s1 = fromArray(SPECIES, y, yAt + COUNT);
    FloatVector s2 = fromArray(SPECIES, y, yAt + 2 * COUNT);
    FloatVector s3 = fromArray(SPECIES, y, yAt + 3 * COUNT);
    for (long left = bits; left != 0; left &= left - 1) {
      int i = Long.numberOfTrailingZeros(left);
      int row = at + i * pitch;
      FloatVector weight = broadcast(SPECIES, weights[weightsAt + i]);
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

  /** {@code y += sum_i row i} over the bits i of a word; rows and y of whole vectors, rows one pitch apart. */
  static void sum(long bits, float[] rows, int pitch, float[] y, int yAt) {
    for (long left = bits; left != 0; left &= left - 1) {
      int i = Long.numberOfTrailingZeros(left);
      for (int column = 0; column < pitch; column += COUNT) {
        fromArray(SPECIES, y, yAt + column).add(fromArray(SPECIES, rows, i * pitch + column))
            .intoArray(y, yAt + column);
      }
    }
  }
}
