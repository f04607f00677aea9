package dev.sluice.conformance;

import dev.sluice.conformance.AttentionScript.Spoiled;
import dev.sluice.spi.AttentionSpec;
import dev.sluice.spi.AttentionSpec.Causal;
import dev.sluice.spi.AttentionSpec.Layout;
import dev.sluice.spi.Dropout;
import java.util.ArrayList;
import java.util.List;

/**
 * Attention: sizes x mask and bias (none, or broadcast over any of batch, head and query) x causal x lengths x dropout
 * x grouped heads x layouts x weights and their gradient. {@link AttentionScript} runs one and fills with NaN whatever
 * takes no part. Special values come without dropout: of a row whose sum is NaN, a dropped weight may be 0 or NaN.
 */
final class AttentionCases {
  static final String FAMILY = "attention";

  /** Sizes: batch, heads, keyHeads, queries, keys, width, valueWidth. */
  private static final int[][] SIZES = {{1, 1, 1, 1, 1, 1, 1}, {2, 2, 2, 3, 5, 4, 4}, {2, 4, 2, 7, 7, 8, 5},
      {1, 3, 1, 5, 17, 16, 16}, {2, 2, 1, 17, 5, 3, 7}, {1, 1, 1, 33, 33, 17, 16}, {3, 1, 1, 1, 16, 7, 1},
      {1, 2, 2, 2, 67, 16, 33}};
  private static final int[][] LARGER = {{1, 2, 1, 67, 130, 16, 16}, {1, 1, 1, 130, 67, 33, 17},
      {1, 1, 1, 3, 257, 7, 5}, {0, 2, 1, 3, 3, 2, 2}, {2, 1, 1, 0, 3, 2, 2}, {2, 1, 1, 3, 0, 2, 2},
      {2, 1, 1, 3, 3, 0, 2}, {2, 1, 1, 3, 3, 2, 0}};
  /** Wide heads, for which a GPU takes matrix products, long rows, and few queries, that go row by row. */
  private static final int[][] WIDE = {{2, 2, 1, 65, 67, 96, 80}, {2, 2, 2, 64, 70, 80, 130},
      {1, 1, 1, 64, 1031, 80, 80}, {1, 2, 1, 5, 9, 300, 7}, {3, 4, 2, 1, 67, 64, 48}, {5, 1, 1, 2, 30, 128, 130}};

  /** Products, and every key is seen by some query. */
  private static final int[] SPOILED = {2, 2, 1, 64, 65, 96, 80};

  /** How a mask or a bias lies. */
  enum Extra {
    NONE,
    FULL,
    OVER_HEADS,
    OVER_QUERIES,
    OVER_BATCH;

    Layout layout(int heads, int queries, int keys) {
      return switch (this) {
        case NONE -> null;
        case FULL -> new Layout(heads * queries * keys, queries * keys, keys);
        case OVER_HEADS -> new Layout(queries * keys, 0, keys);
        case OVER_QUERIES -> new Layout(heads * keys, keys, 0);
        case OVER_BATCH -> new Layout(0, queries * keys, keys);
      };
    }
  }

  /** Which optional results and gradients are asked for. */
  enum Wanted {
    LEAST,
    WEIGHTS,
    GRAD_WEIGHTS,
    ALL
  }

  private AttentionCases() {}

  static List<Case> cases() {
    List<Case> crossing = new ArrayList<>();
    for (int[] size : SIZES) {
      addCrossing(crossing, size);
    }
    List<Case> larger = new ArrayList<>();
    for (int[] size : LARGER) {
      List<Case> all = new ArrayList<>();
      addCrossing(all, size);
      larger.addAll(Sample.of(all, 12));
    }
    for (int[] size : WIDE) {
      List<Case> all = new ArrayList<>();
      addCrossing(all, size);
      larger.addAll(Sample.of(all, 10));
    }
    List<Case> cases = new ArrayList<>(Sample.of(crossing, 700));
    cases.addAll(larger);
    List<Case> undropped = crossing.stream().filter(one -> !dropout(one).drops()).toList();
    for (Case ordinary : Sample.of(undropped, 60)) {
      cases.add(Case.special(FAMILY, ordinary.group(), ordinary.name(), ordinary.script()));
    }
    for (Spoiled spoiled : Spoiled.values()) {
      for (boolean lengthFirst : new boolean[] {false, true}) {
        AttentionSpec spec =
            spec(SPOILED, Extra.FULL, Extra.NONE, Causal.NONE, false, Dropout.NONE, lengthFirst);
        cases.add(Case.of(FAMILY, "attention spoiled", spoiled + (lengthFirst ? " length first" : " heads first"),
            new AttentionScript(spec, Wanted.LEAST, spoiled)));
      }
    }
    cases.addAll(HardAttentionCases.cases());
    return cases;
  }

