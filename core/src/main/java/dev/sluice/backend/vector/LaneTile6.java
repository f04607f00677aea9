package dev.sluice.backend.vector;

import dev.sluice.backend.vector.LaneProduct.Left;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Register tiles of 6 rows of {@link LaneProduct}. */
final class LaneTile6 {
  private static final VectorSpecies<Float> SPECIES = Lanes.SPECIES;
  private static final int LANES = Lanes.COUNT;

  private LaneTile6() {}

  /**
   * {@code C = base + A B}.
   *
   * @param width vectors of a row: 1, 2 or 4
   * @param rows 1 to 6
   */
  static void multiply(int width, int depth, Left a, int aAt, int rows, float[] b, int bAt, float[] base, int baseAt,
      int basePitch, float[] c, int cAt, int pitch) {
    switch (width) {
      case 1 -> multiply6x1(depth, a.values(), aAt, a.row(), a.step(), rows, b, bAt, base, baseAt, basePitch, c, cAt,
          pitch);
      case 2 -> multiply6x2(depth, a.values(), aAt, a.row(), a.step(), rows, b, bAt, base, baseAt, basePitch, c, cAt,
          pitch);
      default -> multiply6x4(depth, a.values(), aAt, a.row(), a.step(), rows, b, bAt, base, baseAt, basePitch, c, cAt,
          pitch);
    }
  }

