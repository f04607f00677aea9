package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Lanes.INTS;
import static dev.sluice.backend.vector.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.FloatVector.zero;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.MAX;
import static jdk.incubator.vector.VectorOperators.XOR;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;

/**
 * Passes over one row of n elements that several kernels share. Each has an unmasked main loop and one masked step for
 * the tail, so that a row shorter than a vector is one step as well; main loops and tails that take an exponential are
 * methods of their own, for a method with two of them would no longer be inlined as a whole. Vectors are given to
 * methods of the Vector API alone, which are always inlined, and to one exponential or sum.
 */
final class Rows {
  private static final int COUNT = Lanes.COUNT;
  private static final int SIGN_SHIFT = Integer.SIZE - 1;
  private static final int INFINITY_BITS = Float.floatToRawIntBits(Float.POSITIVE_INFINITY);

  private Rows() {}

  /**
   * The largest of n elements, passing over NaN; negative infinity of none. Compared and chosen, it takes half the time
   * of {@link Lanes#max(float[], int, int)}; a NaN shows in what is summed afterwards.
   */
  static float max(float[] x, int at, int n) {
    FloatVector m0 = broadcast(SPECIES, Float.NEGATIVE_INFINITY);
    FloatVector m1 = m0;
    FloatVector m2 = m0;
    FloatVector m3 = m0;
    int i = 0;
    for (; i <= n - 4 * COUNT; i += 4 * COUNT) {
      FloatVector v0 = fromArray(SPECIES, x, at + i);
      FloatVector v1 = fromArray(SPECIES, x, at + i + COUNT);
      FloatVector v2 = fromArray(SPECIES, x, at + i + 2 * COUNT);
      FloatVector v3 = fromArray(SPECIES, x, at + i + 3 * COUNT);
      m0 = m0.blend(v0, v0.compare(GT, m0));
      m1 = m1.blend(v1, v1.compare(GT, m1));
      m2 = m2.blend(v2, v2.compare(GT, m2));
      m3 = m3.blend(v3, v3.compare(GT, m3));
    }
    m0 = m0.blend(m2, m2.compare(GT, m0));
    m1 = m1.blend(m3, m3.compare(GT, m1));
    for (; i < n; i += COUNT) {
      VectorMask<Float> some = SPECIES.indexInRange(i, n);
      FloatVector v = fromArray(SPECIES, x, at + i, some);
      m0 = m0.blend(v, v.compare(GT, m0).and(some));
    }
    IntVector bits = m0.blend(m1, m1.compare(GT, m0)).reinterpretAsInts();
    return unordered(bits.lanewise(ASHR, SIGN_SHIFT).lanewise(LSHR, 1).lanewise(XOR, bits).reduceLanes(MAX));
  }

  /** Whether one of n elements is NaN: whether one's bits but for the sign are above those of infinity. */
  static boolean hasNaN(float[] x, int at, int n) {
    IntVector b0 = IntVector.zero(INTS);
    IntVector b1 = b0;
    int i = 0;
    for (; i <= n - 2 * COUNT; i += 2 * COUNT) {
      b0 = b0.max(fromArray(SPECIES, x, at + i).reinterpretAsInts().and(Integer.MAX_VALUE));
      b1 = b1.max(fromArray(SPECIES, x, at + i + COUNT).reinterpretAsInts().and(Integer.MAX_VALUE));
    }
    for (; i < n; i += COUNT) {
      VectorMask<Float> some = SPECIES.indexInRange(i, n);
      b0 = b0.max(fromArray(SPECIES, x, at + i, some).reinterpretAsInts().and(Integer.MAX_VALUE));
    }
    return b0.max(b1).reduceLanes(MAX) > INFINITY_BITS;
  }

  /**
   * A float of its bits in the order of ints: with all bits but the sign turned over if it is set, ints compare as the
   * floats do. Turning over twice changes nothing.
   */
  static float unordered(int bits) {
    return Float.intBitsToFloat(bits >> SIGN_SHIFT >>> 1 ^ bits);
  }

