package dev.sluice.bench.play;

import dev.sluice.bench.work.Job.Result;
import java.util.List;
import java.util.Locale;

/** How far a peer's results are from Sluice's. */
final class Comparison {
  /**
   * The largest difference that two ways of computing in float may have, relative to the largest magnitude of a result:
   * sums of thousands of terms in another order differ by 1e-6 to 1e-5, another formula or another order of gates by
   * 1e-2 or more, and a step of Adam that was not made by 1e-3.
   */
  static final double BOUND = 1e-4;

  private Comparison() {}

  /**
   * The largest difference of any result, relative to that result's largest magnitude in Sluice. Results correspond by
   * their order.
   *
   * @param peer who, for messages
   * @throws DifferentException if the peer has other results, or one is further off than {@link #BOUND}
   */
  static double error(String peer, List<Result> expected, List<Result> actual) {
    if (expected.size() != actual.size()) {
      throw new DifferentException(peer + " has " + actual.size() + " results, wanted " + expected.size());
    }
    double largest = 0;
    for (int i = 0; i < expected.size(); i++) {
      Result own = expected.get(i);
      Result other = actual.get(i);
      if (own.values().length != other.values().length) {
        throw new DifferentException(own.name() + " of " + peer + " has " + other.values().length + " numbers, wanted "
            + own.values().length);
      }
      double error = error(own.values(), other.values());
      if (!(error <= BOUND)) {
        throw new DifferentException(
            String.format(Locale.ROOT, "%s of %s differs by %.2g of its largest magnitude, wanted %.2g at most",
                own.name(), peer, error, BOUND));
      }
      largest = Math.max(largest, error);
    }
    return largest;
  }

  /** NaN where either has one. */
  private static double error(float[] expected, float[] actual) {
    double difference = 0;
    double magnitude = 0;
    for (int i = 0; i < expected.length; i++) {
      difference = Math.max(difference, Math.abs((double) expected[i] - actual[i]));
      magnitude = Math.max(magnitude, Math.abs((double) expected[i]));
    }
    return difference == 0 ? 0 : difference / magnitude;
  }
}
