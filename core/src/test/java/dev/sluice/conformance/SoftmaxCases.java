package dev.sluice.conformance;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.SoftmaxSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Softmax, its logarithm and sparsemax x mask x lengths x rows per length x sizes, and {@link SelectionCases}. What
 * takes no part holds NaN, in x and in the gradient; some rows have nothing that takes part, and some of those that have
 * are all negative infinity.
 */
final class SoftmaxCases {
  private static final String FAMILY = "softmax";
  private static final int[] ROWS = {0, 1, 6, 66};

  /** What is computed. */
  private enum Form {
    SOFTMAX,
    LOG_SOFTMAX,
    SPARSEMAX;

    String group() {
      return switch (this) {
        case SOFTMAX -> "softmax";
        case LOG_SOFTMAX -> "logSoftmax";
        case SPARSEMAX -> "sparsemax";
      };
    }
  }

  private SoftmaxCases() {}

  static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (Form form : Form.values()) {
      for (boolean masked : new boolean[] {false, true}) {
        for (boolean lengths : new boolean[] {false, true}) {
          for (int rowsPerLength : lengths ? new int[] {1, 3} : new int[] {1}) {
            for (int rows : ROWS) {
              for (int width : widths(rows)) {
                if (rows % rowsPerLength == 0) {
                  SoftmaxSpec spec = new SoftmaxSpec(rows, width, form == Form.LOG_SOFTMAX, rowsPerLength);
                  String group = form.group() + (masked ? " mask" : "") + (lengths ? " lengths" : "");
                  String name =
                      rows + "x" + width + (rowsPerLength > 1 ? " length per " + rowsPerLength + " rows" : "");
                  cases.add(Case.of(FAMILY, group, name, bench -> run(bench, form, spec, masked, lengths)));
                  if (rows == 6) {
                    cases.add(Case.special(FAMILY, group, name, bench -> run(bench, form, spec, masked, lengths)));
                  }
                }
              }
            }
          }
        }
      }
    }
    cases.addAll(SelectionCases.cases());
    return cases;
  }

  /** The widths that so many rows have. */
  static int[] widths(int rows) {
    return rows == 6 ? IntStream.concat(Arrays.stream(Awkward.SIZES), Arrays.stream(Awkward.LONG)).toArray()
        : Awkward.SIZES;
  }

  static void large(Bench bench) {
    run(bench, Form.SOFTMAX, new SoftmaxSpec(1200, 131, false, 3), true, true);
    run(bench, Form.LOG_SOFTMAX, new SoftmaxSpec(1200, 131, true, 1), false, false);
    run(bench, Form.SPARSEMAX, new SoftmaxSpec(1200, 131, false, 1), false, false);
    SelectionCases.large(bench);
  }

  static void tiny(Bench bench) {
    run(bench, Form.SOFTMAX, new SoftmaxSpec(6, 37, false, 3), true, true);
    run(bench, Form.LOG_SOFTMAX, new SoftmaxSpec(6, 37, true, 1), false, false);
    run(bench, Form.SPARSEMAX, new SoftmaxSpec(6, 37, false, 3), true, true);
    SelectionCases.tiny(bench);
  }

  private static void run(Bench bench, Form form, SoftmaxSpec spec, boolean masked, boolean withLengths) {
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
    var kernels = bench.backend().softmax();
    if (form == Form.SPARSEMAX) {
      kernels.sparsemax(spec, bench.input(x), maskBuffer, lengthsBuffer, y);
      kernels.sparsemaxBackward(spec, y, maskBuffer, lengthsBuffer, bench.input(gradY), bench.output("gradX", size));
    } else {
      kernels.softmax(spec, bench.input(x), maskBuffer, lengthsBuffer, y);
      kernels.softmaxBackward(spec, y, maskBuffer, lengthsBuffer, bench.input(gradY), bench.output("gradX", size));
    }
  }
}
