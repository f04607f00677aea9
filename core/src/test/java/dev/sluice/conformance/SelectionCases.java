package dev.sluice.conformance;

import dev.sluice.spi.AttentionSpec.Layout;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.Selection;
import dev.sluice.spi.SelectionSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Selections from weights that were made before x sizes: some weights tie, some are 0, one row is all 0. */
final class SelectionCases {
  private static final String FAMILY = "softmax";
  private static final int[] ROWS = {0, 1, 6, 66};

  private SelectionCases() {}

  static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (int rows : ROWS) {
      for (int width : SoftmaxCases.widths(rows)) {
        for (Selection selection : selections(width)) {
          SelectionSpec spec = new SelectionSpec(rows, width, selection);
          String group = "select " + selection.getClass().getSimpleName().toLowerCase()
              + (selection.renormalises() ? " renormalised" : "");
          cases.add(Case.of(FAMILY, group, rows + "x" + width + " " + selection, bench -> run(bench, spec)));
          if (rows == 6) {
            cases.add(Case.special(FAMILY, group, rows + "x" + width + " " + selection, bench -> run(bench, spec)));
          }
        }
      }
    }
    return cases;
  }

  static void large(Bench bench) {
    selections(131).forEach(selection -> run(bench, new SelectionSpec(1200, 131, selection)));
  }

  static void tiny(Bench bench) {
    run(bench, new SelectionSpec(6, 37, new Selection.Largest(3, true)));
    run(bench, new SelectionSpec(6, 37, new Selection.Predicate(new Layout(0, 0, 0), false)));
  }

  private static List<Selection> selections(int width) {
    return List.of(Selection.ALL, new Selection.Threshold(0.1, false), new Selection.Threshold(0.2, true),
        new Selection.Largest(1, false), new Selection.Largest(3, true), new Selection.Largest(1 + width / 4, false),
        new Selection.Predicate(new Layout(0, 0, width), false), new Selection.Predicate(new Layout(0, 0, 0), true),
        new Selection.Sampled(23, 5), new Selection.ArgMax());
  }

  private static void run(Bench bench, SelectionSpec spec) {
    int size = spec.rows() * spec.width();
    double[] weights = weights(bench, spec);
    Buffer predicate = null;
    if (spec.selection() instanceof Selection.Predicate given) {
      int length = given.layout().row() == 0 && size > 0 ? spec.width() : size;
      predicate = bench.flags(Awkward.flags(bench.random(), length, 0.5));
    }
    Buffer kept = bench.outputFlags("kept", size);
    Buffer input = bench.input(weights);
    var kernels = bench.backend().softmax();
    kernels.select(spec, input, predicate, bench.output("selected", size), kept);
    kernels.selectBackward(spec, input, kept, bench.input(size), bench.output("gradWeights", size));
  }

  /** Multiples of 1/8 before each row is divided by its sum; NaN in a few special ones. */
  private static double[] weights(Bench bench, SelectionSpec spec) {
    int width = spec.width();
    double[] weights = bench.drawUniform(spec.rows() * width, 1);
    Arrays.setAll(weights, i -> Math.rint(Math.abs(weights[i]) * 8) / 8);
    for (int row = 0; row < spec.rows(); row++) {
      double sum = row == 3 ? 0 : Arrays.stream(weights, row * width, (row + 1) * width).sum();
      for (int i = row * width; i < (row + 1) * width; i++) {
        weights[i] = sum == 0 ? 0 : (float) (weights[i] / sum);
      }
      if (bench.isSpecial() && width > 0 && row % 2 == 1) {
        weights[row * width + bench.random().nextInt(width)] = Double.NaN;
      }
    }
    return weights;
  }
}
