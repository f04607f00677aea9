package dev.sluice.backend.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/** The tiles of {@link Microkernel} that have 6 and 4 rows. */
final class LowTiles {
  private static final VectorSpecies<Float> SPECIES = Lanes.SPECIES;
  private static final int LANES = Lanes.COUNT;
  private static final int PITCH = Microkernel.PITCH;

  private LowTiles() {}

  /** A tile of 6x2 vectors. */
  static void multiply6x2(int depth, float[] a, int aOffset, float[] b, int bOffset,
      float @Nullable [] addend, int from, int step, float[] c, int cOffset, int cStride) {
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
    int at = aOffset;
    for (int p = bOffset; p < bOffset + depth * 2 * LANES; p += 2 * LANES, at++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, p);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, p + LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[at]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[at + PITCH]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[at + 2 * PITCH]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[at + 3 * PITCH]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[at + 4 * PITCH]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[at + 5 * PITCH]);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
    }
    if (addend != null) {
      c00 = c00.add(FloatVector.fromArray(SPECIES, addend, from));
      c01 = c01.add(FloatVector.fromArray(SPECIES, addend, from + LANES));
      c10 = c10.add(FloatVector.fromArray(SPECIES, addend, from + step));
      c11 = c11.add(FloatVector.fromArray(SPECIES, addend, from + step + LANES));
      c20 = c20.add(FloatVector.fromArray(SPECIES, addend, from + 2 * step));
      c21 = c21.add(FloatVector.fromArray(SPECIES, addend, from + 2 * step + LANES));
      c30 = c30.add(FloatVector.fromArray(SPECIES, addend, from + 3 * step));
      c31 = c31.add(FloatVector.fromArray(SPECIES, addend, from + 3 * step + LANES));
      c40 = c40.add(FloatVector.fromArray(SPECIES, addend, from + 4 * step));
      c41 = c41.add(FloatVector.fromArray(SPECIES, addend, from + 4 * step + LANES));
      c50 = c50.add(FloatVector.fromArray(SPECIES, addend, from + 5 * step));
      c51 = c51.add(FloatVector.fromArray(SPECIES, addend, from + 5 * step + LANES));
    }
    c00.intoArray(c, cOffset);
    c01.intoArray(c, cOffset + LANES);
    c10.intoArray(c, cOffset + cStride);
    c11.intoArray(c, cOffset + cStride + LANES);
    c20.intoArray(c, cOffset + 2 * cStride);
    c21.intoArray(c, cOffset + 2 * cStride + LANES);
    c30.intoArray(c, cOffset + 3 * cStride);
    c31.intoArray(c, cOffset + 3 * cStride + LANES);
    c40.intoArray(c, cOffset + 4 * cStride);
    c41.intoArray(c, cOffset + 4 * cStride + LANES);
    c50.intoArray(c, cOffset + 5 * cStride);
    c51.intoArray(c, cOffset + 5 * cStride + LANES);
  }

  /** A tile of 6x1 vectors. */
  static void multiply6x1(int depth, float[] a, int aOffset, float[] b, int bOffset,
      float @Nullable [] addend, int from, int step, float[] c, int cOffset, int cStride) {
    FloatVector c00 = FloatVector.zero(SPECIES);
    FloatVector c10 = FloatVector.zero(SPECIES);
    FloatVector c20 = FloatVector.zero(SPECIES);
    FloatVector c30 = FloatVector.zero(SPECIES);
    FloatVector c40 = FloatVector.zero(SPECIES);
    FloatVector c50 = FloatVector.zero(SPECIES);
    int at = aOffset;
    for (int p = bOffset; p < bOffset + depth * LANES; p += LANES, at++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, p);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[at]);
      c00 = a0.fma(b0, c00);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[at + PITCH]);
      c10 = a1.fma(b0, c10);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[at + 2 * PITCH]);
      c20 = a2.fma(b0, c20);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[at + 3 * PITCH]);
      c30 = a3.fma(b0, c30);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[at + 4 * PITCH]);
      c40 = a4.fma(b0, c40);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[at + 5 * PITCH]);
      c50 = a5.fma(b0, c50);
    }
    if (addend != null) {
      c00 = c00.add(FloatVector.fromArray(SPECIES, addend, from));
      c10 = c10.add(FloatVector.fromArray(SPECIES, addend, from + step));
      c20 = c20.add(FloatVector.fromArray(SPECIES, addend, from + 2 * step));
      c30 = c30.add(FloatVector.fromArray(SPECIES, addend, from + 3 * step));
      c40 = c40.add(FloatVector.fromArray(SPECIES, addend, from + 4 * step));
      c50 = c50.add(FloatVector.fromArray(SPECIES, addend, from + 5 * step));
    }
    c00.intoArray(c, cOffset);
    c10.intoArray(c, cOffset + cStride);
    c20.intoArray(c, cOffset + 2 * cStride);
    c30.intoArray(c, cOffset + 3 * cStride);
    c40.intoArray(c, cOffset + 4 * cStride);
    c50.intoArray(c, cOffset + 5 * cStride);
  }

  /** A tile of 4x2 vectors. */
  static void multiply4x2(int depth, float[] a, int aOffset, float[] b, int bOffset,
      float @Nullable [] addend, int from, int step, float[] c, int cOffset, int cStride) {
    FloatVector c00 = FloatVector.zero(SPECIES);
    FloatVector c01 = FloatVector.zero(SPECIES);
    FloatVector c10 = FloatVector.zero(SPECIES);
    FloatVector c11 = FloatVector.zero(SPECIES);
    FloatVector c20 = FloatVector.zero(SPECIES);
    FloatVector c21 = FloatVector.zero(SPECIES);
    FloatVector c30 = FloatVector.zero(SPECIES);
    FloatVector c31 = FloatVector.zero(SPECIES);
    int at = aOffset;
    for (int p = bOffset; p < bOffset + depth * 2 * LANES; p += 2 * LANES, at++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, p);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, p + LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[at]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[at + PITCH]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[at + 2 * PITCH]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[at + 3 * PITCH]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
    }
    if (addend != null) {
      c00 = c00.add(FloatVector.fromArray(SPECIES, addend, from));
      c01 = c01.add(FloatVector.fromArray(SPECIES, addend, from + LANES));
      c10 = c10.add(FloatVector.fromArray(SPECIES, addend, from + step));
      c11 = c11.add(FloatVector.fromArray(SPECIES, addend, from + step + LANES));
      c20 = c20.add(FloatVector.fromArray(SPECIES, addend, from + 2 * step));
      c21 = c21.add(FloatVector.fromArray(SPECIES, addend, from + 2 * step + LANES));
      c30 = c30.add(FloatVector.fromArray(SPECIES, addend, from + 3 * step));
      c31 = c31.add(FloatVector.fromArray(SPECIES, addend, from + 3 * step + LANES));
    }
    c00.intoArray(c, cOffset);
    c01.intoArray(c, cOffset + LANES);
    c10.intoArray(c, cOffset + cStride);
    c11.intoArray(c, cOffset + cStride + LANES);
    c20.intoArray(c, cOffset + 2 * cStride);
    c21.intoArray(c, cOffset + 2 * cStride + LANES);
    c30.intoArray(c, cOffset + 3 * cStride);
    c31.intoArray(c, cOffset + 3 * cStride + LANES);
  }

  /** A tile of 4x1 vectors. */
  static void multiply4x1(int depth, float[] a, int aOffset, float[] b, int bOffset,
      float @Nullable [] addend, int from, int step, float[] c, int cOffset, int cStride) {
    FloatVector c00 = FloatVector.zero(SPECIES);
    FloatVector c10 = FloatVector.zero(SPECIES);
    FloatVector c20 = FloatVector.zero(SPECIES);
    FloatVector c30 = FloatVector.zero(SPECIES);
    int at = aOffset;
    for (int p = bOffset; p < bOffset + depth * LANES; p += LANES, at++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, p);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[at]);
      c00 = a0.fma(b0, c00);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[at + PITCH]);
      c10 = a1.fma(b0, c10);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[at + 2 * PITCH]);
      c20 = a2.fma(b0, c20);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[at + 3 * PITCH]);
      c30 = a3.fma(b0, c30);
    }
    if (addend != null) {
      c00 = c00.add(FloatVector.fromArray(SPECIES, addend, from));
      c10 = c10.add(FloatVector.fromArray(SPECIES, addend, from + step));
      c20 = c20.add(FloatVector.fromArray(SPECIES, addend, from + 2 * step));
      c30 = c30.add(FloatVector.fromArray(SPECIES, addend, from + 3 * step));
    }
    c00.intoArray(c, cOffset);
    c10.intoArray(c, cOffset + cStride);
    c20.intoArray(c, cOffset + 2 * cStride);
    c30.intoArray(c, cOffset + 3 * cStride);
  }
}
