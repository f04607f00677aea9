package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Lanes.COUNT;
import static dev.sluice.backend.vector.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.FloatVector.zero;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Sums along one dimension: x (outer, count, inner) to y (outer, inner), always in the same order. A contiguous run is
 * summed in blocks of {@value #BLOCK} in float, and the blocks in double; columns in blocks of {@value #BLOCK_ROWS}
 * rows, and the blocks in float. An error therefore grows with the block and the number of blocks, not with the count.
 */
final class Sums {
  private static final int BLOCK = 4096;
  private static final int BLOCK_ROWS = 64;

  /** From this width on, threads share out the columns and not the rows. */
  private static final int WIDE = 1024;

  private Sums() {}

  /** {@code y[o*inner + i] = sum over c of x[(o*count + c)*inner + i]}; 0 of nothing. */
  static void sum(Workers workers, Scratch scratch, int outer, int count, int inner, float[] x, float[] y) {
    if (inner == 1) {
      sumRuns(workers, outer, count, x, y);
    } else if (inner >= WIDE || Chunks.rows(inner, Chunks.LIGHT) >= count) {
      sumColumns(workers, outer, count, inner, x, y);
    } else {
      sumTallColumns(workers, scratch, outer, count, inner, x, y);
    }
  }

  private static void sumRuns(Workers workers, int outer, int count, float[] x, float[] y) {
    int pieces = Chunks.count(count, Chunks.LIGHT);
    if (pieces <= 1) {
      int rows = Chunks.rows(count, Chunks.LIGHT);
      workers.run(Chunks.count(outer, rows), chunk -> {
        int from = chunk * rows;
        for (int o = from; o < Chunks.end(from, rows, outer); o++) {
          y[o] = (float) sum(x, o * count, count);
        }
      });
      return;
    }
    double[] partial = new double[outer * pieces];
    workers.run(outer * pieces, chunk -> {
      int from = chunk % pieces * Chunks.LIGHT;
      partial[chunk] = sum(x, chunk / pieces * count + from, Chunks.end(from, Chunks.LIGHT, count) - from);
    });
    for (int o = 0; o < outer; o++) {
      double total = 0;
      for (int piece = 0; piece < pieces; piece++) {
        total += partial[o * pieces + piece];
      }
      y[o] = (float) total;
    }
  }

  private static void sumColumns(Workers workers, int outer, int count, int inner, float[] x, float[] y) {
    if ((long) count * inner <= Chunks.LIGHT) {
      int rows = Chunks.rows(count * inner, Chunks.LIGHT);
      workers.run(Chunks.count(outer, rows), chunk -> {
        int from = chunk * rows;
        for (int o = from; o < Chunks.end(from, rows, outer); o++) {
          columns(x, o * count * inner, count, inner, 0, inner, y, o * inner);
        }
      });
      return;
    }
    int width = Math.max(WIDE / 4, Chunks.rows(count, Chunks.LIGHT) & -64);
    int pieces = Chunks.count(inner, width);
    workers.run(outer * pieces, chunk -> {
      int o = chunk / pieces;
      int from = chunk % pieces * width;
      columns(x, o * count * inner, count, inner, from, Chunks.end(from, width, inner), y, o * inner);
    });
  }

  /** Pieces of rows first, then the sum of the pieces. */
  private static void sumTallColumns(Workers workers, Scratch scratch, int outer, int count, int inner, float[] x,
      float[] y) {
    int rows = Chunks.rows(inner, Chunks.LIGHT);
    int pieces = Chunks.count(count, rows);
    float[] partial = scratch.borrow(outer * pieces * inner);
    workers.run(outer * pieces, chunk -> {
      int o = chunk / pieces;
      int from = chunk % pieces * rows;
      int n = Chunks.end(from, rows, count) - from;
      columns(x, (o * count + from) * inner, n, inner, 0, inner, partial, chunk * inner);
    });
    for (int o = 0; o < outer; o++) {
      columns(partial, o * pieces * inner, pieces, inner, 0, inner, y, o * inner);
    }
    scratch.release(partial);
  }

  /** The sum of n contiguous elements. */
  static double sum(float[] x, int offset, int n) {
    double total = 0;
    for (int i = 0; i < n; i += BLOCK) {
      total += Lanes.sum(x, offset + i, Math.min(BLOCK, n - i));
    }
    return total;
  }

  /** Sums of the columns from to to of (count, inner) at an offset. */
  private static void columns(float[] x, int offset, int count, int inner, int from, int to, float[] y, int yOffset) {
    int i = from;
    for (int end = to - 4 * COUNT; i <= end; i += 4 * COUNT) {
      fourColumns(x, offset + i, count, inner, y, yOffset + i);
    }
    for (int end = to - COUNT; i <= end; i += COUNT) {
      column(x, offset + i, count, inner, y, yOffset + i);
    }
    if (i < to) {
      column(x, offset + i, count, inner, y, yOffset + i, SPECIES.indexInRange(i, to));
    }
  }

  private static void fourColumns(float[] x, int offset, int count, int inner, float[] y, int at) {
    FloatVector t0 = zero(SPECIES);
    FloatVector t1 = t0;
    FloatVector t2 = t0;
    FloatVector t3 = t0;
    for (int block = 0; block < count; block += BLOCK_ROWS) {
      FloatVector s0 = zero(SPECIES);
      FloatVector s1 = s0;
      FloatVector s2 = s0;
      FloatVector s3 = s0;
      for (int c = block, end = Math.min(block + BLOCK_ROWS, count); c < end; c++) {
        int row = offset + c * inner;
        s0 = s0.add(fromArray(SPECIES, x, row));
        s1 = s1.add(fromArray(SPECIES, x, row + COUNT));
        s2 = s2.add(fromArray(SPECIES, x, row + 2 * COUNT));
        s3 = s3.add(fromArray(SPECIES, x, row + 3 * COUNT));
      }
      t0 = t0.add(s0);
      t1 = t1.add(s1);
      t2 = t2.add(s2);
      t3 = t3.add(s3);
    }
    t0.intoArray(y, at);
    t1.intoArray(y, at + COUNT);
    t2.intoArray(y, at + 2 * COUNT);
    t3.intoArray(y, at + 3 * COUNT);
  }

  private static void column(float[] x, int offset, int count, int inner, float[] y, int at) {
    FloatVector total = zero(SPECIES);
    for (int block = 0; block < count; block += BLOCK_ROWS) {
      FloatVector s = zero(SPECIES);
      for (int c = block, end = Math.min(block + BLOCK_ROWS, count); c < end; c++) {
        s = s.add(fromArray(SPECIES, x, offset + c * inner));
      }
      total = total.add(s);
    }
    total.intoArray(y, at);
  }

  private static void column(float[] x, int offset, int count, int inner, float[] y, int at, VectorMask<Float> mask) {
    FloatVector total = zero(SPECIES);
    for (int block = 0; block < count; block += BLOCK_ROWS) {
      FloatVector s = zero(SPECIES);
      for (int c = block, end = Math.min(block + BLOCK_ROWS, count); c < end; c++) {
        s = s.add(fromArray(SPECIES, x, offset + c * inner, mask));
      }
      total = total.add(s);
    }
    total.intoArray(y, at, mask);
  }
}
