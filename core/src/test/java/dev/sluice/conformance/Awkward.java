package dev.sluice.conformance;

import java.util.Random;

/** Sizes that find mistakes, and small helpers to draw what is not a real number. */
final class Awkward {
  /** Nothing, one, primes, lane counts of 4, 8 and 16 and their neighbours, and some of several vectors and chunks. */
  static final int[] SIZES = {0, 1, 2, 3, 5, 7, 15, 16, 17, 31, 33, 67, 130, 257};

  /** The small ones, for crossings. */
  static final int[] SMALL = {0, 1, 2, 3, 5, 7, 16, 17, 33};

  private Awkward() {}

  /** Long rows, where a GPU has a block work on one. */
  static final int[] LONG = {1031, 2052};

  /** Flags that are true with a probability. */
  static boolean[] flags(Random random, int length, double probability) {
    boolean[] flags = new boolean[length];
    for (int i = 0; i < length; i++) {
      flags[i] = random.nextDouble() < probability;
    }
    return flags;
  }

  /** Lengths of 0 to a limit, the first two of them 0 and the limit. */
  static int[] lengths(Random random, int count, int limit) {
    int[] lengths = new int[count];
    for (int i = 0; i < count; i++) {
      int drawn = random.nextInt(limit + 1);
      lengths[i] = i == 0 ? limit : i == 1 ? 0 : drawn;
    }
    return lengths;
  }

  /** Indices of 0 to a limit, that one not included. */
  static int[] indices(Random random, int count, int limit) {
    return limit == 0 ? new int[0] : random.ints(count, 0, limit).toArray();
  }
}
