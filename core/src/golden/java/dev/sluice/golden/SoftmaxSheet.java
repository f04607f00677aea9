package dev.sluice.golden;

import java.util.function.BiFunction;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** torch.softmax and torch.log_softmax along one axis. */
final class SoftmaxSheet {
  private final Sheet sheet = new Sheet("softmax");

  private SoftmaxSheet() {}

  static Sheet make() {
    var cases = new SoftmaxSheet();
    cases.add("softmax", torch::softmax);
    cases.add("log_softmax", torch::log_softmax);
    return cases.sheet;
  }

  private void add(String operation, BiFunction<Tensor, Long, Tensor> function) {
    run(operation, "last_axis", function, 2, 2, 3, 4, 5);
    run(operation, "middle_axis", function, 1, 2, 3, 4, 5);
    run(operation, "first_axis", function, 0, 2, 7, 3);
    run(operation, "width_one", function, 1, 2, 3, 1);
    run(operation, "width_37", function, 1, 4, 2, 37);
    run(operation, "large", function, 1, 1024, 3, 5);

    var masked = sheet.sample(operation + "_minus_infinity").option("operation", operation).option("dim", 1);
    var data = masked.draw(2, 3, 4);
    data[1] = Double.NEGATIVE_INFINITY;
    data[6] = Double.NEGATIVE_INFINITY;
    data[7] = Double.NEGATIVE_INFINITY;
    finish(masked, function, masked.leaf("input", Values.real(data, 3, 4)), 1);
  }

  private void run(String operation, String variant, BiFunction<Tensor, Long, Tensor> function, int axis, double bound,
      long... shape) {
    var sample = sheet.sample(operation + "_" + variant).option("operation", operation).option("dim", axis);
    finish(sample, function, sample.leaf("input", bound, shape), axis);
  }

  private static void finish(Sample sample, BiFunction<Tensor, Long, Tensor> function, Tensor input, long axis) {
    var output = function.apply(input, axis);
    if (sample.name().equals("log_softmax_minus_infinity")) {
      // The logarithm of a weight of zero is -infinity: a loss over it has no number, so its gradient is left out.
      sample.constant("output", output);
      return;
    }
    sample.result("output", output);
    sample.backward();
  }
}
