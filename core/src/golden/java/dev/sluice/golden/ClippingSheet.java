package dev.sluice.golden;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.LongArrayRefOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * clip_grad_norm_ and clip_grad_value_ of libtorch over lists of gradients: before.I and after.I, and the norm before
 * clipping. Each case is made in float64 and, with suffix _float32, in float32.
 */
final class ClippingSheet {
  private static final double[] NORM_TYPES = {2, 1, 3, 0.5, Double.POSITIVE_INFINITY, 0};
  private static final double NAN = Double.NaN;
  private static final double INF = Double.POSITIVE_INFINITY;

  private final Sheet sheet = new Sheet("clipping");

  private ClippingSheet() {}

  static Sheet make() {
    var cases = new ClippingSheet();
    for (var type : List.of(torch.ScalarType.Double, torch.ScalarType.Float)) {
      cases.drawn(type);
      for (double p : NORM_TYPES) {
        var suffix = "_p" + label(p);
        cases.norm("exactly_max" + suffix, type, 1, p, new double[][] {{0.6, 0.8}});
        cases.norm("vector" + suffix, type, 1, p, new double[][] {{3, -4}, {12}});
        cases.norm("zero" + suffix, type, 1, p, new double[][] {{0, 0}, {0}});
        cases.norm("some_zero" + suffix, type, 1, p, new double[][] {{3, 0, 4}, {0, 0}, {5}});
        cases.norm("infinite" + suffix, type, 1, p, new double[][] {{3, INF}, {-4, 0}});
        cases.norm("minus_infinite" + suffix, type, 1, p, new double[][] {{3, -INF}, {-4, 0}});
        cases.norm("nan" + suffix, type, 1, p, new double[][] {{3, NAN}, {-4, 0}});
        cases.norm("max_zero" + suffix, type, 0, p, new double[][] {{3, -4}, {12}});
      }
      cases.norm("overflowing_squares", type, 1, 2, new double[][] {{1e20, 1}, {2}});
      cases.norm("one_scalar_like", type, 0.5, 2, new double[][] {{-2}});
      cases.value("value", type, 0.5, new double[][] {{3, -4, 0.25}, {0.5, -0.5, 0, -0.0}});
      cases.value("value_special", type, 2, new double[][] {{NAN, INF, -INF}, {1, 3}});
      cases.value("value_zero", type, 0, new double[][] {{3, -4, 0.25}});
    }
    return cases.sheet;
  }

  private static String label(double p) {
    return Double.isInfinite(p) ? "inf" : p == Math.rint(p) ? Integer.toString((int) p) : Double.toString(p);
  }

  /** Gradients of several shapes, their norm far above, slightly above and below the maximum. */
  private void drawn(torch.ScalarType type) {
    for (double p : NORM_TYPES) {
      for (var maximum : new double[] {0.125, 2, 1e6}) {
        var name = "drawn_p" + label(p) + (maximum < 1 ? "_far_above" : maximum < 3 ? "_above" : "_below");
        var sample = sample(name, type);
        var before = List.of(
            gradient(sample, type, sample.draw(1, 3, 5), 3, 5),
            gradient(sample, type, sample.draw(2, 7), 7),
            gradient(sample, type, sample.draw(0.5, 2, 3, 2), 2, 3, 2));
        clipNorm(sample, before, maximum, p);
      }
    }
  }

  private void norm(String name, torch.ScalarType type, double maximum, double p, double[][] gradients) {
    var sample = sample(name, type);
    clipNorm(sample, gradients(sample, type, gradients), maximum, p);
  }

  private void value(String name, torch.ScalarType type, double limit, double[][] data) {
    var sample = sample(name, type).option("kind", "value").option("clipValue", limit);
    var gradients = gradients(sample, type, data);
    store(sample, "before.", gradients);
    torch.clip_grad_value_(parameters(gradients), limit);
    store(sample, "after.", gradients);
  }

  private static void clipNorm(Sample sample, List<Tensor> gradients, double maximum, double p) {
    sample.option("kind", "norm").option("maxNorm", maximum).option("normType", p);
    store(sample, "before.", gradients);
    double total;
    if (p == 0) {
      // libtorch's own function counts all gradients then, where PyTorch counts those that are not all zero.
      sample.option("madeBy", "PyTorch's formula in libtorch operations");
      total = clipByFormula(gradients, maximum, p);
    } else {
      total = torch.clip_grad_norm_(parameters(gradients), maximum, p, false);
    }
    store(sample, "after.", gradients);
    sample.constant("totalNorm", Values.real(new double[] {total}).reshape());
  }

  /** The p-norm of the p-norms; every gradient is then scaled by maximum / (norm + 1e-6), at most 1. */
  private static double clipByFormula(List<Tensor> gradients, double maximum, double p) {
    var norms = new TensorVector(gradients.stream().map(gradient -> norm(gradient, p)).toArray(Tensor[]::new));
    var total = norm(torch.stack(norms), p);
    var one = new ScalarOptional(new Scalar(1.0));
    var coefficient = total.add(new Scalar(1e-6)).reciprocal().mul(new Scalar(maximum));
    var clamped = coefficient.clamp(new ScalarOptional(), one);
    gradients.forEach(gradient -> gradient.mul_(clamped));
    return total.item_double();
  }

  private static Tensor norm(Tensor tensor, double p) {
    return torch.linalg_vector_norm(tensor, new Scalar(p), new LongArrayRefOptional(), false, new ScalarTypeOptional());
  }

  private Sample sample(String name, torch.ScalarType type) {
    boolean single = type == torch.ScalarType.Float;
    return sheet.sample(single ? name + "_float32" : name).option("dtype", single ? "float32" : "float64");
  }

  private static List<Tensor> gradients(Sample sample, torch.ScalarType type, double[][] data) {
    return Arrays.stream(data).map(numbers -> gradient(sample, type, numbers, numbers.length)).toList();
  }

  private static Tensor gradient(Sample sample, torch.ScalarType type, double[] numbers, long... shape) {
    return Values.real(numbers, shape).to(type);
  }

  /** Parameters that have these very tensors as their gradients, so that clipping changes them in place. */
  private static TensorVector parameters(List<Tensor> gradients) {
    var parameters = new ArrayList<Tensor>();
    for (var gradient : gradients) {
      var parameter = torch.zeros_like(gradient).set_requires_grad(true);
      parameter.mutable_grad().put(gradient);
      parameters.add(parameter);
    }
    return new TensorVector(parameters.toArray(Tensor[]::new));
  }

  private static void store(Sample sample, String prefix, List<Tensor> gradients) {
    for (int i = 0; i < gradients.size(); i++) {
      sample.constant(prefix + i, gradients.get(i));
    }
  }
}
