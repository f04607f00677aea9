package dev.sluice.autograd;

import dev.sluice.Tape;
import dev.sluice.Tensor;
import dev.sluice.spi.UnaryOp;
import dev.sluice.spi.UnarySpec;
import java.util.List;

/**
 * Functions of each element of a REAL tensor of any shape; NaN gives NaN. {@link UnaryOp} states formulas, and
 * gradients at kinks.
 */
public final class Pointwise {
  private Pointwise() {}

  /** {@code |x|}; gradient 0 at 0. */
  public static Tensor abs(Tensor x) {
    return unary("abs", UnaryOp.ABS, x);
  }

  /** {@code x * x}. */
  public static Tensor square(Tensor x) {
    return unary("square", UnaryOp.SQUARE, x);
  }

  /** The square root; NaN below 0. */
  public static Tensor sqrt(Tensor x) {
    return unary("sqrt", UnaryOp.SQRT, x);
  }

  /** {@code 1 / x}. */
  public static Tensor reciprocal(Tensor x) {
    return unary("reciprocal", UnaryOp.RECIPROCAL, x);
  }

  /** {@code e^x}. */
  public static Tensor exp(Tensor x) {
    return unary("exp", UnaryOp.EXP, x);
  }

  /** The natural logarithm; NaN below 0. */
  public static Tensor log(Tensor x) {
    return unary("log", UnaryOp.LOG, x);
  }

  /** The hyperbolic tangent, -1 to 1. */
  public static Tensor tanh(Tensor x) {
    return unary("tanh", UnaryOp.TANH, x);
  }

  /** {@code 1 / (1 + e^-x)}, 0 to 1. */
  public static Tensor sigmoid(Tensor x) {
    return unary("sigmoid", UnaryOp.SIGMOID, x);
  }

  /** {@code max(x, 0)}; gradient 0 at 0. */
  public static Tensor relu(Tensor x) {
    return unary("relu", UnaryOp.RELU, x);
  }

  /** {@code x} above 0, {@code slope * x} elsewhere. */
  public static Tensor leakyRelu(Tensor x, double slope) {
    return unary("leakyRelu", new UnarySpec(UnaryOp.LEAKY_RELU, x.elements(), slope, 0), x);
  }

  /** {@code x * Phi(x)} with the error function (Hendrycks and Gimpel, arXiv 1606.08415). */
  public static Tensor gelu(Tensor x) {
    return unary("gelu", UnaryOp.GELU, x);
  }

  /** {@link #gelu} by its approximation with tanh. */
  public static Tensor geluTanh(Tensor x) {
    return unary("geluTanh", UnaryOp.GELU_TANH, x);
  }

  /** {@code x * sigmoid(x)}. */
  public static Tensor silu(Tensor x) {
    return Arithmetic.mul(x, sigmoid(x));
  }

  /** {@code log(1 + e^x)}. */
  public static Tensor softplus(Tensor x) {
    return unary("softplus", UnaryOp.SOFTPLUS, x);
  }

  /** {@code x} held between two bounds; the gradient passes where x lies between them or on one. */
  public static Tensor clamp(Tensor x, double lower, double upper) {
    return unary("clamp", new UnarySpec(UnaryOp.CLAMP, x.elements(), lower, upper), x);
  }

  private static Tensor unary(String operation, UnaryOp op, Tensor x) {
    return unary(operation, UnarySpec.of(op, x.elements()), x);
  }

  static Tensor unary(String operation, UnarySpec spec, Tensor x) {
    Checks.real(operation, "tensor", x);
    Tensor y = Checks.real(x.backend(), x.shape());
    x.backend().elementwise().unary(spec, x.buffer(), y.buffer());
    Tape.record(operation, List.of(x), List.of(x, y), List.of(y), gradients -> {
      Tensor gradX = Checks.real(x.backend(), x.shape());
      x.backend().elementwise().unaryBackward(spec, x.buffer(), y.buffer(), gradients[0].buffer(), gradX.buffer());
      return new Tensor[] {gradX};
    });
    return y;
  }
}
