package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.zero;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;

/**
 * Exponential, logarithm and their kin in float, by argument reduction and FMA polynomials (minimax, fitted for this
 * class). Each function of a vector has a scalar twin that gives the same bits as a lane. NaN gives NaN. Errors in
 * units in the last place of the result (ulp), over all floats unless stated otherwise:
 *
 * <table>
 *   <caption>Bounds</caption>
 *   <tr><td>{@link #exp}</td><td>1 ulp; subnormal results are gradual, within 1 ulp; exp(-inf) = 0, overflow gives
 *   infinity</td></tr>
 *   <tr><td>{@link #expNegative}</td><td>as exp, up to an argument of 64; cheaper</td></tr>
 *   <tr><td>{@link #log}</td><td>1 ulp, subnormal arguments included; NaN below 0, log(0) = -inf</td></tr>
 *   <tr><td>{@link #tanh}</td><td>3 ulp; the sign of zero is kept</td></tr>
 *   <tr><td>{@link #sigmoid}</td><td>3 ulp</td></tr>
 *   <tr><td>{@link #softplus}</td><td>2 ulp</td></tr>
 *   <tr><td>{@link #normalCdf}</td><td>2e-7 absolute; relative, 4 ulp from -1 up and {@code 4 + x*x} ulp
 *   below</td></tr>
 * </table>
 *
 * <p>{@code e^x = 2^n e^r} with n the nearest integer to {@code x / ln 2} and r in +-ln(2)/2, {@code e^r = 1 + r +
 * r*r*P(r)}. {@code log(2^n (1 + f)) = n ln 2 + f - f*f/2 + f*f*f*Q(f)} with 1 + f from sqrt(1/2) to sqrt(2). ln 2 is
 * split in two so that {@code n * LN2_HIGH} is exact.
 *
 * <p>Adding 1.5 * 2^23 + b to a number rounds it to an integer n and leaves n + b in the low bits of the sum: shifted
 * into the place of the exponent, they are 2^(n + b - 127). Bodies hold all of their arithmetic themselves: the
 * compiler inlines no further methods into a caller that has taken in some fifty vector operations.
 */
final class VectorMath {
  private static final float LOG2E = 1.442695f;
  private static final float LN2_HIGH = 0.693359375f;
  private static final float LN2_LOW = -2.1219444e-4f;

  /** Rounds to n and leaves n + 127 behind, the exponent of 2^n. */
  private static final float TO_POWER = 0x1.8p23f + 127;

  /** Leaves the exponent of 2^(n + 32), normal for all n from -150 to 95. */
  private static final float TO_RAISED_POWER = TO_POWER + 32;
  private static final float LOWER = 0x1p-32f;

  /** Leaves the sum of the exponents of two factors of 2^n. */
  private static final float TO_TWO_POWERS = TO_POWER + 127;

  /** Leaves n alone; these are the bits of 1.5 * 2^23. */
  private static final int ROUNDER_BITS = 0x4B400000;
  private static final float ROUNDER = 0x1.8p23f;

  private static final int MANTISSA_BITS = 23;

  /** Above it e^x is infinite, below the other it is 0, in float. */
  private static final float EXP_HIGH = 89f;
  private static final float EXP_LOW = -104f;

  private static final float P0 = 4.9999994e-1f;
  private static final float P1 = 1.6666521e-1f;
  private static final float P2 = 4.166839e-2f;
  private static final float P3 = 8.368745e-3f;
  private static final float P4 = 1.381454e-3f;

  private static final float Q0 = 3.3333313e-1f;
  private static final float Q1 = -2.500001e-1f;
  private static final float Q2 = 2.0002119e-1f;
  private static final float Q3 = -1.6667996e-1f;
  private static final float Q4 = 1.4219551e-1f;
  private static final float Q5 = -1.24055915e-1f;
  private static final float Q6 = 1.1888175e-1f;
  private static final float Q7 = -1.1675641e-1f;
  private static final float Q8 = 6.746601e-2f;