  static void large(Bench bench) {
    new AttentionScript(spec(new int[] {2, 4, 2, 131, 131, 16, 16}, Extra.OVER_HEADS, Extra.FULL, Causal.NONE, true,
        new Dropout(0.25, 9, 4), true), Wanted.ALL).run(bench);
    new AttentionScript(spec(new int[] {2, 4, 4, 131, 201, 16, 16}, Extra.NONE, Extra.NONE, Causal.BOTTOM_RIGHT, false,
        Dropout.NONE, false), Wanted.LEAST).run(bench);
    new AttentionScript(spec(new int[] {40, 4, 2, 2, 131, 64, 48}, Extra.OVER_HEADS, Extra.NONE, Causal.BOTTOM_RIGHT,
        true, new Dropout(0.25, 9, 4), true), Wanted.ALL).run(bench);
    HardAttentionCases.large(bench);
  }

  static void tiny(Bench bench) {
    new AttentionScript(spec(new int[] {2, 4, 2, 7, 19, 8, 5}, Extra.OVER_HEADS, Extra.FULL, Causal.BOTTOM_RIGHT, true,
        new Dropout(0.25, 9, 4), true), Wanted.ALL).run(bench);
  }

  private static void addCrossing(List<Case> cases, int[] size) {
    for (Extra mask : Extra.values()) {
      for (Extra bias : Extra.values()) {
        for (Causal causal : Causal.values()) {
          for (boolean lengths : new boolean[] {false, true}) {
            for (double probability : new double[] {0, 0.3, 1}) {
              for (boolean lengthFirst : new boolean[] {false, true}) {
                for (Wanted wanted : Wanted.values()) {
                  AttentionSpec spec = spec(size, mask, bias, causal, lengths, new Dropout(probability, 17, 6),
                      lengthFirst);
                  String group = "attention " + causal + (mask == Extra.NONE ? "" : " mask")
                      + (bias == Extra.NONE ? "" : " bias") + (lengths ? " lengths" : "");
                  String name = "batch " + size[0] + " heads " + size[1] + "/" + size[2] + " queries " + size[3]
                      + " keys " + size[4] + " widths " + size[5] + " and " + size[6] + " mask " + mask + " bias "
                      + bias + " dropout "
                      + probability + (lengthFirst ? " length first " : " heads first ") + wanted;
                  cases.add(Case.of(FAMILY, group, name, new AttentionScript(spec, wanted)));
                }
              }
            }
          }
        }
      }
    }
  }

  private static Dropout dropout(Case one) {
    return ((AttentionScript) one.script()).spec().dropout();
  }

  static AttentionSpec spec(int[] size, Extra mask, Extra bias, Causal causal, boolean lengths, Dropout dropout,
      boolean lengthFirst) {
    int heads = size[1];
    int keyHeads = size[2];
    int queries = size[3];
    int keys = size[4];
    int width = size[5];
    int valueWidth = size[6];
    return new AttentionSpec(size[0], heads, keyHeads, queries, keys, width, valueWidth,
        layout(lengthFirst, heads, queries, width), layout(lengthFirst, keyHeads, keys, width),
        // The value lies the other way, so that no kernel can take one layout for another.
        layout(!lengthFirst, keyHeads, keys, valueWidth), layout(lengthFirst, heads, queries, valueWidth),
        1 / Math.sqrt(Math.max(width, 1)), causal, mask.layout(heads, queries, keys), bias.layout(heads, queries, keys),
        lengths, dropout);
  }

  private static Layout layout(boolean lengthFirst, int heads, int length, int width) {
    return lengthFirst ? Layout.lengthFirst(heads, length, width) : Layout.headsFirst(heads, length, width);
  }
}
