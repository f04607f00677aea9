package dev.sluice.backend.vector;

import static jdk.incubator.vector.DoubleVector.broadcast;
import static jdk.incubator.vector.DoubleVector.fromArray;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LE;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.XOR;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@code x^y = 2^(y log2 |x|)} of up to {@link #SIZE} bases and exponents, with the sign and the special values of
 * {@link Math#pow}, in lanes of doubles: a float of it is within 1 ulp. All elements go through the lanes, so that the
 * bits of one do not hang on its place; what is rare, NaN and exponents whose parity lanes do not see, goes through
 * {@link StrictMath} after them.
 */
final class PowerBlock {
  /** Elements of a block, whole vectors. */
  static final int SIZE = 64;

  private static final VectorSpecies<Double> DOUBLES = Lanes.SPECIES.withLanes(double.class);
  private static final int LANES = DOUBLES.length();
  private static final int MANTISSA = 52;
  private static final int BIAS = 1023;
  /** Added to a double of up to 2^51, it leaves the nearest integer in the low bits of the sum. */
  private static final double ROUNDER = 0x1.8p52;
  private static final long ROUNDER_BITS = Double.doubleToRawLongBits(ROUNDER);
  /** Taken from the bits of a double, it leaves in the exponent's place that by which the rest is near 1, and 1024. */
  private static final long NEAR_1 = Double.doubleToRawLongBits(Math.sqrt(0.5)) - (1024L << MANTISSA);
  /** In place of the logarithms of 0 and, negated, infinity: with any exponent but 0 it leaves no doubt. */
  private static final double LOG_0 = -1e300;
  /** No power of 2 beyond is a double. */
  private static final double MOST = 2040;
  private static final double MOST_EXPONENT = 0x1p20;
  private static final double LN2 = 0.6931471805599453;

  /** log2((1 + s) / (1 - s)) / s, in s^2. */
  private static final double L0 = 2.8853900817779268;
  private static final double L1 = 0.9617966939259757;
  private static final double L2 = 0.5770780163555853;
  private static final double L3 = 0.41219858311113244;
  private static final double L4 = 0.3205988979753252;
  private static final double L5 = 0.2623081892525388;
  private static final double L6 = 0.2219530832136867;
  private static final double L7 = 0.19235933878519512;

  /** 2^f for f up to a half. */
  private static final double E1 = 0.6931471805599453;
  private static final double E2 = 0.2402265069591007;
  private static final double E3 = 0.055504108664821576;
  private static final double E4 = 0.009618129107628477;
  private static final double E5 = 0.0013333558146428441;
  private static final double E6 = 0.00015403530393381606;
  private static final double E7 = 1.5252733804059838e-05;
  private static final double E8 = 1.3215486790144305e-06;
  private static final double E9 = 1.0178086009239696e-07;
  private static final double E10 = 7.054911620801121e-09;

  final double[] bases = new double[SIZE];
  final double[] exponents = new double[SIZE];
  final double[] powers = new double[SIZE];
  private final double[] logs = new double[SIZE];

  /** Raises the first n bases. */
  void raise(int n) {
    findLogs(n);
    if (findPowers(n)) {
      return;
    }
    for (int i = 0; i < n; i++) {
      if (!(Math.abs(exponents[i]) <= MOST_EXPONENT) || Double.isNaN(bases[i])) {
        powers[i] = StrictMath.pow(bases[i], exponents[i]);
      }
    }
  }

  /** The natural logarithm of a base, after {@link #raise}. */
  double log(int i) {
    double x = bases[i];
    return x > 0 && x < Double.POSITIVE_INFINITY ? logs[i] * LN2 : StrictMath.log(x);
  }

  /** {@code log2 |x|}: of x near 1 by {@code s = (x - 1) / (x + 1)}, and a whole number of others. */
  private void findLogs(int n) {
    for (int i = 0; i < n; i += LANES) {
      DoubleVector x = fromArray(DOUBLES, bases, i).abs();
      LongVector bits = x.reinterpretAsLongs();
      LongVector whole = bits.sub(NEAR_1).lanewise(LSHR, MANTISSA).sub(1024);
      DoubleVector near = bits.sub(whole.lanewise(LSHL, MANTISSA)).reinterpretAsDoubles();
      DoubleVector s = near.sub(1).div(near.add(1));
      DoubleVector z = s.mul(s);
      DoubleVector p = z.fma(broadcast(DOUBLES, L7), broadcast(DOUBLES, L6));
      p = p.fma(z, broadcast(DOUBLES, L5));
      p = p.fma(z, broadcast(DOUBLES, L4));
      p = p.fma(z, broadcast(DOUBLES, L3));
      p = p.fma(z, broadcast(DOUBLES, L2));
      p = p.fma(z, broadcast(DOUBLES, L1));
      p = p.fma(z, broadcast(DOUBLES, L0));
      s.fma(p, whole.add(ROUNDER_BITS).reinterpretAsDoubles().sub(ROUNDER)).blend(LOG_0, x.eq(0))
          .blend(-LOG_0, x.eq(Double.POSITIVE_INFINITY)).intoArray(logs, i);
    }
  }

  /**
   * {@code 2^(y log2 |x|)} by two powers of 2 and one of the rest, since one alone may be no double; then the sign.
   *
   * @return whether that is right for all elements
   */
  private boolean findPowers(int n) {
    boolean all = true;
    for (int i = 0; i < n; i += LANES) {
      DoubleVector x = fromArray(DOUBLES, bases, i);
      DoubleVector y = fromArray(DOUBLES, exponents, i);
      DoubleVector log = y.mul(fromArray(DOUBLES, logs, i)).max(-MOST).min(MOST);
      DoubleVector whole = log.add(ROUNDER).sub(ROUNDER);
      DoubleVector half = whole.mul(0.5).add(ROUNDER);
      DoubleVector other = whole.sub(half.sub(ROUNDER)).add(ROUNDER);
      DoubleVector f = log.sub(whole);
      DoubleVector p = f.fma(broadcast(DOUBLES, E10), broadcast(DOUBLES, E9));
      p = p.fma(f, broadcast(DOUBLES, E8));
      p = p.fma(f, broadcast(DOUBLES, E7));
      p = p.fma(f, broadcast(DOUBLES, E6));
      p = p.fma(f, broadcast(DOUBLES, E5));
      p = p.fma(f, broadcast(DOUBLES, E4));
      p = p.fma(f, broadcast(DOUBLES, E3));
      p = p.fma(f, broadcast(DOUBLES, E2));
      p = p.fma(f, broadcast(DOUBLES, E1));
      p = p.fma(f, broadcast(DOUBLES, 1));
      p = p.mul(half.reinterpretAsLongs().add(BIAS).lanewise(LSHL, MANTISSA).reinterpretAsDoubles())
          .mul(other.reinterpretAsLongs().add(BIAS).lanewise(LSHL, MANTISSA).reinterpretAsDoubles());
      DoubleVector rounded = y.add(ROUNDER);
      VectorMask<Double> isWhole = rounded.sub(ROUNDER).eq(y);
      LongVector sign = rounded.reinterpretAsLongs().lanewise(LSHL, Long.SIZE - 1).and(x.reinterpretAsLongs());
      DoubleVector signed = p.reinterpretAsLongs().lanewise(XOR, sign).reinterpretAsDoubles();
      VectorMask<Double> lost = x.lt(0).and(x.compare(GT, Double.NEGATIVE_INFINITY)).andNot(isWhole);
      p.blend(signed, isWhole).blend(Double.NaN, lost).intoArray(powers, i);
      all &= y.abs().compare(LE, MOST_EXPONENT).and(x.eq(x)).allTrue();
    }
    return all;
  }
}
