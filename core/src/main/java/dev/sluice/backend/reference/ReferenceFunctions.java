package dev.sluice.backend.reference;

/** Functions of one number that {@link Math} lacks. */
final class ReferenceFunctions {
  private static final double TWO_OVER_SQRT_PI = 1.1283791670955126;
  private static final double ONE_OVER_SQRT_PI = 0.5641895835477563;
  private static final double SQRT_HALF = 0.7071067811865476;
  private static final double ONE_OVER_SQRT_TWO_PI = 0.3989422804014327;
  private static final double SERIES_BELOW = 2.0;
  private static final double ONE_FROM = 6.0;
  private static final int FRACTION_LEVELS = 80;

  private ReferenceFunctions() {}

  /** {@code 1 / (1 + e^-x)}. */
  static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /** The derivative of {@code max(x, 0)} by its value: 1 above 0, 0 at 0, NaN of NaN. */
  static double rectifierSlope(double value) {
    return value > 0 ? 1 : value == 0 ? 0 : value;
  }

  /** {@code log(1 + e^x)}, as {@code max(x, 0) + log(1 + e^-|x|)}, which cannot overflow. */
  static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }

  /** The standard normal distribution function, {@code (1 + erf(x/sqrt(2))) / 2}. */
  static double normal(double x) {
    return 0.5 * (1 + erf(x * SQRT_HALF));
  }

  /** The standard normal density, {@code exp(-x^2/2) / sqrt(2 pi)}. */
  static double normalDensity(double x) {
    return ONE_OVER_SQRT_TWO_PI * Math.exp(-0.5 * x * x);
  }

  /**
   * The error function, to about 1e-15. Near 0 the series {@code erf(x) = 2/sqrt(pi) e^(-x^2) x sum_n (2x^2)^n /
   * (1*3*..*(2n+1))}, whose terms are all positive; further out one minus the continued fraction of its complement
   * (Abramowitz and Stegun, 7.1.6 and 7.1.14).
   */
  static double erf(double x) {
    double magnitude = Math.abs(x);
    if (magnitude < SERIES_BELOW) {
      double term = x;
      double sum = x;
      for (int n = 1; sum + term != sum; n++) {
        term *= 2 * x * x / (2 * n + 1);
        sum += term;
      }
      return TWO_OVER_SQRT_PI * Math.exp(-x * x) * sum;
    }
    double one = x > 0 ? 1 : -1;
    return magnitude >= ONE_FROM ? one : one * (1 - complement(magnitude));
  }

  /** {@code erfc(x) = e^(-x^2)/sqrt(pi) / (x + (1/2)/(x + (2/2)/(x + (3/2)/(x + ...))))} for x of 2 or more. */
  private static double complement(double x) {
    double fraction = x;
    for (int level = FRACTION_LEVELS; level > 0; level--) {
      fraction = x + 0.5 * level / fraction;
    }
    return ONE_OVER_SQRT_PI * Math.exp(-x * x) / fraction;
  }
}
