package dev.sluice.conformance;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.SoftmaxSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Softmax and its logarithm x mask x lengths x rows per length x sizes. What takes no part holds NaN, in x and in the
 * gradient; some rows have nothing that takes part, and some of those that have are all negative infinity.
 */
final class SoftmaxCases {
  private static final String FAMILY = "softmax";
  private static final int[] ROWS = {0, 1, 6, 66};

  private SoftmaxCases() {}

  static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (boolean log : new boolean[] {false, true}) {
      for (boolean masked : new boolean[] {false, true}) {
        for (boolean lengths : new boolean[] {false, true}) {
          for (int rowsPerLength : lengths ? new int[] {1, 3} : new int[] {1}) {
            for (int rows : ROWS) {
              for (int width : Awkward.SIZES) {
                if (rows % rowsPerLength == 0) {
                  SoftmaxSpec spec = new SoftmaxSpec(rows, width, log, rowsPerLength);
                  String group =
                      (log ? "logSoftmax" : "softmax") + (masked ? " mask" : "") + (lengths ? " lengths" : "");
                  String name =
                      rows + "x" + width + (rowsPerLength > 1 ? " length per " + rowsPerLength + " rows" : "");
                  cases.add(Case.of(FAMILY, group, name, bench -> softmax(bench, spec, masked, lengths)));
                  if (rows == 6) {
                    cases.add(Case.special(FAMILY, group, name, bench -> softmax(bench, spec, masked, lengths)));
                  }
                }
              }
            }
          }
        }
      }
    }
    return cases;
  }

  static void large(Bench bench) {
    softmax(bench, new SoftmaxSpec(1200, 131, false, 3), true, true);
    softmax(bench, new SoftmaxSpec(1200, 131, true, 1), false, false);
  }

  static void tiny(Bench bench) {
    softmax(bench, new SoftmaxSpec(6, 37, false, 3), true, true);
    softmax(bench, new SoftmaxSpec(6, 37, true, 1), false, false);
  }

  private static void softmax(Bench bench, SoftmaxSpec spec, boolean masked, boolean withLengths) {
    int rows = spec.rows();
    int width = spec.width();
    int size = rows * width;
    boolean[] mask = Awkward.flags(bench.random(), size, 0.7);
    int[] lengths = Awkward.lengths(bench.random(), rows / spec.rowsPerLength(), width);
    if (rows > 3) {
      Arrays.fill(mask, 3 * width, 4 * width, false);
    }
    double[] x = bench.draw(size);
    double[] gradY = bench.draw(size);
    if (rows > 4) {
      Arrays.fill(x, 4 * width, 5 * width, Double.NEGATIVE_INFINITY);
    }
    for (int i = 0; i < size; i++) {
      boolean out = (masked && !mask[i]) || (withLengths && i % width >= lengths[i / width / spec.rowsPerLength()]);
      x[i] = out ? Double.NaN : x[i];
      gradY[i] = out ? Double.NaN : gradY[i];
    }
    Buffer maskBuffer = masked ? bench.flags(mask) : null;
    Buffer lengthsBuffer = withLengths ? bench.ints(lengths) : null;
    Buffer y = bench.output("y", size);
    bench.backend().softmax().softmax(spec, bench.input(x), maskBuffer, lengthsBuffer, y);
    bench.backend().softmax().softmaxBackward(spec, y, maskBuffer, lengthsBuffer, bench.input(gradY),
        bench.output("gradX", size));
  }
}
