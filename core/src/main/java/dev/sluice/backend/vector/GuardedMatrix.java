package dev.sluice.backend.vector;

import dev.sluice.backend.vector.GemmTiles.Epilogue;
import dev.sluice.backend.vector.GemmTiles.Left;
import jdk.incubator.vector.FloatVector;

/**
 * Rows of keys, values, queries or gradients as the right-hand side B (depth, columns) of a product {@code C += alpha * A B} in which some
 * elements of A take no part: they are 0, but 0 times NaN or infinity is NaN. Where all of B is finite the packed product is right as it
 * stands; where not, the terms are added one by one and B is not read for those that take no part.
 *
 * @param packed B as the microkernel reads it
 * @param source where B lies
 * @param at its first element
 * @param stride from one row to the next
 * @param finite whether all of it is finite
 */
record GuardedMatrix(PackedMatrix packed, float[] source, int at, int stride, boolean finite) {
  /** The gate of an element of A that takes no part. */
  static final float CLOSED = Float.NEGATIVE_INFINITY;

  /** Packs the rows into the panels, of at least {@link PackedMatrix#size}. */
  static GuardedMatrix pack(int depth, int columns, float[] source, int at, int stride, float[] panels) {
    PackedMatrix packed = new PackedMatrix(depth, columns, panels);
    packed.pack(source, at, stride, false);
    return new GuardedMatrix(packed, source, at, stride, finite(panels, PackedMatrix.size(depth, columns)));
  }

  /**
   * {@code C += alpha * A B}.
   *
   * @param gates laid out as A; {@link #CLOSED} where an element takes no part
   */
  void addProduct(Left a, float[] gates, int rows, float alpha, float[] c, int cAt, int cStride, float[] workspace) {
    if (finite) {
      GemmTiles.multiply(a, rows, packed, new Epilogue(alpha, 1, null, 0), c, cAt, cStride, workspace);
    } else {
      for (int i = 0; i < rows; i++) {
        addOpenTerms(a, gates, i, alpha, c, cAt + i * cStride);
      }
    }
  }

  private void addOpenTerms(Left a, float[] gates, int i, float alpha, float[] c, int cAt) {
    for (int p = 0; p < packed.depth(); p++) {
      int index = a.offset() + (a.transposed() ? p * a.stride() + i : i * a.stride() + p);
      if (gates[index] != CLOSED) {
        float weight = alpha * a.values()[index];
        int row = at + p * stride;
        for (int j = 0; j < packed.columns(); j++) {
          c[cAt + j] = Math.fma(weight, source[row + j], c[cAt + j]);
        }
      }
    }
  }

  /** Whether the first n floats, whole vectors, are finite: only then is each, less itself, 0. */
  private static boolean finite(float[] values, int n) {
    FloatVector s0 = Lanes.zero();
    FloatVector s1 = Lanes.zero();
    int i = 0;
    for (; i <= n - 2 * Lanes.COUNT; i += 2 * Lanes.COUNT) {
      FloatVector v0 = Lanes.load(values, i);
      FloatVector v1 = Lanes.load(values, i + Lanes.COUNT);
      s0 = s0.add(v0.sub(v0));
      s1 = s1.add(v1.sub(v1));
    }
    if (i < n) {
      FloatVector v = Lanes.load(values, i);
      s0 = s0.add(v.sub(v));
    }
    return Lanes.sum(s0.add(s1)) == 0;
  }
}
