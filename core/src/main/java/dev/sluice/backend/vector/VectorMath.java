package dev.sluice.backend.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Exponential, logarithm and their kin in float, by argument reduction and FMA polynomials (minimax, fitted for this
 * class). Each function of a vector has a scalar twin that gives the same bits as a lane. NaN gives NaN. Errors in
 * units in the last place of the result (ulp), over all floats unless stated otherwise:
 *
 * <table>
 *   <caption>Bounds</caption>
 *   <tr><td>{@link #exp}</td><td>1 ulp; subnormal results are gradual, within 1 ulp; exp(-inf) = 0, overflow gives
 *   infinity</td></tr> <tr><td>{@link #log}</td><td>1 ulp, subnormal arguments included; NaN below 0, log(0) =
 *   -inf</td></tr> <tr><td>{@link #tanh}</td><td>3 ulp; the sign of zero is kept</td></tr>
 *   <tr><td>{@link #sigmoid}</td><td>3 ulp</td></tr>
 *   <tr><td>{@link #softplus}</td><td>2 ulp</td></tr>
 *   <tr><td>{@link #normalCdf}</td><td>2e-7 absolute; relative, 4 ulp from -1 up and {@code 4 + x*x} ulp
 * below</td></tr>
 * </table>
 *
 * <p>{@code e^x = 2^n e^r} with n the nearest integer to {@code x / ln 2} and r in +-ln(2)/2, {@code e^r = 1 + r +
 * r*r*P(r)}. {@code log(2^n (1 + f)) = n ln 2 + f - f*f/2 + f*f*f*Q(f)} with 1 + f from sqrt(1/2) to sqrt(2). ln 2 is
 * split in two so that {@code n * LN2_HIGH} is exact.
 */
final class VectorMath {
  private static final float LOG2E = 1.442695f;
  private static final float LN2_HIGH = 0.693359375f;
  private static final float LN2_LOW = -2.1219444e-4f;

  /** Added to a small number, it leaves the nearest integer in the low bits of the sum. */
  private static final float ROUNDER = 0x1.8p23f;
  private static final int ROUNDER_BITS = 0x4B400000;

  /** Above it e^x is infinite, below the other it is 0, in float. */
  private static final float EXP_HIGH = 89f;
  private static final float EXP_LOW = -104f;

  private static final float P0 = 0.5f;
  private static final float P1 = 1.6666666e-1f;
  private static final float P2 = 4.1666362e-2f;
  private static final float P3 = 8.33339e-3f;
  private static final float P4 = 1.3940617e-3f;
  private static final float P5 = 1.9845876e-4f;

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
    FloatVector c = clampExponent(x);
    FloatVector z = c.fma(Lanes.broadcast(LOG2E), Lanes.broadcast(ROUNDER));
    FloatVector n = z.sub(ROUNDER);
    FloatVector r = n.fma(Lanes.broadcast(-LN2_LOW), n.fma(Lanes.broadcast(-LN2_HIGH), c));
    IntVector exponent = z.reinterpretAsInts().sub(ROUNDER_BITS);
    // 2^n in two factors: it may be subnormal, or above the largest float when e^r is below 1.
    IntVector half = exponent.lanewise(VectorOperators.ASHR, 1);
    return expm1Reduced(r).add(1f).mul(powerOf2(half)).mul(powerOf2(exponent.sub(half)));
  }

  /** {@link #exp(FloatVector)} of one element. */
  static float exp(float x) {
    float c = x > EXP_HIGH ? EXP_HIGH : x < EXP_LOW ? EXP_LOW : x;
    float z = Math.fma(c, LOG2E, ROUNDER);
    float n = z - ROUNDER;
    float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, c));
    int exponent = Float.floatToRawIntBits(z) - ROUNDER_BITS;
    int half = exponent >> 1;
    return (expm1Reduced(r) + 1f) * powerOf2(half) * powerOf2(exponent - half);
  }

  /** Natural logarithm. */
  static FloatVector log(FloatVector x) {
    VectorMask<Float> subnormal = x.lt(Float.MIN_NORMAL);
    FloatVector scaled = x.blend(x.mul(0x1p23f), subnormal);
    IntVector bits = scaled.reinterpretAsInts().sub(SQRT_HALF_BITS);
    FloatVector e = ((FloatVector) bits.lanewise(VectorOperators.ASHR, 23).convert(VectorOperators.I2F, 0))
        .add(Lanes.zero().blend(-23f, subnormal));
    FloatVector f = bits.and(MANTISSA).add(SQRT_HALF_BITS).reinterpretAsFloats().sub(1f);
    FloatVector y = log1pReduced(f, e);
    y = y.blend(x, x.lt(Float.POSITIVE_INFINITY).not());
    y = y.blend(Float.NaN, x.lt(0f));
    return y.blend(Float.NEGATIVE_INFINITY, x.eq(0f));
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
    float e = (bits >> 23) + (subnormal ? -23f : 0f);
    return log1pReduced(Float.intBitsToFloat((bits & MANTISSA) + SQRT_HALF_BITS) - 1f, e);
  }

  /**
   * Hyperbolic tangent of the magnitude, with {@code e = e^(-2|x|)} and {@code t = e - 1}: {@code -t / (t + 2)} up to
   * 1/2, and {@code 1 - 2e / (t + 2)} from there on, which loses nothing where it nears 1: derivatives are {@code 1 -
   * tanh^2}.
   */
  static FloatVector tanh(FloatVector x) {
    FloatVector a = x.abs();
    FloatVector c = a.blend(TANH_HIGH, a.compare(VectorOperators.GT, TANH_HIGH)).mul(-2f);
    FloatVector z = c.fma(Lanes.broadcast(LOG2E), Lanes.broadcast(ROUNDER));
    FloatVector n = z.sub(ROUNDER);
    FloatVector r = n.fma(Lanes.broadcast(-LN2_LOW), n.fma(Lanes.broadcast(-LN2_HIGH), c));
    FloatVector scale = powerOf2(z.reinterpretAsInts().sub(ROUNDER_BITS));
    FloatVector reduced = expm1Reduced(r);
    FloatVector t = reduced.fma(scale, scale.sub(1f));
    FloatVector e = reduced.fma(scale, scale);
    VectorMask<Float> low = a.compare(VectorOperators.LT, TANH_LOW);
    FloatVector quotient = e.add(e).blend(t, low).div(t.add(2f));
    IntVector magnitude = Lanes.broadcast(1f).sub(quotient).blend(quotient, low).reinterpretAsInts().and(~SIGN);
    return magnitude.or(x.reinterpretAsInts().and(SIGN)).reinterpretAsFloats();
  }

  /** {@link #tanh(FloatVector)} of one element. */
  static float tanh(float x) {
    float a = Math.abs(x);
    float c = (a > TANH_HIGH ? TANH_HIGH : a) * -2f;
    float z = Math.fma(c, LOG2E, ROUNDER);
    float n = z - ROUNDER;
    float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, c));
    float scale = powerOf2(Float.floatToRawIntBits(z) - ROUNDER_BITS);
    float reduced = expm1Reduced(r);
    float t = Math.fma(reduced, scale, scale - 1f);
    float e = Math.fma(reduced, scale, scale);
    float quotient = (a < TANH_LOW ? t : e + e) / (t + 2f);
    int magnitude = Float.floatToRawIntBits(a < TANH_LOW ? quotient : 1f - quotient) & ~SIGN;
    return Float.intBitsToFloat(magnitude | Float.floatToRawIntBits(x) & SIGN);
  }

  /** {@code 1 / (1 + e^-x)}: with {@code e = e^-|x|}, {@code 1/(1 + e)} from 0 up and {@code e/(1 + e)} below. */
  static FloatVector sigmoid(FloatVector x) {
    FloatVector e = exp(x.abs().neg());
    return e.blend(1f, x.compare(VectorOperators.GE, 0f)).div(e.add(1f));
  }

  /** {@link #sigmoid(FloatVector)} of one element. */
  static float sigmoid(float x) {
    float e = exp(-Math.abs(x));
    return (x >= 0f ? 1f : e) / (e + 1f);
  }

  /** {@code log(1 + e^x) = max(x, 0) + log(1 + e^-|x|)}. */
  static FloatVector softplus(FloatVector x) {
    return x.max(0f).add(log1pUnit(exp(x.abs().neg())));
  }

  /** {@link #softplus(FloatVector)} of one element. */
  static float softplus(float x) {
    return Math.max(x, 0f) + log1pUnit(exp(-Math.abs(x)));
  }

  /** The standard normal distribution {@code Phi(x) = (1 + erf(x/sqrt(2))) / 2}. */
  static FloatVector normalCdf(FloatVector x) {
    FloatVector a = x.abs();
    a = a.blend(CDF_HIGH, a.compare(VectorOperators.GT, CDF_HIGH));
    FloatVector quarter = a.mul(0.25f);
    FloatVector t = Lanes.broadcast(1f).div(quarter.add(1f));
    FloatVector below = exp(a.mul(-0.5f).fma(a, tailExponent(quarter.mul(t)))).mul(t.mul(0.5f));
    return below.blend(Lanes.broadcast(1f).sub(below), x.compare(VectorOperators.GT, 0f));
  }

  /** {@link #normalCdf(FloatVector)} of one element. */
  static float normalCdf(float x) {
    float magnitude = Math.abs(x);
    float a = magnitude > CDF_HIGH ? CDF_HIGH : magnitude;
    float quarter = a * 0.25f;
    float t = 1f / (quarter + 1f);
    float below = exp(Math.fma(a * -0.5f, a, tailExponent(quarter * t))) * (t * 0.5f);
    return x > 0f ? 1f - below : below;
  }

  /** Bounds to where 2^n stays representable in two factors; NaN stays. */
  private static FloatVector clampExponent(FloatVector x) {
    return x.blend(EXP_HIGH, x.compare(VectorOperators.GT, EXP_HIGH)).blend(EXP_LOW, x.lt(EXP_LOW));
  }

  private static FloatVector powerOf2(IntVector n) {
    return n.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
  }

  private static float powerOf2(int n) {
    return Float.intBitsToFloat(n + 127 << 23);
  }

  /** {@code e^r - 1} for r in +-ln(2)/2. */
  private static FloatVector expm1Reduced(FloatVector r) {
    FloatVector p = r.fma(Lanes.broadcast(P5), Lanes.broadcast(P4));
    p = p.fma(r, Lanes.broadcast(P3));
    p = p.fma(r, Lanes.broadcast(P2));
    p = p.fma(r, Lanes.broadcast(P1));
    p = p.fma(r, Lanes.broadcast(P0));
    return p.fma(r.mul(r), r);
  }

  private static float expm1Reduced(float r) {
    float p = Math.fma(r, P5, P4);
    p = Math.fma(p, r, P3);
    p = Math.fma(p, r, P2);
    p = Math.fma(p, r, P1);
    p = Math.fma(p, r, P0);
    return Math.fma(p, r * r, r);
  }

  /** {@code log(1 + f) + e ln 2} for f from sqrt(1/2) - 1 to sqrt(2) - 1. */
  private static FloatVector log1pReduced(FloatVector f, FloatVector e) {
    FloatVector q = f.fma(Lanes.broadcast(Q8), Lanes.broadcast(Q7));
    q = q.fma(f, Lanes.broadcast(Q6));
    q = q.fma(f, Lanes.broadcast(Q5));
    q = q.fma(f, Lanes.broadcast(Q4));
    q = q.fma(f, Lanes.broadcast(Q3));
    q = q.fma(f, Lanes.broadcast(Q2));
    q = q.fma(f, Lanes.broadcast(Q1));
    q = q.fma(f, Lanes.broadcast(Q0));
    FloatVector square = f.mul(f);
    FloatVector y = e.fma(Lanes.broadcast(LN2_LOW), q.mul(f.mul(square)));
    y = square.fma(Lanes.broadcast(-0.5f), y);
    return e.fma(Lanes.broadcast(LN2_HIGH), f.add(y));
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
    VectorMask<Float> large = u.compare(VectorOperators.GT, SQRT2_MINUS_1);
    return log1pReduced(u.blend(u.sub(1f).mul(0.5f), large), Lanes.zero().blend(1f, large));
  }

  private static float log1pUnit(float u) {
    boolean large = u > SQRT2_MINUS_1;
    return log1pReduced(large ? (u - 1f) * 0.5f : u, large ? 1f : 0f);
  }

  private static FloatVector tailExponent(FloatVector w) {
    FloatVector c = w.fma(Lanes.broadcast(C9), Lanes.broadcast(C8));
    c = c.fma(w, Lanes.broadcast(C7));
    c = c.fma(w, Lanes.broadcast(C6));
    c = c.fma(w, Lanes.broadcast(C5));
    c = c.fma(w, Lanes.broadcast(C4));
    c = c.fma(w, Lanes.broadcast(C3));
    c = c.fma(w, Lanes.broadcast(C2));
    c = c.fma(w, Lanes.broadcast(C1));
    return c.fma(w, Lanes.broadcast(C0)).mul(w);
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
