package dev.sluice.autograd;

import dev.sluice.Shape;
import dev.sluice.Tape;
import dev.sluice.Tensor;
import dev.sluice.spi.Backend;
import dev.sluice.spi.BinaryOp;
import dev.sluice.spi.BinarySpec;
import dev.sluice.spi.CopySpec;
import dev.sluice.spi.UnaryOp;
import dev.sluice.spi.UnarySpec;
import java.util.List;

/**
 * Arithmetic of two REAL tensors with broadcasting (shapes align at the last dimension; a size of 1 stretches), and of
 * a tensor and a number. Every function throws {@link IllegalArgumentException} for shapes that do not stretch to each
 * other and for tensors of two backends.
 */
public final class Arithmetic {
  private Arithmetic() {}

  /** {@code a + b}. */
  public static Tensor add(Tensor a, Tensor b) {
    Tensor y = compute("add", BinaryOp.ADD, a, b);
    Tape.record("add", List.of(a, b), List.of(), List.of(y), gradients -> new Tensor[] {
        a.requiresGrad() ? Broadcasting.sumTo(gradients[0], a.shape()) : null,
        b.requiresGrad() ? Broadcasting.sumTo(gradients[0], b.shape()) : null});
    return y;
  }

  /** {@code a - b}. */
  public static Tensor sub(Tensor a, Tensor b) {
    Tensor y = compute("sub", BinaryOp.SUBTRACT, a, b);
    Tape.record("sub", List.of(a, b), List.of(), List.of(y), gradients -> new Tensor[] {
        a.requiresGrad() ? Broadcasting.sumTo(gradients[0], a.shape()) : null,
        b.requiresGrad() ? scaled(Broadcasting.sumTo(gradients[0], b.shape()), -1) : null});
    return y;
  }

  /** {@code a * b}, element by element. */
  public static Tensor mul(Tensor a, Tensor b) {
    return binary("mul", BinaryOp.MULTIPLY, a, b);
  }

  /** {@code a / b}. */
  public static Tensor div(Tensor a, Tensor b) {
    return binary("div", BinaryOp.DIVIDE, a, b);
  }

  /** {@code a ^ b}, as {@link Math#pow}. */
  public static Tensor pow(Tensor a, Tensor b) {
    return binary("pow", BinaryOp.POWER, a, b);
  }

  /** The larger of the two; where they are equal each gets half the gradient. */
  public static Tensor maximum(Tensor a, Tensor b) {
    return binary("maximum", BinaryOp.MAXIMUM, a, b);
  }

  /** The smaller of the two; where they are equal each gets half the gradient. */
  public static Tensor minimum(Tensor a, Tensor b) {
    return binary("minimum", BinaryOp.MINIMUM, a, b);
  }

  /** {@code x + number}. */
  public static Tensor add(Tensor x, double number) {
    return affine("add", x, 1, number);
  }

  /** {@code x - number}. */
  public static Tensor sub(Tensor x, double number) {
    return affine("sub", x, 1, -number);
  }

  /** {@code x * number}. */
  public static Tensor mul(Tensor x, double number) {
    return affine("mul", x, number, 0);
  }

  /** {@code x / number}. */
  public static Tensor div(Tensor x, double number) {
    return affine("div", x, 1 / number, 0);
  }

  /** {@code -x}. */
  public static Tensor neg(Tensor x) {
    return affine("neg", x, -1, 0);
  }

  /** {@code x ^ exponent}, as {@link Math#pow}. */
  public static Tensor pow(Tensor x, double exponent) {
    return Pointwise.unary("pow", new UnarySpec(UnaryOp.POWER, x.elements(), exponent, 0), x);
  }

  private static Tensor binary(String operation, BinaryOp op, Tensor a, Tensor b) {
    Tensor y = compute(operation, op, a, b);
    BinarySpec spec = spec(op, a.shape(), b.shape(), y.shape());
    Tape.record(operation, List.of(a, b), List.of(a, b), List.of(y), gradients -> {
      Tensor gradA = Checks.gradientOf(a);
      Tensor gradB = Checks.gradientOf(b);
      a.backend().elementwise().binaryBackward(spec, a.buffer(), b.buffer(), gradients[0].buffer(),
          Checks.buffer(gradA), Checks.buffer(gradB));
      return new Tensor[] {gradA, gradB};
    });
    return y;
  }

  private static Tensor compute(String operation, BinaryOp op, Tensor a, Tensor b) {
    Backend backend = Checks.backend(operation, a, b);
    Checks.real(operation, "first argument", a);
    Checks.real(operation, "second argument", b);
    Shape shape = Broadcasting.shape(operation, a.shape(), b.shape());
    Tensor y = Checks.real(backend, shape);
    backend.elementwise().binary(spec(op, a.shape(), b.shape(), shape), a.buffer(), b.buffer(), y.buffer());
    return y;
  }

  private static BinarySpec spec(BinaryOp op, Shape a, Shape b, Shape result) {
    return a.equals(b) ? BinarySpec.of(op, result.elements())
        : new BinarySpec(op, result.toArray(), Broadcasting.strides(a, result), Broadcasting.strides(b, result));
  }

  private static Tensor affine(String operation, Tensor x, double factor, double summand) {
    Checks.real(operation, "tensor", x);
    Tensor y = Checks.real(x.backend(), x.shape());
    x.backend().elementwise().unary(new UnarySpec(UnaryOp.AFFINE, x.elements(), factor, summand), x.buffer(),
        y.buffer());
    Tape.record(operation, List.of(x), List.of(), List.of(y),
        gradients -> new Tensor[] {factor == 1 ? gradients[0] : scaled(gradients[0], factor)});
    return y;
  }

  private static Tensor scaled(Tensor gradient, double factor) {
    Tensor result = Checks.real(gradient.backend(), gradient.shape());
    int[] sizes = {gradient.elements()};
    int[] strides = {1};
    gradient.backend().memory().copy(new CopySpec(gradient.type(), sizes, 0, strides, 0, strides, factor, false),
        gradient.buffer(), result.buffer());
    return result;
  }
}
