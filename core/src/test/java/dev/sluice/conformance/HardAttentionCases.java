package dev.sluice.conformance;

import dev.sluice.conformance.AttentionCases.Extra;
import dev.sluice.conformance.AttentionCases.Wanted;
import dev.sluice.spi.AttentionSpec;
import dev.sluice.spi.AttentionSpec.Causal;
import dev.sluice.spi.Dropout;
import dev.sluice.spi.Selection;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Attention with a selection: sizes x selection x mask and bias x causal x lengths x dropout x layouts x weights and
 * their gradient, grouped heads among the sizes.
 */
final class HardAttentionCases {
  /** Sizes: batch, heads, keyHeads, queries, keys, width, valueWidth. */
  private static final int[][] SIZES = {{1, 1, 1, 1, 1, 1, 1}, {2, 4, 2, 7, 7, 8, 5}, {1, 3, 1, 5, 17, 16, 16},
      {2, 2, 1, 17, 5, 3, 7}, {1, 1, 1, 33, 33, 17, 16}, {3, 1, 1, 1, 16, 7, 1}, {1, 2, 2, 2, 67, 16, 33},
      {1, 2, 1, 27, 130, 64, 64}, {1, 1, 1, 66, 67, 33, 17}, {1, 1, 1, 3, 257, 7, 5}};
  private static final int[][] EMPTY = {{0, 2, 1, 3, 3, 2, 2}, {2, 1, 1, 0, 3, 2, 2}, {2, 1, 1, 3, 0, 2, 2},
      {2, 1, 1, 3, 3, 0, 2}, {2, 1, 1, 3, 3, 2, 0}};

  /** Long rows, wide heads, tiles of a GPU that are full, and few queries. */
  private static final int[][] LARGER = {{1, 2, 1, 3, 1031, 5, 7}, {1, 2, 1, 5, 9, 7, 300}, {1, 2, 1, 64, 35, 70, 3},
      {3, 4, 2, 2, 67, 64, 48}};

  /** Scores that a GPU makes in several turns; one case of each selection. */
  private static final int[] SEVERAL_TURNS = {3, 3, 3, 2, 8200, 2, 3};

  private HardAttentionCases() {}

  static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (int kind = 0; kind < kinds(); kind++) {
      List<Case> crossing = new ArrayList<>();
      List<Case> empty = new ArrayList<>();
      List<Case> larger = new ArrayList<>();
      for (int[] size : SIZES) {
        addCrossing(crossing, kind, size);
      }
      for (int[] size : EMPTY) {
        addCrossing(empty, kind, size);
      }
      for (int size = 0; size < LARGER.length; size++) {
        List<Case> all = new ArrayList<>();
        addCrossing(all, kind, LARGER[size]);
        larger.addAll(Sample.of(all, 2, kind * LARGER.length + size));
      }
      cases.addAll(Sample.of(crossing, 36));
      cases.addAll(larger);
      List<Case> several = new ArrayList<>();
      addCrossing(several, kind, SEVERAL_TURNS);
      cases.add(several.get(31 * kind % several.size()));
      cases.addAll(Sample.of(empty, 6));
      List<Case> undropped = crossing.stream().filter(one -> !spec(one).dropout().drops()).toList();
      for (Case ordinary : Sample.of(undropped, 6)) {
        cases.add(Case.special(ordinary.family(), ordinary.group(), ordinary.name(), ordinary.script()));
      }
    }
    return cases;
  }

  static void large(Bench bench) {
    for (int kind = 0; kind < kinds(); kind++) {
      AttentionSpec spec = AttentionCases.spec(new int[] {2, 4, 2, 131, 131, 16, 16}, Extra.OVER_HEADS, Extra.NONE,
          Causal.NONE, true, new Dropout(0.25, 9, 4), true);
      new AttentionScript(spec.withSelection(selection(kind, spec)), Wanted.ALL).run(bench);
    }
  }

  private static int kinds() {
    return 11;
  }

  /** The selections, some of which hang on sizes. */
  private static Selection selection(int kind, AttentionSpec spec) {
    return switch (kind) {
      case 0 -> new Selection.Threshold(0, false);
      case 1 -> new Selection.Threshold(0.1, false);
      case 2 -> new Selection.Threshold(0.23, true);
      case 3 -> new Selection.Largest(1, false);
      case 4 -> new Selection.Largest(5, false);
      case 5 -> new Selection.Largest(3, true);
      case 6 -> new Selection.Largest(Math.max(1, spec.keys() / 4), false);
      case 7 -> new Selection.Predicate(Extra.OVER_HEADS.layout(spec.heads(), spec.queries(), spec.keys()), false);
      case 8 -> new Selection.Predicate(Extra.FULL.layout(spec.heads(), spec.queries(), spec.keys()), true);
      case 9 -> new Selection.Sampled(23, 5);
      case 10 -> new Selection.ArgMax();
      default -> throw new AssertionError(kind);
    };
  }

  private static void addCrossing(List<Case> cases, int kind, int[] size) {
    for (Extra mask : new Extra[] {Extra.NONE, Extra.FULL, Extra.OVER_HEADS}) {
      for (Extra bias : new Extra[] {Extra.NONE, Extra.OVER_QUERIES}) {
        for (Causal causal : Causal.values()) {
          for (boolean lengths : new boolean[] {false, true}) {
            for (double probability : new double[] {0, 0.3}) {
              for (Wanted wanted : Wanted.values()) {
                boolean lengthFirst = cases.size() % 2 == 0;
                AttentionSpec soft = AttentionCases.spec(size, mask, bias, causal, lengths,
                    new Dropout(probability, 17, 6), lengthFirst);
                Selection selection = selection(kind, soft);
                String kept = selection.getClass().getSimpleName().toLowerCase(Locale.ROOT)
                    + (selection.renormalises() ? " renormalised" : "");
                String group = "attention " + kept;
                // Where a predicate lies follows from the sizes.
                String name = (selection instanceof Selection.Predicate ? kept : selection) + " batch " + size[0]
                    + " heads " + size[1] + "/" + size[2] + " queries " + size[3] + " keys " + size[4] + " widths "
                    + size[5] + " and " + size[6] + " mask " + mask
                    + " bias " + bias + " " + causal + (lengths ? " lengths" : "") + " dropout " + probability
                    + (lengthFirst ? " length first " : " heads first ") + wanted;
                cases.add(Case.of(AttentionCases.FAMILY, group, name,
                    new AttentionScript(soft.withSelection(selection), wanted)));
              }
            }
          }
        }
      }
    }
  }

  private static AttentionSpec spec(Case one) {
    return ((AttentionScript) one.script()).spec();
  }
}
