package dev.sluice.bench.story;

import java.util.List;
import java.util.SplittableRandom;

/** Draws that a seed decides, on every JDK alike. */
record Draws(SplittableRandom random) {
  /** A number from 0 to below a bound. */
  int below(int bound) {
    // Only nextLong is used: how the JDK bounds an int may change. The bias of this product is below 2^-59.
    return (int) Math.unsignedMultiplyHigh(random.nextLong(), bound);
  }

  /** One of these. */
  <T> T of(List<T> choices) {
    return choices.get(below(choices.size()));
  }
}
