package dev.sluice.bench.train;

import org.jspecify.annotations.Nullable;

/**
 * What is trained and how, as reports show it and {@code --save} keeps it. Constructors refuse what contradicts itself,
 * in the words of the command line.
 */
public sealed interface Configuration permits FashionConfiguration, AddingConfiguration, ComprehensionConfiguration,
    G2pConfiguration, GraphConfiguration {
  /** The task's name on the command line. */
  String task();

  /** Refuses a number that is not above 0; null is none. */
  static void positive(String option, @Nullable Integer value) {
    require(value == null || value > 0, option + " is " + value + ", wanted 1 or more");
  }

  /** Refuses what is no finite number above 0. */
  static void positiveNumber(String option, double value) {
    require(value > 0 && Double.isFinite(value), option + " is " + value + ", wanted a finite number above 0");
  }

  /**
   * Refuses by this message what does not hold.
   *
   * @throws IllegalArgumentException if it does not
   */
  static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