  private static void multiply6x4(int depth, float[] a, int row0, int rowStride, int step, int rows, float[] b, int bAt,
      float[] base, int baseAt, int basePitch, float[] c, int cAt, int pitch) {
    int row1 = row0 + Math.min(1, rows - 1) * rowStride;
    int row2 = row0 + Math.min(2, rows - 1) * rowStride;
    int row3 = row0 + Math.min(3, rows - 1) * rowStride;
    int row4 = row0 + Math.min(4, rows - 1) * rowStride;
    int row5 = row0 + Math.min(5, rows - 1) * rowStride;
    FloatVector c00 = FloatVector.zero(SPECIES);
    FloatVector c01 = FloatVector.zero(SPECIES);
    FloatVector c02 = FloatVector.zero(SPECIES);
    FloatVector c03 = FloatVector.zero(SPECIES);
    FloatVector c10 = FloatVector.zero(SPECIES);
    FloatVector c11 = FloatVector.zero(SPECIES);
    FloatVector c12 = FloatVector.zero(SPECIES);
    FloatVector c13 = FloatVector.zero(SPECIES);
    FloatVector c20 = FloatVector.zero(SPECIES);
    FloatVector c21 = FloatVector.zero(SPECIES);
    FloatVector c22 = FloatVector.zero(SPECIES);
    FloatVector c23 = FloatVector.zero(SPECIES);
    FloatVector c30 = FloatVector.zero(SPECIES);
    FloatVector c31 = FloatVector.zero(SPECIES);
    FloatVector c32 = FloatVector.zero(SPECIES);
    FloatVector c33 = FloatVector.zero(SPECIES);
    FloatVector c40 = FloatVector.zero(SPECIES);
    FloatVector c41 = FloatVector.zero(SPECIES);
    FloatVector c42 = FloatVector.zero(SPECIES);
    FloatVector c43 = FloatVector.zero(SPECIES);
    FloatVector c50 = FloatVector.zero(SPECIES);
    FloatVector c51 = FloatVector.zero(SPECIES);
    FloatVector c52 = FloatVector.zero(SPECIES);
    FloatVector c53 = FloatVector.zero(SPECIES);
    int at = 0;
    for (int p = bAt; p < bAt + depth * LaneProduct.PITCH; p += LaneProduct.PITCH, at += step) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, p);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, p + LANES);
      FloatVector b2 = FloatVector.fromArray(SPECIES, b, p + 2 * LANES);
      FloatVector b3 = FloatVector.fromArray(SPECIES, b, p + 3 * LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[row0 + at]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      c03 = a0.fma(b3, c03);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[row1 + at]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      c12 = a1.fma(b2, c12);
      c13 = a1.fma(b3, c13);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[row2 + at]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      c22 = a2.fma(b2, c22);
      c23 = a2.fma(b3, c23);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[row3 + at]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      c32 = a3.fma(b2, c32);
      c33 = a3.fma(b3, c33);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[row4 + at]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      c42 = a4.fma(b2, c42);
      c43 = a4.fma(b3, c43);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[row5 + at]);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
      c52 = a5.fma(b2, c52);
      c53 = a5.fma(b3, c53);
    }
    c00.add(FloatVector.fromArray(SPECIES, base, baseAt)).intoArray(c, cAt);
    c01.add(FloatVector.fromArray(SPECIES, base, baseAt + LANES)).intoArray(c, cAt + LANES);
    c02.add(FloatVector.fromArray(SPECIES, base, baseAt + 2 * LANES)).intoArray(c, cAt + 2 * LANES);
    c03.add(FloatVector.fromArray(SPECIES, base, baseAt + 3 * LANES)).intoArray(c, cAt + 3 * LANES);
    if (rows > 1) {
      baseAt += basePitch;
      cAt += pitch;
      c10.add(FloatVector.fromArray(SPECIES, base, baseAt)).intoArray(c, cAt);
      c11.add(FloatVector.fromArray(SPECIES, base, baseAt + LANES)).intoArray(c, cAt + LANES);
      c12.add(FloatVector.fromArray(SPECIES, base, baseAt + 2 * LANES)).intoArray(c, cAt + 2 * LANES);
      c13.add(FloatVector.fromArray(SPECIES, base, baseAt + 3 * LANES)).intoArray(c, cAt + 3 * LANES);
    }
    if (rows > 2) {
      baseAt += basePitch;
      cAt += pitch;
      c20.add(FloatVector.fromArray(SPECIES, base, baseAt)).intoArray(c, cAt);
      c21.add(FloatVector.fromArray(SPECIES, base, baseAt + LANES)).intoArray(c, cAt + LANES);
      c22.add(FloatVector.fromArray(SPECIES, base, baseAt + 2 * LANES)).intoArray(c, cAt + 2 * LANES);
      c23.add(FloatVector.fromArray(SPECIES, base, baseAt + 3 * LANES)).intoArray(c, cAt + 3 * LANES);
    }
    if (rows > 3) {
      baseAt += basePitch;
      cAt += pitch;
      c30.add(FloatVector.fromArray(SPECIES, base, baseAt)).intoArray(c, cAt);
      c31.add(FloatVector.fromArray(SPECIES, base, baseAt + LANES)).intoArray(c, cAt + LANES);
      c32.add(FloatVector.fromArray(SPECIES, base, baseAt + 2 * LANES)).intoArray(c, cAt + 2 * LANES);
      c33.add(FloatVector.fromArray(SPECIES, base, baseAt + 3 * LANES)).intoArray(c, cAt + 3 * LANES);
    }
    if (rows > 4) {
      baseAt += basePitch;
      cAt += pitch;
      c40.add(FloatVector.fromArray(SPECIES, base, baseAt)).intoArray(c, cAt);
      c41.add(FloatVector.fromArray(SPECIES, base, baseAt + LANES)).intoArray(c, cAt + LANES);
      c42.add(FloatVector.fromArray(SPECIES, base, baseAt + 2 * LANES)).intoArray(c, cAt + 2 * LANES);
      c43.add(FloatVector.fromArray(SPECIES, base, baseAt + 3 * LANES)).intoArray(c, cAt + 3 * LANES);
    }
    if (rows > 5) {
      baseAt += basePitch;
      cAt += pitch;
      c50.add(FloatVector.fromArray(SPECIES, base, baseAt)).intoArray(c, cAt);
      c51.add(FloatVector.fromArray(SPECIES, base, baseAt + LANES)).intoArray(c, cAt + LANES);
      c52.add(FloatVector.fromArray(SPECIES, base, baseAt + 2 * LANES)).intoArray(c, cAt + 2 * LANES);
      c53.add(FloatVector.fromArray(SPECIES, base, baseAt + 3 * LANES)).intoArray(c, cAt + 3 * LANES);
    }
  }

  private static void multiply6x2(int depth, float[] a, int row0, int rowStride, int step, int rows, float[] b, int bAt,
      float[] base, int baseAt, int basePitch, float[] c, int cAt, int pitch) {
    int row1 = row0 + Math.min(1, rows - 1) * rowStride;
    int row2 = row0 + Math.min(2, rows - 1) * rowStride;
    int row3 = row0 + Math.min(3, rows - 1) * rowStride;
    int row4 = row0 + Math.min(4, rows - 1) * rowStride;
    int row5 = row0 + Math.min(5, rows - 1) * rowStride;
    FloatVector c00 = FloatVector.zero(SPECIES);
    FloatVector c01 = FloatVector.zero(SPECIES);
    FloatVector c10 = FloatVector.zero(SPECIES);
    FloatVector c11 = FloatVector.zero(SPECIES);
    FloatVector c20 = FloatVector.zero(SPECIES);
    FloatVector c21 = FloatVector.zero(SPECIES);
    FloatVector c30 = FloatVector.zero(SPECIES);
    FloatVector c31 = FloatVector.zero(SPECIES);
    FloatVector c40 = FloatVector.zero(SPECIES);
    FloatVector c41 = FloatVector.zero(SPECIES);
    FloatVector c50 = FloatVector.zero(SPECIES);
    FloatVector c51 = FloatVector.zero(SPECIES);
    int at = 0;
    for (int p = bAt; p < bAt + depth * LaneProduct.PITCH; p += LaneProduct.PITCH, at += step) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, p);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, p + LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[row0 + at]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[row1 + at]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[row2 + at]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[row3 + at]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[row4 + at]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[row5 + at]);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
    }
    c00.add(FloatVector.fromArray(SPECIES, base, baseAt)).intoArray(c, cAt);
    c01.add(FloatVector.fromArray(SPECIES, base, baseAt + LANES)).intoArray(c, cAt + LANES);
    if (rows > 1) {
      baseAt += basePitch;
      cAt += pitch;
      c10.add(FloatVector.fromArray(SPECIES, base, baseAt)).intoArray(c, cAt);
      c11.add(FloatVector.fromArray(SPECIES, base, baseAt + LANES)).intoArray(c, cAt + LANES);
    }
    if (rows > 2) {
      baseAt += basePitch;
      cAt += pitch;
      c20.add(FloatVector.fromArray(SPECIES, base, baseAt)).intoArray(c, cAt);
      c21.add(FloatVector.fromArray(SPECIES, base, baseAt + LANES)).intoArray(c, cAt + LANES);
    }
    if (rows > 3) {
      baseAt += basePitch;
      cAt += pitch;
      c30.add(FloatVector.fromArray(SPECIES, base, baseAt)).intoArray(c, cAt);
      c31.add(FloatVector.fromArray(SPECIES, base, baseAt + LANES)).intoArray(c, cAt + LANES);
    }
    if (rows > 4) {
      baseAt += basePitch;
      cAt += pitch;
      c40.add(FloatVector.fromArray(SPECIES, base, baseAt)).intoArray(c, cAt);
      c41.add(FloatVector.fromArray(SPECIES, base, baseAt + LANES)).intoArray(c, cAt + LANES);
    }
    if (rows > 5) {
      baseAt += basePitch;
      cAt += pitch;
      c50.add(FloatVector.fromArray(SPECIES, base, baseAt)).intoArray(c, cAt);
      c51.add(FloatVector.fromArray(SPECIES, base, baseAt + LANES)).intoArray(c, cAt + LANES);
    }
  }

  private static void multiply6x1(int depth, float[] a, int row0, int rowStride, int step, int rows, float[] b, int bAt,
      float[] base, int baseAt, int basePitch, float[] c, int cAt, int pitch) {
    int row1 = row0 + Math.min(1, rows - 1) * rowStride;
    int row2 = row0 + Math.min(2, rows - 1) * rowStride;
    int row3 = row0 + Math.min(3, rows - 1) * rowStride;
    int row4 = row0 + Math.min(4, rows - 1) * rowStride;
    int row5 = row0 + Math.min(5, rows - 1) * rowStride;
    FloatVector c00 = FloatVector.zero(SPECIES);
    FloatVector c10 = FloatVector.zero(SPECIES);
    FloatVector c20 = FloatVector.zero(SPECIES);
    FloatVector c30 = FloatVector.zero(SPECIES);
    FloatVector c40 = FloatVector.zero(SPECIES);
    FloatVector c50 = FloatVector.zero(SPECIES);
    int at = 0;
    for (int p = bAt; p < bAt + depth * LaneProduct.PITCH; p += LaneProduct.PITCH, at += step) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, p);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[row0 + at]);
      c00 = a0.fma(b0, c00);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[row1 + at]);
      c10 = a1.fma(b0, c10);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[row2 + at]);
      c20 = a2.fma(b0, c20);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[row3 + at]);
      c30 = a3.fma(b0, c30);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[row4 + at]);
      c40 = a4.fma(b0, c40);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[row5 + at]);
      c50 = a5.fma(b0, c50);
    }
    c00.add(FloatVector.fromArray(SPECIES, base, baseAt)).intoArray(c, cAt);
    if (rows > 1) {
      baseAt += basePitch;
      cAt += pitch;
      c10.add(FloatVector.fromArray(SPECIES, base, baseAt)).intoArray(c, cAt);
    }
    if (rows > 2) {
      baseAt += basePitch;
      cAt += pitch;
      c20.add(FloatVector.fromArray(SPECIES, base, baseAt)).intoArray(c, cAt);
    }
    if (rows > 3) {
      baseAt += basePitch;
      cAt += pitch;
      c30.add(FloatVector.fromArray(SPECIES, base, baseAt)).intoArray(c, cAt);
    }
    if (rows > 4) {
      baseAt += basePitch;
      cAt += pitch;
      c40.add(FloatVector.fromArray(SPECIES, base, baseAt)).intoArray(c, cAt);
    }
    if (rows > 5) {
      baseAt += basePitch;
      cAt += pitch;
      c50.add(FloatVector.fromArray(SPECIES, base, baseAt)).intoArray(c, cAt);
    }
  }
}
