package dev.sluice.bench.train;

import java.util.List;

/** How many phonemes are to be changed (Levenshtein 1966). */
final class EditDistance {
  private EditDistance() {}

  /** The least number of insertions, deletions and replacements that make one sequence of the other. */
  static <T> int between(List<T> a, List<T> b) {
    int[] row = new int[b.size() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (T each : a) {
      int diagonal = row[0]++;
      for (int j = 1; j < row.length; j++) {
        int replaced = diagonal + (each.equals(b.get(j - 1)) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.size()];
  }
}
