package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Lanes.COUNT;
import static dev.sluice.backend.vector.Lanes.INTS;
import static dev.sluice.backend.vector.Lanes.SPECIES;
import static dev.sluice.backend.vector.Lanes.bound;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.FloatVector.zero;
import static jdk.incubator.vector.VectorOperators.GT;

import dev.sluice.spi.ReductionSpec;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;

/**
 * Largest and smallest elements, where they are, and how their gradient is shared. A NaN is the largest and the
 * smallest.
 */
final class Extremes {
  private Extremes() {}

  /** The largest or smallest element of each column of (count, inner); count is 1 or more. */
  static void columns(boolean largest, float[] x, int offset, int count, int inner, float[] y, int yOffset) {
    int i = 0;
    for (int end = bound(0, inner); i < end; i += COUNT) {
      (largest ? max(x, offset + i, count, inner) : min(x, offset + i, count, inner)).intoArray(y, yOffset + i);
    }
    for (; i < inner; i++) {
      float m = x[offset + i];
      for (int c = 1; c < count; c++) {
        float v = x[offset + c * inner + i];
        m = largest ? Math.max(m, v) : Math.min(m, v);
      }
      y[yOffset + i] = m;
    }
  }

  private static FloatVector max(float[] x, int at, int count, int inner) {
    FloatVector m = fromArray(SPECIES, x, at);
    for (int c = 1; c < count; c++) {
      m = m.max(fromArray(SPECIES, x, at + c * inner));
    }
    return m;
  }

  private static FloatVector min(float[] x, int at, int count, int inner) {
    FloatVector m = fromArray(SPECIES, x, at);
    for (int c = 1; c < count; c++) {
      m = m.min(fromArray(SPECIES, x, at + c * inner));
    }
    return m;
  }

  /** The gradient of row o of the outer dimension: an equal part for all that equal the extreme, 0 for the others. */
  static void share(float[] x, ReductionSpec spec, int o, float[] y, float[] gradY, float[] gradX) {
    int inner = spec.inner();
    int start = o * spec.count() * inner;
    if (inner == 1) {
      shareRun(x, start, spec.count(), y[o], gradY[o], gradX);
      return;
    }
    int i = 0;
    for (int end = bound(0, inner); i < end; i += COUNT) {
      shareColumns(x, start + i, spec.count(), inner, fromArray(SPECIES, y, o * inner + i),
          fromArray(SPECIES, gradY, o * inner + i), gradX);
    }
    for (; i < inner; i++) {
      shareColumn(x, start + i, spec.count(), inner, y[o * inner + i], gradY[o * inner + i], gradX);
    }
  }

  private static void shareRun(float[] x, int start, int count, float extreme, float gradient, float[] gradX) {
    int equals = 0;
    int i = 0;
    for (int end = bound(0, count); i < end; i += COUNT) {
      equals += fromArray(SPECIES, x, start + i).eq(extreme).trueCount();
    }
    for (; i < count; i++) {
      equals += x[start + i] == extreme ? 1 : 0;
    }
    float part = gradient / equals;
    i = 0;
    for (int end = bound(0, count); i < end; i += COUNT) {
      zero(SPECIES).blend(part, fromArray(SPECIES, x, start + i).eq(extreme)).intoArray(gradX, start + i);
    }
    for (; i < count; i++) {
      gradX[start + i] = x[start + i] == extreme ? part : 0f;
    }
  }

  private static void shareColumns(float[] x, int start, int count, int inner, FloatVector extreme,
      FloatVector gradient, float[] gradX) {
    // Counting in float is exact up to 2^24, and beyond it rounds to a count that is as good.
    FloatVector equals = zero(SPECIES);
    for (int c = 0; c < count; c++) {
      equals = equals.add(zero(SPECIES).blend(1f, fromArray(SPECIES, x, start + c * inner).eq(extreme)));
    }
    FloatVector part = gradient.div(equals);
    for (int c = 0; c < count; c++) {
      int at = start + c * inner;
      zero(SPECIES).blend(part, fromArray(SPECIES, x, at).eq(extreme)).intoArray(gradX, at);
    }
  }

  private static void shareColumn(float[] x, int start, int count, int inner, float extreme, float gradient,
      float[] gradX) {
    int equals = 0;
    for (int c = 0; c < count; c++) {
      equals += x[start + c * inner] == extreme ? 1 : 0;
    }
    for (int c = 0; c < count; c++) {
      gradX[start + c * inner] = x[start + c * inner] == extreme ? gradient / equals : 0f;
    }
  }

  /** The lowest index of the largest of n elements, or of the first NaN: the extreme first, then where it is. */
  static int argMax(float[] x, int offset, int n) {
    float largest = Lanes.max(x, offset, n);
    boolean isNaN = Float.isNaN(largest);
    int i = 0;
    for (int end = bound(0, n); i < end; i += COUNT) {
      FloatVector v = fromArray(SPECIES, x, offset + i);
      VectorMask<Float> found = isNaN ? v.eq(v).not() : v.eq(largest);
      if (found.anyTrue()) {
        return i + found.firstTrue();
      }
    }
    for (; i < n; i++) {
      float v = x[offset + i];
      if (isNaN ? Float.isNaN(v) : v == largest) {
        return i;
      }
    }
    throw new AssertionError("no element equals the largest");
  }

  /** {@link #argMax} of each column of (count, inner). */
  static void argMaxColumns(float[] x, int offset, int count, int inner, int[] indices, int indicesOffset) {
    int i = 0;
    for (int end = bound(0, inner); i < end; i += COUNT) {
      FloatVector best = fromArray(SPECIES, x, offset + i);
      IntVector index = IntVector.zero(INTS);
      for (int c = 1; c < count; c++) {
        FloatVector v = fromArray(SPECIES, x, offset + c * inner + i);
        VectorMask<Float> better = v.compare(GT, best).or(v.eq(v).not().and(best.eq(best)));
        best = best.blend(v, better);
        index = index.blend(c, better.cast(INTS));
      }
      index.intoArray(indices, indicesOffset + i);
    }
    for (; i < inner; i++) {
      int best = 0;
      for (int c = 1; c < count; c++) {
        float v = x[offset + c * inner + i];
        float largest = x[offset + best * inner + i];
        best = v > largest || (Float.isNaN(v) && !Float.isNaN(largest)) ? c : best;
      }
      indices[indicesOffset + i] = best;
    }
  }
}
