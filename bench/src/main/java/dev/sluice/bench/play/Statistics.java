package dev.sluice.bench.play;

import java.util.Arrays;
import java.util.Collection;

/** Medians, and how sure they are. */
public final class Statistics {
  private Statistics() {}

  /** The median; of an even number of values the mean of the two in the middle. */
  public static double median(double... values) {
    if (values.length == 0) {
      throw new IllegalArgumentException("median: no value is given, wanted 1 or more");
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  /** The median of some numbers. */
  public static double median(Collection<Double> values) {
    return median(values.stream().mapToDouble(value -> value).toArray());
  }
}
