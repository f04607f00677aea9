package dev.sluice.bench.gate;

import java.util.Arrays;

/**
 * A median and where it lies with a probability of nine tenths, by the order of the values alone: no distribution is
 * assumed, which times have not.
 *
 * @param low the lower end
 * @param median the middle value
 * @param high the upper end
 */
record Interval(double low, double median, double high) {
  private static final double CONFIDENCE = 0.9;

  /**
   * From the k-th smallest to the k-th largest value lies the median with probability {@code 1 - 2 P(X < k)}, X being
   * binomial of as many throws of a coin; the largest such k that gives the confidence is taken. Fewer than five values
   * give none: their interval is everything.
   *
   * @param values one or more
   */
  static Interval ofMedian(double... values) {
    if (values.length == 0) {
      throw new IllegalArgumentException("interval: no value is given, wanted 1 or more");
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int n = sorted.length;
    double median = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
    int from = -1;
    double below = 0;
    double term = Math.pow(0.5, n);
    for (int k = 0; k < n / 2; k++) {
      below += term;
      if (1 - 2 * below < CONFIDENCE) {
        break;
      }
      from = k;
      term *= (double) (n - k) / (k + 1);
    }
    return from < 0
        ? new Interval(Double.NEGATIVE_INFINITY, median, Double.POSITIVE_INFINITY)
        : new Interval(sorted[from], median, sorted[n - 1 - from]);
  }
}
