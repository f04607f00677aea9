package dev.sluice.backend.vector;

import jdk.incubator.vector.FloatVector;

/**
 * The innermost product: {@code tile (6, columns) = A (6, depth) B (depth, columns)} with the whole tile in registers.
 *
 * <p>Element (i, j) is one chain of fused multiply-adds over the depth from 0 up, in every kernel, lane and width, so
 * that it has the same bits wherever it lies. B is a packed panel of 1, 2 or 4 vectors; A lies anywhere with a stride
 * between rows and one between terms. Rows beyond the last one repeat it: their results are not used. With 32 registers
 * (512 bit) a tile is 6x4 vectors, with 16 it is 6x2: the sums, a row of B and a broadcast of A fill them.
 */
final class Microkernel {
  /** Rows of a tile. */
  static final int ROWS = 6;
  /** Vectors in a row of the widest tile. */
  static final int VECTORS = Lanes.COUNT >= 16 ? 4 : 2;
  /** Elements of the largest tile. */
  static final int TILE = ROWS * VECTORS * Lanes.COUNT;

  private static final int LANES = Lanes.COUNT;

  private Microkernel() {}

  /**
   * Multiplies by a panel.
   *
   * @param depth terms of each sum
   * @param rows rows of A that exist, at least 1
   * @param rowStride from one row of A to the next
   * @param step from one term of a row of A to the next
   * @param vectors width of the panel: 1, 2 or 4 vectors
   * @param tile receives 6 rows as wide as the panel
   */
  static void multiply(int depth, float[] a, int aOffset, int rowStride, int rows, int step, float[] b, int bOffset,
      int vectors, float[] tile) {
    switch (vectors) {
      case 1 -> multiply6x1(depth, a, aOffset, rowStride, rows, step, b, bOffset, tile);
      case 2 -> multiply6x2(depth, a, aOffset, rowStride, rows, step, b, bOffset, tile);
      default -> multiply6x4(depth, a, aOffset, rowStride, rows, step, b, bOffset, tile);
    }
  }

