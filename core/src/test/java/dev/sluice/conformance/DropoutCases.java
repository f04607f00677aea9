package dev.sluice.conformance;

import dev.sluice.spi.Dropout;
import dev.sluice.spi.DropoutSpec;
import java.util.ArrayList;
import java.util.List;

/** Dropout: probabilities x draws x sizes. What is dropped holds NaN. */
final class DropoutCases {
  private static final String FAMILY = "dropout";

  private DropoutCases() {}

  static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (double probability : new double[] {0, 0.3, 0.5, 1}) {
      for (long offset : new long[] {0, 3, (1L << 32) - 2}) {
        for (int length : Awkward.SIZES) {
          DropoutSpec spec = new DropoutSpec(length, new Dropout(probability, 0x9876_5432_1234_5678L, offset));
          String name = length + " offset " + offset;
          cases.add(Case.of(FAMILY, "dropout " + probability, name, bench -> dropout(bench, spec)));
          cases.add(Case.special(FAMILY, "dropout " + probability, name, bench -> dropout(bench, spec)));
        }
      }
    }
    return cases;
  }

  static void large(Bench bench) {
    dropout(bench, new DropoutSpec(200_003, new Dropout(0.3, 7, 5)));
  }

  static void tiny(Bench bench) {
    dropout(bench, new DropoutSpec(37, new Dropout(0.3, 7, 5)));
  }

  private static void dropout(Bench bench, DropoutSpec spec) {
    double[] x = bench.draw(spec.length());
    double[] gradY = bench.draw(spec.length());
    for (int i = 0; i < spec.length(); i++) {
      if (!spec.dropout().keeps(i)) {
        x[i] = Double.NaN;
        gradY[i] = Double.NaN;
      }
    }
    bench.backend().dropout().dropout(spec, bench.input(x), bench.output("y", spec.length()));
    bench.backend().dropout().dropoutBackward(spec, bench.input(gradY), bench.output("gradX", spec.length()));
  }
}
