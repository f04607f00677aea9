package dev.sluice.cuda.kernel;

import dev.sluice.cuda.Launch;

/**
 * Numbers that kernels divide by, with what turns the division into a multiplication ({@code Divisor} of common.cuh).
 */
final class Divisor {
  static final int MEMBERS = 3;

  private Divisor() {}

  /** Lays a divisor from 1 on out as an argument; one of 0 belongs to a loop over nothing and becomes 1. */
  static Launch pass(Launch launch, int divisor) {
    int positive = Math.max(divisor, 1);
    return launch.integers(positive, multiplier(positive), shift(positive));
  }

  /** Puts the members of a divisor from 1 on into an array. */
  static void pack(int divisor, int[] target, int offset) {
    target[offset] = divisor;
    target[offset + 1] = multiplier(divisor);
    target[offset + 2] = shift(divisor);
  }

  private static int shift(int divisor) {
    return Integer.SIZE - Integer.numberOfLeadingZeros(divisor - 1);
  }

  private static int multiplier(int divisor) {
    long above = (1L << shift(divisor)) - divisor;
    return (int) ((above << Integer.SIZE) / divisor + 1);
  }
}
