package dev.sluice.golden;

import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Element-wise functions of one and two arguments at points that include kinks, ties and saturation. */
final class PointwiseSheet {
  private static final double[] POINTS = {
    0, -0.0, 0.5, -0.5, 1, -1, 0.0009765625, -0.0009765625, 1.375, -1.375,
    2.75, -2.75, 5.5, -5.5, 11, -11, 30, -30, 100, -100
  };
  private static final double[] POSITIVE = {0.0009765625, 0.25, 0.5, 1, 1.375, 2, 7.75, 40, 1000};
  private static final double[] NEGATIVE_TOO = {-3.5, -1, -0.25, 0, 0.25, 1, 3.5};

  private final Sheet sheet = new Sheet("pointwise");

  private PointwiseSheet() {}

  static Sheet make() {
    var cases = new PointwiseSheet();
    cases.unary("relu", POINTS, torch::relu);
    cases.unary("sigmoid", POINTS, torch::sigmoid);
    cases.unary("tanh", POINTS, torch::tanh);
    cases.unary("gelu", POINTS, x -> torch.gelu(x, "none"));
    cases.unary("gelu_tanh", POINTS, x -> torch.gelu(x, "tanh"));
    cases.unary("silu", POINTS, torch::silu);
    cases.unary("softplus", POINTS, torch::softplus);
    cases.unary("abs", POINTS, torch::abs);
    cases.unary("exp", POINTS, torch::exp);
    cases.unary("log", POSITIVE, torch::log);
    cases.unary("sqrt", POSITIVE, torch::sqrt);
    cases.power("pow_zero", NEGATIVE_TOO, 0);
    cases.power("pow_one", NEGATIVE_TOO, 1);
    cases.power("pow_two", NEGATIVE_TOO, 2);
    cases.power("pow_three", NEGATIVE_TOO, 3);
    cases.power("pow_half", POSITIVE, 0.5);
    cases.power("pow_fraction", POSITIVE, 1.375);
    cases.power("pow_minus_one", POSITIVE, -1);
    cases.power("pow_minus_three_halves", POSITIVE, -1.5);
    cases.binary("maximum", torch::maximum);
    cases.binary("minimum", torch::minimum);
    return cases.sheet;
  }

  private void unary(String name, double[] points, UnaryOperator<Tensor> function) {
    var sample = sheet.sample(name).option("operation", name);
    sample.result("output", function.apply(sample.leaf("input", Values.real(points, points.length))));
    sample.backward();
  }

  private void power(String name, double[] points, double exponent) {
    var sample = sheet.sample(name).option("operation", "pow").option("exponent", exponent);
    var input = sample.leaf("input", Values.real(points, points.length));
    sample.result("output", torch.pow(input, new Scalar(exponent)));
    sample.backward();
  }

  /** The first and the last two pairs tie: each side then gets half of the gradient. */
  private void binary(String name, BinaryOperator<Tensor> function) {
    var sample = sheet.sample(name).option("operation", name);
    var left = sample.leaf("left", Values.real(new double[] {1, 2, -3, 4, 0, -0.5}, 6));
    var right = sample.leaf("right", Values.real(new double[] {1, -2, 3, 3.5, 0, -0.5}, 6));
    sample.result("output", function.apply(left, right));
    sample.backward();
  }
}