  /** The bits of a float in the order of ints; see {@link #unordered}. */
  static int ordered(float x) {
    int bits = Float.floatToRawIntBits(x);
    return bits >> SIGN_SHIFT >>> 1 ^ bits;
  }

  /** {@code sum exp(x - shift)}, where no difference is above 64. */
  static float sumExp(float[] x, int at, int n, float shift) {
    int whole = Lanes.bound(0, n);
    float sum = whole == 0 ? 0 : sumExpVectors(x, at, whole, shift);
    return whole == n ? sum : sum + sumExpTail(x, at + whole, n - whole, shift);
  }

  private static float sumExpVectors(float[] x, int at, int n, float shift) {
    FloatVector sum = zero(SPECIES);
    for (int i = 0; i < n; i += COUNT) {
      sum = sum.add(VectorMath.expNegative(fromArray(SPECIES, x, at + i).sub(shift)));
    }
    return Lanes.sum(sum);
  }

  /** One by one: a sum of lanes that stays a call boxes its vector, and a row of few classes is all tail. */
  private static float sumExpTail(float[] x, int at, int n, float shift) {
    float sum = 0;
    for (int i = at; i < at + n; i++) {
      sum += VectorMath.expNegative(x[i] - shift);
    }
    return sum;
  }

  /**
   * {@code y = exp(x - shift)}, where y may be x and no difference is above 64; returns their sum, in the same order as
   * {@link #sumExp}.
   */
  static float exp(float[] x, int xAt, int n, float shift, float[] y, int yAt) {
    int whole = Lanes.bound(0, n);
    float sum = whole == 0 ? 0 : expVectors(x, xAt, whole, shift, y, yAt);
    return whole == n ? sum : sum + expTail(x, xAt + whole, n - whole, shift, y, yAt + whole);
  }

  private static float expVectors(float[] x, int xAt, int n, float shift, float[] y, int yAt) {
    FloatVector sum = zero(SPECIES);
    for (int i = 0; i < n; i += COUNT) {
      FloatVector e = VectorMath.expNegative(fromArray(SPECIES, x, xAt + i).sub(shift));
      e.intoArray(y, yAt + i);
      sum = sum.add(e);
    }
    return Lanes.sum(sum);
  }

  private static float expTail(float[] x, int xAt, int n, float shift, float[] y, int yAt) {
    VectorMask<Float> tail = SPECIES.indexInRange(0, n);
    FloatVector e = VectorMath.expNegative(fromArray(SPECIES, x, xAt, tail).sub(shift));
    e.intoArray(y, yAt, tail);
    float sum = 0;
    for (int i = yAt; i < yAt + n; i++) {
      sum += y[i];
    }
    return sum;
  }

  /**
   * {@link #exp} of a row of whole vectors, taking the largest element of another row on the way: loads of a row that
   * is not in the cache yet hide behind the arithmetic of one that is.
   */
  static float expAndMax(float[] x, int xAt, int n, float shift, float[] y, int yAt, int otherAt, float[] max) {
    FloatVector sum = zero(SPECIES);
    FloatVector m = broadcast(SPECIES, Float.NEGATIVE_INFINITY);
    for (int i = 0; i < n; i += COUNT) {
      FloatVector other = fromArray(SPECIES, x, otherAt + i);
      m = m.blend(other, other.compare(GT, m));
      FloatVector e = VectorMath.expNegative(fromArray(SPECIES, x, xAt + i).sub(shift));
      e.intoArray(y, yAt + i);
      sum = sum.add(e);
    }
    IntVector bits = m.reinterpretAsInts();
    max[0] = unordered(bits.lanewise(ASHR, SIGN_SHIFT).lanewise(LSHR, 1).lanewise(XOR, bits).reduceLanes(MAX));
    return Lanes.sum(sum);
  }

