package dev.sluice.conformance;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.EmbeddingSpec;
import java.util.ArrayList;
import java.util.List;

/** Looking rows up: padding row x counts x vocabularies x widths. Small vocabularies make rows repeat. */
final class EmbeddingCases {
  private static final String FAMILY = "embedding";

  private EmbeddingCases() {}

  static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (int padding : new int[] {EmbeddingSpec.NO_PADDING, 0, 1}) {
      for (int count : new int[] {0, 1, 5, 33}) {
        for (int vocabulary : new int[] {0, 1, 3, 67}) {
          for (int width : new int[] {0, 1, 3, 16, 17, 33, 130}) {
            if ((vocabulary > 0 || count == 0) && padding < Math.max(vocabulary, 1)) {
              EmbeddingSpec spec = new EmbeddingSpec(count, vocabulary, width, padding);
              String name = count + " of " + vocabulary + "x" + width;
              cases.add(Case.of(FAMILY, "embedding padding " + padding, name, bench -> embedding(bench, spec)));
              cases.add(Case.special(FAMILY, "embedding padding " + padding, name, bench -> embedding(bench, spec)));
            }
          }
        }
      }
    }
    for (int[] size : new int[][] {{700, 3, 4}, {10_001, 300, 5}, {4099, 70_001, 2}}) {
      for (int padding : new int[] {EmbeddingSpec.NO_PADDING, 1}) {
        EmbeddingSpec spec = new EmbeddingSpec(size[0], size[1], size[2], padding);
        cases.add(Case.of(FAMILY, "embedding padding " + padding, size[0] + " of " + size[1] + "x" + size[2],
            bench -> embedding(bench, spec)));
      }
    }
    return cases;
  }

  static void large(Bench bench) {
    embedding(bench, new EmbeddingSpec(3001, 101, 67, 1));
  }

  static void tiny(Bench bench) {
    embedding(bench, new EmbeddingSpec(19, 5, 37, 1));
  }

  private static void embedding(Bench bench, EmbeddingSpec spec) {
    Buffer table = bench.input(spec.vocabulary() * spec.width());
    Buffer indices = bench.ints(Awkward.indices(bench.random(), spec.count(), spec.vocabulary()));
    Buffer gradY = bench.input(spec.count() * spec.width());
    bench.backend().embedding().embedding(spec, table, indices, bench.output("y", spec.count() * spec.width()));
    bench.backend().embedding().embeddingBackward(spec, indices, gradY,
        bench.output("gradTable", spec.vocabulary() * spec.width()));
  }
}
