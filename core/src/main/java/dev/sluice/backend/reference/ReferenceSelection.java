package dev.sluice.backend.reference;

import dev.sluice.spi.Selection;
import java.util.Arrays;

/** Which weights of a row count: a {@link Selection} in plain loops. */
final class ReferenceSelection {
  private ReferenceSelection() {}

  /**
   * Chooses among the weights that take part.
   *
   * @param row the row's number in a draw
   * @param order what weights are compared by
   * @param predicate the caller's choice, from some index on; looked at by a predicate alone
   * @param kept written
   */
  static void choose(Selection selection, long row, boolean[] takes, double[] order, double[] weights,
      boolean[] predicate, int predicateAt, boolean[] kept) {
    switch (selection) {
      case Selection.All _ -> System.arraycopy(takes, 0, kept, 0, kept.length);
      case Selection.Threshold spec -> {
        double least = spec.least();
        for (int j = 0; j < kept.length; j++) {
          kept[j] = takes[j] && !(weights[j] < least);
        }
      }
      case Selection.Largest(int count, boolean _) -> largest(count, takes, order, kept);
      case Selection.Predicate _ -> {
        for (int j = 0; j < kept.length; j++) {
          kept[j] = takes[j] && predicate[predicateAt + j];
        }
      }
      case Selection.Sampled spec -> {
        double u = spec.uniform(row);
        draw(u, takes, weights, kept);
      }
      case Selection.ArgMax _ -> largest(1, takes, order, kept);
    }
  }

  private static void largest(int count, boolean[] takes, double[] order, boolean[] kept) {
    Arrays.fill(kept, false);
    for (int found = 0; found < count; found++) {
      int best = -1;
      for (int j = 0; j < kept.length; j++) {
        if (takes[j] && !kept[j] && (best < 0 || isAbove(order[j], order[best]))) {
          best = j;
        }
      }
      if (best < 0) {
        return;
      }
      kept[best] = true;
    }
  }

  private static boolean isAbove(double x, double y) {
    return x > y || Double.isNaN(x) && !Double.isNaN(y);
  }

  /** Keeps the first weight at which the sum so far exceeds u times the whole; the last if rounding finds none. */
  private static void draw(double u, boolean[] takes, double[] weights, boolean[] kept) {
    Arrays.fill(kept, false);
    double total = 0;
    for (int j = 0; j < kept.length; j++) {
      total += takes[j] ? weights[j] : 0;
    }
    double sum = 0;
    int picked = -1;
    for (int j = 0; j < kept.length && (picked < 0 || sum <= u * total); j++) {
      if (takes[j] && weights[j] != 0) {
        sum += weights[j];
        picked = j;
      }
    }
    if (picked >= 0) {
      kept[picked] = true;
    }
  }
}
