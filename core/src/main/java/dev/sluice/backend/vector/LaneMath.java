package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.AttentionTile.CLOSED;
import static dev.sluice.backend.vector.AttentionTile.LEAST;
import static dev.sluice.backend.vector.AttentionTile.LOWEST;
import static dev.sluice.backend.vector.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.FloatVector.zero;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Passes over rows of lanes, one pitch of {@link AttentionTile#QUERIES} apart: what attention does to logits on their
 * way to weights and to gradients on their way back. A loop takes one vector of lanes down all rows.
 *
 * <p>The exponential e of a closed logit is {@link #NONE}, which no exponential is; of all others it is within 1 ulp,
 * or 0 below the least normal float.
 *
 * <p>Where a loop becomes part of a large caller, the compiler leaves our own methods of vectors calls, for which it
 * boxes them: so the loops of backward and of logits write them out.
 */
final class LaneMath {
  /** The exponential of what takes no part: it adds and multiplies as 0. */
  static final float NONE = -0.0f;

  private static final int NONE_BITS = Integer.MIN_VALUE;
  /** In place of {@link AttentionTile#CLOSED} where no logit is closed: no logit equals it. */
  private static final float UNEQUAL = Float.NaN;
  private static final int PITCH = AttentionTile.QUERIES;

  private static final float LOG2E = 1.442695f;
  private static final float LN2_HIGH = 0.693359375f;
  private static final float LN2_LOW = -2.1219444e-4f;
  /** Added to a small number, it leaves the nearest integer in the low bits of the sum, biased as an exponent is. */
  private static final float ROUNDER = 0x1.8p23f + 127;
  /** -126 ln 2. */
  private static final float EXP_LOW = -87.33654f;
  private static final float P0 = 0.5f;
  private static final float P1 = 0.16666576f;
  private static final float P2 = 0.041666556f;
  private static final float P3 = 0.008363203f;
  private static final float P4 = 0.0013926213f;

  private LaneMath() {}

  /** {@code e^x} for x up to 0: e^(n ln 2) e^r, by a minimax polynomial in r. */
  static FloatVector exp(FloatVector x) {
    FloatVector z = x.fma(broadcast(SPECIES, LOG2E), broadcast(SPECIES, ROUNDER));
    FloatVector n = z.sub(ROUNDER);
    FloatVector r = n.fma(broadcast(SPECIES, -LN2_LOW), n.fma(broadcast(SPECIES, -LN2_HIGH), x));
    FloatVector p = r.fma(broadcast(SPECIES, P4), broadcast(SPECIES, P3));
    p = p.fma(r, broadcast(SPECIES, P2));
    p = p.fma(r, broadcast(SPECIES, P1));
    p = p.fma(r, broadcast(SPECIES, P0));
    p = p.fma(r, broadcast(SPECIES, 1f));
    p = p.fma(r, broadcast(SPECIES, 1f));
    FloatVector power = z.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
    return p.mul(power).blend(zero(SPECIES), x.compare(VectorOperators.LT, EXP_LOW));
  }

  /** {@code x *= factor} in some first rows. */
  static void scale(float[] x, int rows, int vectors, float factor) {
    for (int row = 0; row < rows; row++) {
      for (int i = row * PITCH; i < row * PITCH + vectors * Lanes.COUNT; i += Lanes.COUNT) {
        fromArray(SPECIES, x, i).mul(factor).intoArray(x, i);
      }
    }
  }

  /** {@code x *= factors}. */
  static void scale(float[] x, int at, int rows, int vectors, float[] factors) {
    for (int lane = 0; lane < vectors * Lanes.COUNT; lane += Lanes.COUNT) {
      FloatVector factor = fromArray(SPECIES, factors, lane);
      for (int row = 0, i = at + lane; row < rows; row++, i += PITCH) {
        fromArray(SPECIES, x, i).mul(factor).intoArray(x, i);
      }
    }
  }

  /** {@code x *= factors}, but 0 where the factor is, whatever x. */
  static void scaleOrClear(float[] x, int rows, int vectors, float[] factors) {
    for (int lane = 0; lane < vectors * Lanes.COUNT; lane += Lanes.COUNT) {
      FloatVector factor = fromArray(SPECIES, factors, lane);
      VectorMask<Float> none = factor.eq(zero(SPECIES));
      for (int row = 0, i = lane; row < rows; row++, i += PITCH) {
        fromArray(SPECIES, x, i).mul(factor).blend(zero(SPECIES), none).intoArray(x, i);
      }
    }
  }

  /** {@code x += y * factors}, y in its first rows. */
  static void add(float[] x, int at, float[] y, int rows, int vectors, float[] factors) {
    for (int lane = 0; lane < vectors * Lanes.COUNT; lane += Lanes.COUNT) {
      FloatVector factor = fromArray(SPECIES, factors, lane);
      for (int row = 0, i = lane; row < rows; row++, i += PITCH) {
        fromArray(SPECIES, y, i).fma(factor, fromArray(SPECIES, x, at + i)).intoArray(x, at + i);
      }
    }
  }

  /** {@link AttentionTile#open} of all logits. */
  static void open(float[] logits, int at, int rows, int vectors) {
    for (int lane = 0; lane < vectors * Lanes.COUNT; lane += Lanes.COUNT) {
      for (int row = 0, i = at + lane; row < rows; row++, i += PITCH) {
        FloatVector logit = fromArray(SPECIES, logits, i);
        logit.max(LEAST).blend(LOWEST, logit.eq(CLOSED)).intoArray(logits, i);
      }
    }
  }

  /** {@code logits += bias}; a bias of negative infinity closes, whatever the key holds. */
  static void addBias(float[] logits, int at, float[] bias, int rows, int vectors) {
    for (int lane = 0; lane < vectors * Lanes.COUNT; lane += Lanes.COUNT) {
      for (int row = 0, i = lane; row < rows; row++, i += PITCH) {
        FloatVector b = fromArray(SPECIES, bias, i);
        FloatVector logit = fromArray(SPECIES, logits, at + i).add(b);
        logit.max(LEAST).blend(LOWEST, logit.eq(CLOSED)).blend(CLOSED, b.eq(CLOSED)).intoArray(logits, at + i);
      }
    }
  }

  /**
   * Takes some rows of logits to {@code e = exp(logits - s)}, in their place, and goes on with maxima m and sums l: s is
   * the new m, or 0 where there is none yet; with {@code c = exp(m before - s)}, {@code l = l c + sum e}. A NaN takes no
   * part in a maximum: it shows in the sum.
   *
   * @param guarded whether logits may be closed
   * @param corrections receives c
   * @return whether any c is not 1
   */
  static boolean exp(float[] logits, int rows, int vectors, boolean guarded, float[] maxima, float[] corrections,
      float[] sums) {
    float closed = guarded ? CLOSED : UNEQUAL;
    boolean changed = false;
    for (int lane = 0; lane < vectors * Lanes.COUNT; lane += Lanes.COUNT) {
      FloatVector before = fromArray(SPECIES, maxima, lane);
      FloatVector m0 = before;
      FloatVector m1 = before;
      FloatVector m2 = before;
      FloatVector m3 = before;
      int row = 0;
      int i = lane;
      for (; row <= rows - 4; row += 4, i += 4 * PITCH) {
        FloatVector v0 = fromArray(SPECIES, logits, i);
        FloatVector v1 = fromArray(SPECIES, logits, i + PITCH);
        FloatVector v2 = fromArray(SPECIES, logits, i + 2 * PITCH);
        FloatVector v3 = fromArray(SPECIES, logits, i + 3 * PITCH);
        m0 = m0.blend(v0, v0.compare(VectorOperators.GT, m0));
        m1 = m1.blend(v1, v1.compare(VectorOperators.GT, m1));
        m2 = m2.blend(v2, v2.compare(VectorOperators.GT, m2));
        m3 = m3.blend(v3, v3.compare(VectorOperators.GT, m3));
      }
      for (; row < rows; row++, i += PITCH) {
        FloatVector v = fromArray(SPECIES, logits, i);
        m0 = m0.blend(v, v.compare(VectorOperators.GT, m0));
      }
      m0 = m0.blend(m1, m1.compare(VectorOperators.GT, m0));
      m2 = m2.blend(m3, m3.compare(VectorOperators.GT, m2));
      m0 = m0.blend(m2, m2.compare(VectorOperators.GT, m0));
      FloatVector shift = m0.blend(zero(SPECIES), m0.compare(VectorOperators.LE, LOWEST));
      FloatVector correction = exp(before.sub(shift));
      FloatVector sum = zero(SPECIES);
      for (row = 0, i = lane; row < rows; row++, i += PITCH) {
        FloatVector x = fromArray(SPECIES, logits, i);
        FloatVector e = exp(x.sub(shift)).blend(NONE, x.eq(closed));
        e.intoArray(logits, i);
        sum = sum.add(e);
      }
      m0.intoArray(maxima, lane);
      correction.intoArray(corrections, lane);
      fromArray(SPECIES, sums, lane).fma(correction, sum).intoArray(sums, lane);
      changed |= correction.compare(VectorOperators.NE, 1).anyTrue();
    }
    return changed;
  }

  /**
   * {@code deltas += sum e dP, e = exp(logits - shifts)} in place of the logits.
   *
   * @param guarded whether logits may be closed: what these meet is not read
   */
  static void expDelta(float[] logits, float[] gradients, int at, int rows, int vectors, boolean guarded,
      float[] shifts, float[] deltas) {
    float closed = guarded ? CLOSED : UNEQUAL;
    for (int lane = 0; lane < vectors * Lanes.COUNT; lane += Lanes.COUNT) {
      FloatVector shift = fromArray(SPECIES, shifts, lane);
      FloatVector sum = zero(SPECIES);
      for (int row = 0, i = at + lane; row < rows; row++, i += PITCH) {
        FloatVector logit = fromArray(SPECIES, logits, i);
        VectorMask<Float> none = logit.eq(closed);
        FloatVector x = logit.sub(shift);
        FloatVector z = x.fma(broadcast(SPECIES, LOG2E), broadcast(SPECIES, ROUNDER));
        FloatVector n = z.sub(ROUNDER);
        FloatVector r = n.fma(broadcast(SPECIES, -LN2_LOW), n.fma(broadcast(SPECIES, -LN2_HIGH), x));
        FloatVector p = r.fma(broadcast(SPECIES, P4), broadcast(SPECIES, P3));
        p = p.fma(r, broadcast(SPECIES, P2));
        p = p.fma(r, broadcast(SPECIES, P1));
        p = p.fma(r, broadcast(SPECIES, P0));
        p = p.fma(r, broadcast(SPECIES, 1f));
        p = p.fma(r, broadcast(SPECIES, 1f));
        FloatVector power = z.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
        FloatVector e = p.mul(power).blend(zero(SPECIES), x.compare(VectorOperators.LT, EXP_LOW)).blend(NONE, none);
        e.intoArray(logits, i);
        sum = fromArray(SPECIES, gradients, i).fma(e, sum).blend(sum, none);
      }
      fromArray(SPECIES, deltas, lane).add(sum).intoArray(deltas, lane);
    }
  }

  /** {@code sums += sum e}, in the order in which {@link #expDelta} adds up. */
  static void sum(float[] e, int at, int rows, int vectors, float[] sums) {
    for (int lane = 0; lane < vectors * Lanes.COUNT; lane += Lanes.COUNT) {
      FloatVector sum = zero(SPECIES);
      for (int row = 0, i = at + lane; row < rows; row++, i += PITCH) {
        sum = sum.add(fromArray(SPECIES, e, i));
      }
      fromArray(SPECIES, sums, lane).add(sum).intoArray(sums, lane);
    }
  }

  /**
   * {@code dP = e (dP - deltas)}.
   *
   * @param guarded whether exponentials may be {@link #NONE}: there it is 0
   */
  static void subtract(float[] gradients, float[] e, int at, int rows, int vectors, boolean guarded, float[] deltas) {
    for (int lane = 0; lane < vectors * Lanes.COUNT; lane += Lanes.COUNT) {
      FloatVector delta = fromArray(SPECIES, deltas, lane);
      if (guarded) {
        for (int row = 0, i = at + lane; row < rows; row++, i += PITCH) {
          FloatVector factor = fromArray(SPECIES, e, i);
          VectorMask<Float> none =
              factor.reinterpretAsInts().compare(VectorOperators.EQ, NONE_BITS).cast(SPECIES);
          fromArray(SPECIES, gradients, i).sub(delta).mul(factor).blend(zero(SPECIES), none).intoArray(gradients, i);
        }
      } else {
        for (int row = 0, i = at + lane; row < rows; row++, i += PITCH) {
          fromArray(SPECIES, gradients, i).sub(delta).mul(fromArray(SPECIES, e, i)).intoArray(gradients, i);
        }
      }
    }
  }

  /** {@code y = x * factor}, and so much where the factor is 0, even if x is NaN; y, in its first rows, may be x. */
  static void drop(float[] x, int at, float[] factors, int rows, int vectors, float dropped, float[] y, int yAt) {
    for (int lane = 0; lane < vectors * Lanes.COUNT; lane += Lanes.COUNT) {
      for (int row = 0, i = lane; row < rows; row++, i += PITCH) {
        FloatVector f = fromArray(SPECIES, factors, i);
        fromArray(SPECIES, x, at + i).mul(f).blend(dropped, f.eq(zero(SPECIES))).intoArray(y, yAt + i);
      }
    }
  }

  /** Whether an exponential or a weight takes no part. */
  static boolean isNone(float e) {
    return Float.floatToRawIntBits(e) == NONE_BITS;
  }
}