  /** A tile of 6x4 vectors. */
  private static void multiply6x4(int depth, float[] a, int aOffset, int rowStride, int rows, int step, float[] b,
      int bOffset, float[] tile) {
    int row1 = aOffset + Math.min(1, rows - 1) * rowStride;
    int row2 = aOffset + Math.min(2, rows - 1) * rowStride;
    int row3 = aOffset + Math.min(3, rows - 1) * rowStride;
    int row4 = aOffset + Math.min(4, rows - 1) * rowStride;
    int row5 = aOffset + Math.min(5, rows - 1) * rowStride;
    FloatVector c00 = Lanes.zero();
    FloatVector c01 = Lanes.zero();
    FloatVector c02 = Lanes.zero();
    FloatVector c03 = Lanes.zero();
    FloatVector c10 = Lanes.zero();
    FloatVector c11 = Lanes.zero();
    FloatVector c12 = Lanes.zero();
    FloatVector c13 = Lanes.zero();
    FloatVector c20 = Lanes.zero();
    FloatVector c21 = Lanes.zero();
    FloatVector c22 = Lanes.zero();
    FloatVector c23 = Lanes.zero();
    FloatVector c30 = Lanes.zero();
    FloatVector c31 = Lanes.zero();
    FloatVector c32 = Lanes.zero();
    FloatVector c33 = Lanes.zero();
    FloatVector c40 = Lanes.zero();
    FloatVector c41 = Lanes.zero();
    FloatVector c42 = Lanes.zero();
    FloatVector c43 = Lanes.zero();
    FloatVector c50 = Lanes.zero();
    FloatVector c51 = Lanes.zero();
    FloatVector c52 = Lanes.zero();
    FloatVector c53 = Lanes.zero();
    int at = 0;
    for (int p = 0; p < depth; p++, at += step, bOffset += 4 * LANES) {
      FloatVector b0 = Lanes.load(b, bOffset);
      FloatVector b1 = Lanes.load(b, bOffset + LANES);
      FloatVector b2 = Lanes.load(b, bOffset + 2 * LANES);
      FloatVector b3 = Lanes.load(b, bOffset + 3 * LANES);
      FloatVector a0 = Lanes.broadcast(a[aOffset + at]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      c03 = a0.fma(b3, c03);
      FloatVector a1 = Lanes.broadcast(a[row1 + at]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      c12 = a1.fma(b2, c12);
      c13 = a1.fma(b3, c13);
      FloatVector a2 = Lanes.broadcast(a[row2 + at]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      c22 = a2.fma(b2, c22);
      c23 = a2.fma(b3, c23);
      FloatVector a3 = Lanes.broadcast(a[row3 + at]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      c32 = a3.fma(b2, c32);
      c33 = a3.fma(b3, c33);
      FloatVector a4 = Lanes.broadcast(a[row4 + at]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      c42 = a4.fma(b2, c42);
      c43 = a4.fma(b3, c43);
      FloatVector a5 = Lanes.broadcast(a[row5 + at]);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
      c52 = a5.fma(b2, c52);
      c53 = a5.fma(b3, c53);
    }
    c00.intoArray(tile, 0);
    c01.intoArray(tile, LANES);
    c02.intoArray(tile, 2 * LANES);
    c03.intoArray(tile, 3 * LANES);
    c10.intoArray(tile, 4 * LANES);
    c11.intoArray(tile, 5 * LANES);
    c12.intoArray(tile, 6 * LANES);
    c13.intoArray(tile, 7 * LANES);
    c20.intoArray(tile, 8 * LANES);
    c21.intoArray(tile, 9 * LANES);
    c22.intoArray(tile, 10 * LANES);
    c23.intoArray(tile, 11 * LANES);
    c30.intoArray(tile, 12 * LANES);
    c31.intoArray(tile, 13 * LANES);
    c32.intoArray(tile, 14 * LANES);
    c33.intoArray(tile, 15 * LANES);
    c40.intoArray(tile, 16 * LANES);
    c41.intoArray(tile, 17 * LANES);
    c42.intoArray(tile, 18 * LANES);
    c43.intoArray(tile, 19 * LANES);
    c50.intoArray(tile, 20 * LANES);
    c51.intoArray(tile, 21 * LANES);
    c52.intoArray(tile, 22 * LANES);
    c53.intoArray(tile, 23 * LANES);
  }

  /** A tile of 6x2 vectors. */
  private static void multiply6x2(int depth, float[] a, int aOffset, int rowStride, int rows, int step, float[] b,
      int bOffset, float[] tile) {
    int row1 = aOffset + Math.min(1, rows - 1) * rowStride;
    int row2 = aOffset + Math.min(2, rows - 1) * rowStride;
    int row3 = aOffset + Math.min(3, rows - 1) * rowStride;
    int row4 = aOffset + Math.min(4, rows - 1) * rowStride;
    int row5 = aOffset + Math.min(5, rows - 1) * rowStride;
    FloatVector c00 = Lanes.zero();
    FloatVector c01 = Lanes.zero();
    FloatVector c10 = Lanes.zero();
    FloatVector c11 = Lanes.zero();
    FloatVector c20 = Lanes.zero();
    FloatVector c21 = Lanes.zero();
    FloatVector c30 = Lanes.zero();
    FloatVector c31 = Lanes.zero();
    FloatVector c40 = Lanes.zero();
    FloatVector c41 = Lanes.zero();
    FloatVector c50 = Lanes.zero();
    FloatVector c51 = Lanes.zero();
    int at = 0;
    for (int p = 0; p < depth; p++, at += step, bOffset += 2 * LANES) {
      FloatVector b0 = Lanes.load(b, bOffset);
      FloatVector b1 = Lanes.load(b, bOffset + LANES);
      FloatVector a0 = Lanes.broadcast(a[aOffset + at]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = Lanes.broadcast(a[row1 + at]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = Lanes.broadcast(a[row2 + at]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = Lanes.broadcast(a[row3 + at]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      FloatVector a4 = Lanes.broadcast(a[row4 + at]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      FloatVector a5 = Lanes.broadcast(a[row5 + at]);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
    }
    c00.intoArray(tile, 0);
    c01.intoArray(tile, LANES);
    c10.intoArray(tile, 2 * LANES);
    c11.intoArray(tile, 3 * LANES);
    c20.intoArray(tile, 4 * LANES);
    c21.intoArray(tile, 5 * LANES);
    c30.intoArray(tile, 6 * LANES);
    c31.intoArray(tile, 7 * LANES);
    c40.intoArray(tile, 8 * LANES);
    c41.intoArray(tile, 9 * LANES);
    c50.intoArray(tile, 10 * LANES);
    c51.intoArray(tile, 11 * LANES);
  }

  /** A tile of 6x1 vectors. */
  private static void multiply6x1(int depth, float[] a, int aOffset, int rowStride, int rows, int step, float[] b,
      int bOffset, float[] tile) {
    int row1 = aOffset + Math.min(1, rows - 1) * rowStride;
    int row2 = aOffset + Math.min(2, rows - 1) * rowStride;
    int row3 = aOffset + Math.min(3, rows - 1) * rowStride;
    int row4 = aOffset + Math.min(4, rows - 1) * rowStride;
    int row5 = aOffset + Math.min(5, rows - 1) * rowStride;
    FloatVector c00 = Lanes.zero();
    FloatVector c10 = Lanes.zero();
    FloatVector c20 = Lanes.zero();
    FloatVector c30 = Lanes.zero();
    FloatVector c40 = Lanes.zero();
    FloatVector c50 = Lanes.zero();
    int at = 0;
    for (int p = 0; p < depth; p++, at += step, bOffset += LANES) {
      FloatVector b0 = Lanes.load(b, bOffset);
      FloatVector a0 = Lanes.broadcast(a[aOffset + at]);
      c00 = a0.fma(b0, c00);
      FloatVector a1 = Lanes.broadcast(a[row1 + at]);
      c10 = a1.fma(b0, c10);
      FloatVector a2 = Lanes.broadcast(a[row2 + at]);
      c20 = a2.fma(b0, c20);
      FloatVector a3 = Lanes.broadcast(a[row3 + at]);
      c30 = a3.fma(b0, c30);
      FloatVector a4 = Lanes.broadcast(a[row4 + at]);
      c40 = a4.fma(b0, c40);
      FloatVector a5 = Lanes.broadcast(a[row5 + at]);
      c50 = a5.fma(b0, c50);
    }
    c00.intoArray(tile, 0);
    c10.intoArray(tile, LANES);
    c20.intoArray(tile, 2 * LANES);
    c30.intoArray(tile, 3 * LANES);
    c40.intoArray(tile, 4 * LANES);
    c50.intoArray(tile, 5 * LANES);
  }
}
