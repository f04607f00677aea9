package dev.sluice.conformance;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Chooses which cases of a large crossing run: all with {@code -Dconformance.full=true}, else a seeded sample. */
final class Sample {
  private static final boolean FULL = Boolean.getBoolean("conformance.full");
  private static final long SEED = 20_251;

  private Sample() {}

  static <T> List<T> of(List<T> all, int limit) {
    return of(all, limit, 0);
  }

  /** @param number which of several samples of like lists, so that they differ */
  static <T> List<T> of(List<T> all, int limit, int number) {
    if (FULL || all.size() <= limit) {
      return all;
    }
    List<T> shuffled = new ArrayList<>(all);
    Collections.shuffle(shuffled, new Random(SEED + number));
    return shuffled.subList(0, limit);
  }
}
