package dev.sluice.backend.vector;

import dev.sluice.backend.vector.LaneProduct.Left;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Register tiles of the 4 rows or fewer that are left at the end of a {@link LaneProduct}. */
final class LaneTile4 {
  private static final VectorSpecies<Float> SPECIES = Lanes.SPECIES;
  private static final int LANES = Lanes.COUNT;

  private LaneTile4() {}

  /**
   * {@code C = base + A B}.
   *
   * @param width vectors of a row: 1, 2 or 4
   * @param rows 1 to 4
   */
  static void multiply(int width, int depth, Left a, int aAt, int rows, float[] b, int bAt, float[] base, int baseAt,
      int basePitch, float[] c, int cAt, int pitch) {
    switch (width) {
      case 1 -> multiply4x1(depth, a.values(), aAt, a.row(), a.step(), rows, b, bAt, base, baseAt, basePitch, c, cAt,
          pitch);
      case 2 -> multiply4x2(depth, a.values(), aAt, a.row(), a.step(), rows, b, bAt, base, baseAt, basePitch, c, cAt,
          pitch);
      default -> multiply4x4(depth, a.values(), aAt, a.row(), a.step(), rows, b, bAt, base, baseAt, basePitch, c, cAt,
          pitch);
    }
  }

  private static void multiply4x4(int depth, float[] a, int row0, int rowStride, int step, int rows, float[] b, int bAt,
      float[] base, int baseAt, int basePitch, float[] c, int cAt, int pitch) {
    int row1 = row0 + Math.min(1, rows - 1) * rowStride;
    int row2 = row0 + Math.min(2, rows - 1) * rowStride;
    int row3 = row0 + Math.min(3, rows - 1) * rowStride;
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
  }

  private static void multiply4x2(int depth, float[] a, int row0, int rowStride, int step, int rows, float[] b, int bAt,
      float[] base, int baseAt, int basePitch, float[] c, int cAt, int pitch) {
    int row1 = row0 + Math.min(1, rows - 1) * rowStride;
    int row2 = row0 + Math.min(2, rows - 1) * rowStride;
    int row3 = row0 + Math.min(3, rows - 1) * rowStride;
    FloatVector c00 = FloatVector.zero(SPECIES);
    FloatVector c01 = FloatVector.zero(SPECIES);
    FloatVector c10 = FloatVector.zero(SPECIES);
    FloatVector c11 = FloatVector.zero(SPECIES);
    FloatVector c20 = FloatVector.zero(SPECIES);
    FloatVector c21 = FloatVector.zero(SPECIES);
    FloatVector c30 = FloatVector.zero(SPECIES);
    FloatVector c31 = FloatVector.zero(SPECIES);
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
  }

  private static void multiply4x1(int depth, float[] a, int row0, int rowStride, int step, int rows, float[] b, int bAt,
      float[] base, int baseAt, int basePitch, float[] c, int cAt, int pitch) {
    int row1 = row0 + Math.min(1, rows - 1) * rowStride;
    int row2 = row0 + Math.min(2, rows - 1) * rowStride;
    int row3 = row0 + Math.min(3, rows - 1) * rowStride;
    FloatVector c00 = FloatVector.zero(SPECIES);
    FloatVector c10 = FloatVector.zero(SPECIES);
    FloatVector c20 = FloatVector.zero(SPECIES);
    FloatVector c30 = FloatVector.zero(SPECIES);
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
  }
}