  private static final int SQRT_HALF_BITS = 0x3F3504F3;
  private static final int MANTISSA = 0x007FFFFF;
  private static final int SIGN = 0x80000000;
  /** The largest log1p argument that needs no halving: sqrt(2) - 1. */
  private static final float SQRT2_MINUS_1 = 0.41421357f;

  /** Where tanh changes its formula. */
  private static final float TANH_LOW = 0.5f;

  /** Where tanh rounds to 1. */
  private static final float TANH_HIGH = 10f;

  /** The reduction and the polynomial of e^r in h = -r/2: tanh takes e^(-2|x|). */
  private static final float MINUS_2_LOG2E = -2 * LOG2E;
  private static final float HALF_LN2_HIGH = LN2_HIGH / 2;
  private static final float HALF_LN2_LOW = LN2_LOW / 2;
  private static final float H0 = 4 * P0;
  private static final float H1 = -8 * P1;
  private static final float H2 = 16 * P2;
  private static final float H3 = -32 * P3;
  private static final float H4 = 64 * P4;

  /** Where Phi(-a) is 0 in float. */
  private static final float CDF_HIGH = 20f;

  /** {@code (log(2 Phi(-a) / t) + a*a/2) / w} as a polynomial in {@code w = 1 - t}, with {@code t = 1 / (1 + a/4)}. */
  private static final float C0 = -2.1915379f;
  private static final float C1 = 2.1546614e-1f;
  private static final float C2 = 6.3128394e-1f;
  private static final float C3 = 1.8318389e-2f;
  private static final float C4 = -3.3369336e-1f;
  private static final float C5 = -3.1346995e-1f;
  private static final float C6 = 3.53991e-1f;
  private static final float C7 = 3.9973137e-1f;
  private static final float C8 = -5.924219e-1f;
  private static final float C9 = 2.0053121e-1f;

  private VectorMath() {}

  /** {@code e^x}. */
  static FloatVector exp(FloatVector x) {
    FloatVector c = x.blend(EXP_HIGH, x.compare(GT, EXP_HIGH));
    c = c.blend(EXP_LOW, c.compare(LT, EXP_LOW));
    FloatVector z = c.fma(broadcast(SPECIES, LOG2E), broadcast(SPECIES, TO_TWO_POWERS));
    FloatVector n = z.sub(TO_TWO_POWERS);
    FloatVector r = n.fma(broadcast(SPECIES, -LN2_LOW), n.fma(broadcast(SPECIES, -LN2_HIGH), c));
    FloatVector p = r.fma(broadcast(SPECIES, P4), broadcast(SPECIES, P3));
    p = p.fma(r, broadcast(SPECIES, P2)).fma(r, broadcast(SPECIES, P1)).fma(r, broadcast(SPECIES, P0));
    p = p.fma(r.mul(r), r);
    // 2^n in two factors: it may be subnormal, or above the largest float when e^r is below 1.
    IntVector exponents = z.reinterpretAsInts();
    IntVector half = exponents.lanewise(LSHR, 1);
    FloatVector scale = half.lanewise(LSHL, MANTISSA_BITS).reinterpretAsFloats();
    return p.fma(scale, scale).mul(exponents.sub(half).lanewise(LSHL, MANTISSA_BITS).reinterpretAsFloats());
  }

