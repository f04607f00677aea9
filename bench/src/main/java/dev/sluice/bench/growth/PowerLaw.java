package dev.sluice.bench.growth;

/** Fits {@code y = c x^exponent}: a straight line through the logarithms, by least squares. */
final class PowerLaw {
  private PowerLaw() {}

  /**
   * The exponent.
   *
   * @param x at least two sizes, positive, not all the same
   * @param y as many values, positive
   */
  static double exponent(double[] x, double[] y) {
    if (x.length < 2 || x.length != y.length) {
      throw new IllegalArgumentException(
          "power law: x has " + x.length + " and y " + y.length + " values, wanted 2 or more of both");
    }
    double meanX = 0;
    double meanY = 0;
    for (int i = 0; i < x.length; i++) {
      meanX += Math.log(x[i]) / x.length;
      meanY += Math.log(y[i]) / x.length;
    }
    double covariance = 0;
    double variance = 0;
    for (int i = 0; i < x.length; i++) {
      double offset = Math.log(x[i]) - meanX;
      covariance += offset * (Math.log(y[i]) - meanY);
      variance += offset * offset;
    }
    return covariance / variance;
  }
}