  /** {@code y = x factor}, where y may be x. */
  static void scale(float[] x, int xAt, int n, float factor, float[] y, int yAt) {
    int i = 0;
    for (; i <= n - COUNT; i += COUNT) {
      fromArray(SPECIES, x, xAt + i).mul(factor).intoArray(y, yAt + i);
    }
    if (i < n) {
      VectorMask<Float> tail = SPECIES.indexInRange(i, n);
      fromArray(SPECIES, x, xAt + i, tail).mul(factor).intoArray(y, yAt + i, tail);
    }
  }

  /** {@code x = x + y}; the tail is scalar. */
  static void add(float[] x, int xAt, float[] y, int yAt, int n) {
    int i = 0;
    for (int end = Lanes.bound(0, n); i < end; i += COUNT) {
      fromArray(SPECIES, x, xAt + i).add(fromArray(SPECIES, y, yAt + i)).intoArray(x, xAt + i);
    }
    for (; i < n; i++) {
      x[xAt + i] += y[yAt + i];
    }
  }

  /** {@code y = x / divisor}, where y may be x. */
  static void divide(float[] x, int xAt, int n, float divisor, float[] y, int yAt) {
    int i = 0;
    for (; i <= n - COUNT; i += COUNT) {
      fromArray(SPECIES, x, xAt + i).div(divisor).intoArray(y, yAt + i);
    }
    if (i < n) {
      VectorMask<Float> tail = SPECIES.indexInRange(i, n);
      fromArray(SPECIES, x, xAt + i, tail).div(divisor).intoArray(y, yAt + i, tail);
    }
  }

  /** {@code sum (x - centre)}. */
  static float sumAbout(float[] x, int at, int n, float centre) {
    FloatVector s0 = zero(SPECIES);
    FloatVector s1 = s0;
    int i = 0;
    for (; i <= n - 2 * COUNT; i += 2 * COUNT) {
      s0 = s0.add(fromArray(SPECIES, x, at + i).sub(centre));
      s1 = s1.add(fromArray(SPECIES, x, at + i + COUNT).sub(centre));
    }
    if (i <= n - COUNT) {
      s0 = s0.add(fromArray(SPECIES, x, at + i).sub(centre));
      i += COUNT;
    }
    if (i < n) {
      s1 = s1.add(tailAbout(x, at + i, n - i, centre));
    }
    return Lanes.sum(s0.add(s1));
  }

  /** {@code sum (x - centre)^2}. */
  static float squaresAbout(float[] x, int at, int n, float centre) {
    FloatVector s0 = zero(SPECIES);
    FloatVector s1 = s0;
    int i = 0;
    for (; i <= n - 2 * COUNT; i += 2 * COUNT) {
      FloatVector d0 = fromArray(SPECIES, x, at + i).sub(centre);
      FloatVector d1 = fromArray(SPECIES, x, at + i + COUNT).sub(centre);
      s0 = d0.fma(d0, s0);
      s1 = d1.fma(d1, s1);
    }
    if (i <= n - COUNT) {
      FloatVector d = fromArray(SPECIES, x, at + i).sub(centre);
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
    VectorMask<Float> tail = SPECIES.indexInRange(0, n);
    return zero(SPECIES).blend(fromArray(SPECIES, x, at, tail).sub(centre), tail);
  }

  /** {@code y = shown ? x : hidden}, where y may be x: what is hidden leaves no trace, NaN included. */
  static void hide(float[] x, int xAt, boolean[] shown, int shownAt, int n, float hidden, float[] y, int yAt) {
    FloatVector substitute = broadcast(SPECIES, hidden);
    int i = 0;
    for (; i <= n - COUNT; i += COUNT) {
      VectorMask<Float> mask = VectorMask.fromArray(SPECIES, shown, shownAt + i);
      substitute.blend(fromArray(SPECIES, x, xAt + i), mask).intoArray(y, yAt + i);
    }
    for (; i < n; i++) {
      y[yAt + i] = shown[shownAt + i] ? x[xAt + i] : hidden;
    }
  }
}