  /** {@link #exp(FloatVector)} of one element. */
  static float exp(float x) {
    float c = x > EXP_HIGH ? EXP_HIGH : x < EXP_LOW ? EXP_LOW : x;
    float z = Math.fma(c, LOG2E, TO_TWO_POWERS);
    float n = z - TO_TWO_POWERS;
    float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, c));
    int exponents = Float.floatToRawIntBits(z);
    int half = exponents >>> 1;
    float scale = Float.intBitsToFloat(half << MANTISSA_BITS);
    return Math.fma(expm1Reduced(r), scale, scale) * Float.intBitsToFloat(exponents - half << MANTISSA_BITS);
  }

  /** {@code e^x} for x of at most 64, as differences from a maximum are; no greater one is looked for. */
  static FloatVector expNegative(FloatVector x) {
    FloatVector c = x.blend(EXP_LOW, x.compare(LT, EXP_LOW));
    FloatVector z = c.fma(broadcast(SPECIES, LOG2E), broadcast(SPECIES, TO_RAISED_POWER));
    FloatVector n = z.sub(TO_RAISED_POWER);
    FloatVector r = n.fma(broadcast(SPECIES, -LN2_LOW), n.fma(broadcast(SPECIES, -LN2_HIGH), c));
    FloatVector p = r.fma(broadcast(SPECIES, P4), broadcast(SPECIES, P3));
    p = p.fma(r, broadcast(SPECIES, P2)).fma(r, broadcast(SPECIES, P1)).fma(r, broadcast(SPECIES, P0));
    FloatVector scale = z.reinterpretAsInts().lanewise(LSHL, MANTISSA_BITS).reinterpretAsFloats();
    return p.fma(r.mul(r), r).fma(scale, scale).mul(LOWER);
  }

  /** {@link #expNegative(FloatVector)} of one element. */
  static float expNegative(float x) {
    float c = x < EXP_LOW ? EXP_LOW : x;
    float z = Math.fma(c, LOG2E, TO_RAISED_POWER);
    float n = z - TO_RAISED_POWER;
    float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, c));
    float scale = Float.intBitsToFloat(Float.floatToRawIntBits(z) << MANTISSA_BITS);
    return Math.fma(expm1Reduced(r), scale, scale) * LOWER;
  }

  /** Natural logarithm. */
  static FloatVector log(FloatVector x) {
    VectorMask<Float> subnormal = x.compare(LT, Float.MIN_NORMAL);
    IntVector bits = x.blend(x.mul(0x1p23f), subnormal).reinterpretAsInts().sub(SQRT_HALF_BITS);
    FloatVector e = bits.lanewise(ASHR, MANTISSA_BITS).add(ROUNDER_BITS).reinterpretAsFloats().sub(ROUNDER);
    e = e.blend(e.sub(MANTISSA_BITS), subnormal);
    FloatVector f = bits.and(MANTISSA).add(SQRT_HALF_BITS).reinterpretAsFloats().sub(1f);
    FloatVector y = log1pReduced(f, e);
    y = y.blend(x, x.compare(LT, Float.POSITIVE_INFINITY).not());
    y = y.blend(Float.NaN, x.compare(LT, 0f));
    return y.blend(Float.NEGATIVE_INFINITY, x.compare(EQ, 0f));
  }

  /** {@link #log(FloatVector)} of one element. */
  static float log(float x) {
    if (x == 0f) {
      return Float.NEGATIVE_INFINITY;
    }
    if (x < 0f) {
      return Float.NaN;
    }
    if (!(x < Float.POSITIVE_INFINITY)) {
      return x;
    }
    boolean subnormal = x < Float.MIN_NORMAL;
    int bits = Float.floatToRawIntBits(subnormal ? x * 0x1p23f : x) - SQRT_HALF_BITS;
    float e = (bits >> MANTISSA_BITS) - (subnormal ? MANTISSA_BITS : 0);
    return log1pReduced(Float.intBitsToFloat((bits & MANTISSA) + SQRT_HALF_BITS) - 1f, e);
  }

  /**
   * Hyperbolic tangent of the magnitude, with {@code e = e^(-2|x|)}: {@code (1 - e) / (1 + e)} up to 1/2, and {@code 1
   * - 2e / (1 + e)} from there on, which loses nothing where it nears 1: derivatives are {@code 1 - tanh^2}. Both are
   * computed with a minus, and the sign is put right at the end.
   */
  static FloatVector tanh(FloatVector x) {
    FloatVector a = x.abs();
    FloatVector c = a.blend(TANH_HIGH, a.compare(GT, TANH_HIGH));
    FloatVector z = c.fma(broadcast(SPECIES, MINUS_2_LOG2E), broadcast(SPECIES, TO_POWER));
    FloatVector n = z.sub(TO_POWER);
    FloatVector h = n.fma(broadcast(SPECIES, HALF_LN2_LOW), n.fma(broadcast(SPECIES, HALF_LN2_HIGH), c));
    FloatVector q = h.fma(broadcast(SPECIES, H4), broadcast(SPECIES, H3));
    q = q.fma(h, broadcast(SPECIES, H2)).fma(h, broadcast(SPECIES, H1)).fma(h, broadcast(SPECIES, H0));
    q = q.fma(h, broadcast(SPECIES, -2f)).mul(h);
    FloatVector scale = z.reinterpretAsInts().lanewise(LSHL, MANTISSA_BITS).reinterpretAsFloats();
    FloatVector e = q.fma(scale, scale);
    VectorMask<Float> high = a.compare(GE, TANH_LOW);
    FloatVector quotient = q.fma(scale, scale.sub(1f)).blend(e.add(e), high).div(e.add(1f));
    IntVector minus = quotient.blend(quotient.sub(1f), high).reinterpretAsInts();
    return minus.and(~SIGN).or(x.reinterpretAsInts().and(SIGN)).reinterpretAsFloats();
  }

  /** {@link #tanh(FloatVector)} of one element. */
  static float tanh(float x) {
    float a = Math.abs(x);
    float c = a > TANH_HIGH ? TANH_HIGH : a;
    float z = Math.fma(c, MINUS_2_LOG2E, TO_POWER);
    float n = z - TO_POWER;
    float h = Math.fma(n, HALF_LN2_LOW, Math.fma(n, HALF_LN2_HIGH, c));
    float q = Math.fma(Math.fma(Math.fma(Math.fma(h, H4, H3), h, H2), h, H1), h, H0);
    q = Math.fma(q, h, -2f) * h;
    float scale = Float.intBitsToFloat(Float.floatToRawIntBits(z) << MANTISSA_BITS);
    float e = Math.fma(q, scale, scale);
    boolean high = a >= TANH_LOW;
    float quotient = (high ? e + e : Math.fma(q, scale, scale - 1f)) / (e + 1f);
    int minus = Float.floatToRawIntBits(high ? quotient - 1f : quotient);
    return Float.intBitsToFloat(minus & ~SIGN | Float.floatToRawIntBits(x) & SIGN);
  }

  /** {@code 1 / (1 + e^-x)}: with {@code e = e^-|x|}, {@code 1/(1 + e)} from 0 up and {@code e/(1 + e)} below. */
  static FloatVector sigmoid(FloatVector x) {
    FloatVector e = expNegative(x.reinterpretAsInts().or(SIGN).reinterpretAsFloats());
    return e.blend(1f, x.compare(GE, 0f)).div(e.add(1f));
  }

  /** {@link #sigmoid(FloatVector)} of one element. */
  static float sigmoid(float x) {
    float e = expNegative(-Math.abs(x));
    return (x >= 0f ? 1f : e) / (e + 1f);
  }

  /** {@code log(1 + e^x) = max(x, 0) + log(1 + e^-|x|)}. */
  static FloatVector softplus(FloatVector x) {
    return x.max(0f).add(log1pUnit(expNegative(x.reinterpretAsInts().or(SIGN).reinterpretAsFloats())));
  }

  /** {@link #softplus(FloatVector)} of one element. */
  static float softplus(float x) {
    return Math.max(x, 0f) + log1pUnit(expNegative(-Math.abs(x)));
  }

  /** The standard normal distribution {@code Phi(x) = (1 + erf(x/sqrt(2))) / 2}. */
  static FloatVector normalCdf(FloatVector x) {
    FloatVector a = x.abs();
    a = a.blend(CDF_HIGH, a.compare(GT, CDF_HIGH));
    FloatVector quarter = a.mul(0.25f);
    FloatVector t = broadcast(SPECIES, 1f).div(quarter.add(1f));
    FloatVector below = expNegative(a.mul(-0.5f).fma(a, tailExponent(quarter.mul(t)))).mul(t.mul(0.5f));
    return below.blend(broadcast(SPECIES, 1f).sub(below), x.compare(GT, 0f));
  }

  /** {@link #normalCdf(FloatVector)} of one element. */
  static float normalCdf(float x) {
    float magnitude = Math.abs(x);
    float a = magnitude > CDF_HIGH ? CDF_HIGH : magnitude;
    float quarter = a * 0.25f;
    float t = 1f / (quarter + 1f);
    float below = expNegative(Math.fma(a * -0.5f, a, tailExponent(quarter * t))) * (t * 0.5f);
    return x > 0f ? 1f - below : below;
  }

  /** {@code e^r - 1} for r in +-ln(2)/2. */
  private static float expm1Reduced(float r) {
    float p = Math.fma(r, P4, P3);
    p = Math.fma(p, r, P2);
    p = Math.fma(p, r, P1);
    p = Math.fma(p, r, P0);
    return Math.fma(p, r * r, r);
  }

  /** {@code log(1 + f) + e ln 2} for f from sqrt(1/2) - 1 to sqrt(2) - 1. */
  private static FloatVector log1pReduced(FloatVector f, FloatVector e) {
    FloatVector q = f.fma(broadcast(SPECIES, Q8), broadcast(SPECIES, Q7));
    q = q.fma(f, broadcast(SPECIES, Q6));
    q = q.fma(f, broadcast(SPECIES, Q5));
    q = q.fma(f, broadcast(SPECIES, Q4));
    q = q.fma(f, broadcast(SPECIES, Q3));
    q = q.fma(f, broadcast(SPECIES, Q2));
    q = q.fma(f, broadcast(SPECIES, Q1));
    q = q.fma(f, broadcast(SPECIES, Q0));
    FloatVector square = f.mul(f);
    FloatVector y = e.fma(broadcast(SPECIES, LN2_LOW), q.mul(f.mul(square)));
    y = square.fma(broadcast(SPECIES, -0.5f), y);
    return e.fma(broadcast(SPECIES, LN2_HIGH), f.add(y));
  }

  private static float log1pReduced(float f, float e) {
    float q = Math.fma(f, Q8, Q7);
    q = Math.fma(q, f, Q6);
    q = Math.fma(q, f, Q5);
    q = Math.fma(q, f, Q4);
    q = Math.fma(q, f, Q3);
    q = Math.fma(q, f, Q2);
    q = Math.fma(q, f, Q1);
    q = Math.fma(q, f, Q0);
    float square = f * f;
    float y = Math.fma(e, LN2_LOW, q * (f * square));
    y = Math.fma(square, -0.5f, y);
    return Math.fma(e, LN2_HIGH, f + y);
  }

  /** {@code log(1 + u)} for u from 0 to 1; above sqrt(2) - 1 as {@code log 2 + log(1 + (u - 1)/2)}. */
  private static FloatVector log1pUnit(FloatVector u) {
    VectorMask<Float> large = u.compare(GT, SQRT2_MINUS_1);
    return log1pReduced(u.blend(u.sub(1f).mul(0.5f), large), zero(SPECIES).blend(1f, large));
  }

  private static float log1pUnit(float u) {
    boolean large = u > SQRT2_MINUS_1;
    return log1pReduced(large ? (u - 1f) * 0.5f : u, large ? 1f : 0f);
  }

  private static FloatVector tailExponent(FloatVector w) {
    FloatVector c = w.fma(broadcast(SPECIES, C9), broadcast(SPECIES, C8));
    c = c.fma(w, broadcast(SPECIES, C7));
    c = c.fma(w, broadcast(SPECIES, C6));
    c = c.fma(w, broadcast(SPECIES, C5));
    c = c.fma(w, broadcast(SPECIES, C4));
    c = c.fma(w, broadcast(SPECIES, C3));
    c = c.fma(w, broadcast(SPECIES, C2));
    c = c.fma(w, broadcast(SPECIES, C1));
    return c.fma(w, broadcast(SPECIES, C0)).mul(w);
  }

  private static float tailExponent(float w) {
    float c = Math.fma(w, C9, C8);
    c = Math.fma(c, w, C7);
    c = Math.fma(c, w, C6);
    c = Math.fma(c, w, C5);
    c = Math.fma(c, w, C4);
    c = Math.fma(c, w, C3);
    c = Math.fma(c, w, C2);
    c = Math.fma(c, w, C1);
    return Math.fma(c, w, C0) * w;
  }
}
