package dev.sluice.conformance;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.CrossEntropySpec;
import dev.sluice.spi.CrossEntropySpec.Reduction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Cross-entropy: reductions x ignored labels (none, some, all) x smoothing x sizes, with and without a reserve. */
final class LossCases {
  private static final String FAMILY = "loss";

  /** Which rows do not count. */
  private enum Ignored {
    NONE,
    SOME,
    ALL
  }

  private LossCases() {}

  static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (Reduction reduction : Reduction.values()) {
      for (Ignored ignored : Ignored.values()) {
        for (double smoothing : new double[] {0, 0.125, 1}) {
          for (int rows : new int[] {0, 1, 5, 67}) {
            for (int classes : new int[] {1, 2, 3, 10, 16, 17, 33, 130}) {
              int ignoreIndex = ignored == Ignored.SOME ? 0 : -100;
              CrossEntropySpec spec = new CrossEntropySpec(rows, classes, reduction, ignoreIndex, smoothing);
              String name = rows + "x" + classes + " ignored " + ignored + " smoothing " + smoothing;
              cases.add(Case.of(FAMILY, "crossEntropy " + reduction, name,
                  bench -> crossEntropy(bench, spec, ignored)));
              if (rows == 5) {
                cases.add(Case.special(FAMILY, "crossEntropy " + reduction, name,
                    bench -> crossEntropy(bench, spec, ignored)));
              }
            }
          }
        }
      }
    }
    for (Reduction reduction : Reduction.values()) {
      for (int[] size : new int[][] {{3, 1501}, {9001, 2}}) {
        CrossEntropySpec spec = new CrossEntropySpec(size[0], size[1], reduction, 0, 0.125);
        cases.add(Case.of(FAMILY, "crossEntropy " + reduction, size[0] + "x" + size[1],
            bench -> crossEntropy(bench, spec, Ignored.SOME)));
      }
    }
    return cases;
  }

  static void large(Bench bench) {
    crossEntropy(bench, new CrossEntropySpec(2003, 67, Reduction.MEAN, 0, 0.125), Ignored.SOME);
  }

  static void tiny(Bench bench) {
    crossEntropy(bench, new CrossEntropySpec(5, 37, Reduction.MEAN, 0, 0.125), Ignored.SOME);
  }

  private static void crossEntropy(Bench bench, CrossEntropySpec spec, Ignored ignored) {
    int size = spec.rows() * spec.classes();
    int[] drawn = Awkward.indices(bench.random(), spec.rows(), spec.classes());
    if (ignored == Ignored.ALL) {
      Arrays.fill(drawn, spec.ignoreIndex());
    }
    Buffer logits = bench.input(size);
    Buffer labels = bench.ints(drawn);
    Buffer reserve = bench.reserve(bench.backend().loss().crossEntropyReserve(spec));
    bench.backend().loss().crossEntropy(spec, logits, labels, bench.output("loss", spec.losses()), reserve);
    bench.backend().loss().crossEntropy(spec, logits, labels, bench.output("loss without reserve", spec.losses()),
        null);
    bench.backend().loss().crossEntropyBackward(spec, logits, labels, bench.input(spec.losses()), reserve,
        bench.output("gradLogits", size));
  }
}
