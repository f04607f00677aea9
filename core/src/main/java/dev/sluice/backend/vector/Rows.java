package dev.sluice.backend.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Passes over one row of n elements that several kernels share. Each has an unmasked main loop and one masked step for
 * the tail, so that a row shorter than a vector is one step as well.
 */
final class Rows {
  private static final VectorSpecies<Float> SPECIES = Lanes.SPECIES;
  private static final int COUNT = Lanes.COUNT;

  private Rows() {}

  /** {@code sum exp(x - shift)}. */
  static float sumExp(float[] x, int at, int n, float shift) {
    FloatVector s0 = Lanes.zero();
    FloatVector s1 = s0;
    int i = 0;
    for (; i <= n - 2 * COUNT; i += 2 * COUNT) {
      s0 = s0.add(VectorMath.exp(Lanes.load(x, at + i).sub(shift)));
      s1 = s1.add(VectorMath.exp(Lanes.load(x, at + i + COUNT).sub(shift)));
    }
    if (i <= n - COUNT) {
      s0 = s0.add(VectorMath.exp(Lanes.load(x, at + i).sub(shift)));
      i += COUNT;
    }
    if (i < n) {
      VectorMask<Float> tail = Lanes.tail(i, n);
      FloatVector e = VectorMath.exp(Lanes.load(x, at + i, tail).sub(shift));
      s1 = s1.add(Lanes.zero().blend(e, tail));
    }
    return Lanes.sum(s0.add(s1));
  }

  /** {@code y = exp(x - shift)}, where y may be x; returns their sum, in the same order as {@link #sumExp}. */
  static float exp(float[] x, int xAt, int n, float shift, float[] y, int yAt) {
    FloatVector s0 = Lanes.zero();
    FloatVector s1 = s0;
    int i = 0;
    for (; i <= n - 2 * COUNT; i += 2 * COUNT) {
      FloatVector e0 = VectorMath.exp(Lanes.load(x, xAt + i).sub(shift));
      FloatVector e1 = VectorMath.exp(Lanes.load(x, xAt + i + COUNT).sub(shift));
      e0.intoArray(y, yAt + i);
      e1.intoArray(y, yAt + i + COUNT);
      s0 = s0.add(e0);
      s1 = s1.add(e1);
    }
    if (i <= n - COUNT) {
      FloatVector e = VectorMath.exp(Lanes.load(x, xAt + i).sub(shift));
      e.intoArray(y, yAt + i);
      s0 = s0.add(e);
      i += COUNT;
    }
    if (i < n) {
      VectorMask<Float> tail = Lanes.tail(i, n);
      FloatVector e = VectorMath.exp(Lanes.load(x, xAt + i, tail).sub(shift));
      e.intoArray(y, yAt + i, tail);
      s1 = s1.add(Lanes.zero().blend(e, tail));
    }
    return Lanes.sum(s0.add(s1));
  }

  /** {@code y = x / divisor}, where y may be x. */
  static void divide(float[] x, int xAt, int n, float divisor, float[] y, int yAt) {
    int i = 0;
    for (; i <= n - COUNT; i += COUNT) {
      Lanes.load(x, xAt + i).div(divisor).intoArray(y, yAt + i);
    }
    if (i < n) {
      VectorMask<Float> tail = Lanes.tail(i, n);
      Lanes.load(x, xAt + i, tail).div(divisor).intoArray(y, yAt + i, tail);
    }
  }

  /** {@code sum (x - centre)}. */
  static float sumAbout(float[] x, int at, int n, float centre) {
    FloatVector s0 = Lanes.zero();
    FloatVector s1 = s0;
    int i = 0;
    for (; i <= n - 2 * COUNT; i += 2 * COUNT) {
      s0 = s0.add(Lanes.load(x, at + i).sub(centre));
      s1 = s1.add(Lanes.load(x, at + i + COUNT).sub(centre));
    }
    if (i <= n - COUNT) {
      s0 = s0.add(Lanes.load(x, at + i).sub(centre));
      i += COUNT;
    }
    if (i < n) {
      s1 = s1.add(tailAbout(x, at + i, n - i, centre));
    }
    return Lanes.sum(s0.add(s1));
  }

  /** {@code sum (x - centre)^2}. */
  static float squaresAbout(float[] x, int at, int n, float centre) {
    FloatVector s0 = Lanes.zero();
    FloatVector s1 = s0;
    int i = 0;
    for (; i <= n - 2 * COUNT; i += 2 * COUNT) {
      FloatVector d0 = Lanes.load(x, at + i).sub(centre);
      FloatVector d1 = Lanes.load(x, at + i + COUNT).sub(centre);
      s0 = d0.fma(d0, s0);
      s1 = d1.fma(d1, s1);
    }
    if (i <= n - COUNT) {
      FloatVector d = Lanes.load(x, at + i).sub(centre);
      s0 = d.fma(d, s0);
      i += COUNT;
    }
    if (i < n) {
      FloatVector d = tailAbout(x, at + i, n - i, centre);
      s1 = d.fma(d, s1);
    }
    return Lanes.sum(s0.add(s1));
  }

  /** {@code x - centre} in the first n lanes, 0 in the others. */
  private static FloatVector tailAbout(float[] x, int at, int n, float centre) {
    VectorMask<Float> tail = Lanes.tail(0, n);
    return Lanes.zero().blend(Lanes.load(x, at, tail).sub(centre), tail);
  }

  /** {@code y = shown ? x : hidden}, where y may be x: what is hidden leaves no trace, NaN included. */
  static void hide(float[] x, int xAt, boolean[] shown, int shownAt, int n, float hidden, float[] y, int yAt) {
    FloatVector substitute = Lanes.broadcast(hidden);
    int i = 0;
    for (; i <= n - COUNT; i += COUNT) {
      VectorMask<Float> mask = VectorMask.fromArray(SPECIES, shown, shownAt + i);
      substitute.blend(Lanes.load(x, xAt + i), mask).intoArray(y, yAt + i);
    }
    for (; i < n; i++) {
      y[yAt + i] = shown[shownAt + i] ? x[xAt + i] : hidden;
    }
  }
}
