package dev.sluice.backend.reference;

import static dev.sluice.backend.reference.ReferenceBuffer.booleans;
import static dev.sluice.backend.reference.ReferenceBuffer.reals;
import static dev.sluice.backend.reference.ReferenceBuffer.realsOrNull;

import dev.sluice.spi.BinaryOp;
import dev.sluice.spi.BinarySpec;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementwiseKernels;
import dev.sluice.spi.KernelSpec.Pass;
import dev.sluice.spi.LogicalSpec;
import dev.sluice.spi.UnaryOp;
import dev.sluice.spi.UnarySpec;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Functions of each element, {@code y = f(x)}, {@code dx = dy f'(x)}, and of two elements with broadcasting.
 *
 * <p>Numbers of the spec enter by lines of their own, where the float twin rounds them.
 */
final class ReferenceElementwise implements ElementwiseKernels {
  private static final double SQRT_TWO_OVER_PI = 0.7978845608028654;
  private static final double GELU_CUBIC = 0.044715;

  @Override
  public void unary(UnarySpec spec, Buffer x, Buffer y) {
    ReferenceArguments.check("unary", spec.operands(Pass.FORWARD), x, y);
    double[] argument = reals(x);
    double[] result = reals(y);
    double a = spec.a();
    double b = spec.b();
    for (int i = 0; i < spec.length(); i++) {
      result[i] = value(spec.op(), argument[i], a, b);
    }
  }

  @Override
  public void unaryBackward(UnarySpec spec, Buffer x, Buffer y, Buffer gradY, Buffer gradX) {
    ReferenceArguments.check("unaryBackward", spec.operands(Pass.BACKWARD), x, y, gradY, gradX);
    double[] argument = reals(x);
    double[] result = reals(y);
    double[] gradResult = reals(gradY);
    double[] gradArgument = reals(gradX);
    double a = spec.a();
    double b = spec.b();
    for (int i = 0; i < spec.length(); i++) {
      gradArgument[i] = gradResult[i] * derivative(spec.op(), argument[i], result[i], a, b);
    }
  }

  private static double value(UnaryOp op, double x, double a, double b) {
    return switch (op) {
      case AFFINE -> a * x + b;
      case ABS -> Math.abs(x);
      case SQUARE -> x * x;
      case POWER -> Math.pow(x, a);
      case SQRT -> Math.sqrt(x);
      case RECIPROCAL -> 1 / x;
      case EXP -> Math.exp(x);
      case LOG -> Math.log(x);
      case TANH -> Math.tanh(x);
      case SIGMOID -> ReferenceFunctions.sigmoid(x);
      case RELU -> Math.max(x, 0);
      case LEAKY_RELU -> x > 0 ? x : a * x;
      case GELU -> x * ReferenceFunctions.normal(x);
      case GELU_TANH -> 0.5 * x * (1 + Math.tanh(geluAngle(x)));
      case SOFTPLUS -> ReferenceFunctions.softplus(x);
      case CLAMP -> Math.min(Math.max(x, a), b);
    };
  }

  private static double derivative(UnaryOp op, double x, double y, double a, double b) {
    return switch (op) {
      case AFFINE -> a;
      case ABS -> atKink(x, -1, 0, 1);
      case SQUARE -> 2 * x;
      case POWER -> a == 0 ? 0 : a * Math.pow(x, a - 1);
      case SQRT -> 0.5 / y;
      case RECIPROCAL -> -y * y;
      case EXP -> y;
      case LOG -> 1 / x;
      case TANH -> 1 - y * y;
      case SIGMOID -> y * (1 - y);
      case RELU -> atKink(x, 0, 0, 1);
      case LEAKY_RELU -> atKink(x, a, a, 1);
      case GELU -> ReferenceFunctions.normal(x) + x * ReferenceFunctions.normalDensity(x);
      case GELU_TANH -> geluTanhDerivative(x);
      case SOFTPLUS -> ReferenceFunctions.sigmoid(x);
      case CLAMP -> Double.isNaN(x) ? x : x >= a && x <= b ? 1 : 0;
    };
  }

  /** A derivative that is constant below and above 0 and chosen at 0. */
  private static double atKink(double x, double below, double at, double above) {
    return Double.isNaN(x) ? x : x < 0 ? below : x > 0 ? above : at;
  }

  private static double geluAngle(double x) {
    return SQRT_TWO_OVER_PI * (x + GELU_CUBIC * x * x * x);
  }

  private static double geluTanhDerivative(double x) {
    double tanh = Math.tanh(geluAngle(x));
    double angleDerivative = SQRT_TWO_OVER_PI * (1 + 3 * GELU_CUBIC * x * x);
    return 0.5 * (1 + tanh) + 0.5 * x * (1 - tanh * tanh) * angleDerivative;
  }

  @Override
  public void binary(BinarySpec spec, Buffer left, Buffer right, Buffer y) {
    ReferenceArguments.check("binary", spec.operands(Pass.FORWARD), left, right, y);
    double[] lefts = reals(left);
    double[] rights = reals(right);
    double[] result = reals(y);
    int length = spec.length();
    for (int i = 0; i < length; i++) {
      double l = lefts[ReferenceStrides.offset(i, spec.shape(), spec.leftStrides())];
      double r = rights[ReferenceStrides.offset(i, spec.shape(), spec.rightStrides())];
      result[i] = value(spec.op(), l, r);
    }
  }

  @Override
  public void binaryBackward(BinarySpec spec, Buffer left, Buffer right, Buffer gradY, @Nullable Buffer gradLeft,
      @Nullable Buffer gradRight) {
    ReferenceArguments.check("binaryBackward", spec.operands(Pass.BACKWARD), left, right, gradY, gradLeft, gradRight);
    double[] lefts = reals(left);
    double[] rights = reals(right);
    double[] gradResult = reals(gradY);
    double[] gradLefts = realsOrNull(gradLeft);
    double[] gradRights = realsOrNull(gradRight);
    if (gradLefts != null) {
      Arrays.fill(gradLefts, 0, spec.leftLength(), 0);
    }
    if (gradRights != null) {
      Arrays.fill(gradRights, 0, spec.rightLength(), 0);
    }
    int length = spec.length();
    for (int i = 0; i < length; i++) {
      int leftAt = ReferenceStrides.offset(i, spec.shape(), spec.leftStrides());
      int rightAt = ReferenceStrides.offset(i, spec.shape(), spec.rightStrides());
      if (gradLefts != null) {
        gradLefts[leftAt] += leftGradient(spec.op(), lefts[leftAt], rights[rightAt], gradResult[i]);
      }
      if (gradRights != null) {
        gradRights[rightAt] += rightGradient(spec.op(), lefts[leftAt], rights[rightAt], gradResult[i]);
      }
    }
  }

  private static double value(BinaryOp op, double left, double right) {
    return switch (op) {
      case ADD -> left + right;
      case SUBTRACT -> left - right;
      case MULTIPLY -> left * right;
      case DIVIDE -> left / right;
      case MAXIMUM -> Math.max(left, right);
      case MINIMUM -> Math.min(left, right);
      case POWER -> Math.pow(left, right);
    };
  }

  private static double leftGradient(BinaryOp op, double left, double right, double gradient) {
    return switch (op) {
      case ADD, SUBTRACT -> gradient;
      case MULTIPLY -> gradient * right;
      case DIVIDE -> gradient / right;
      case MAXIMUM -> toLarger(left, right, gradient);
      case MINIMUM -> toLarger(right, left, gradient);
      case POWER -> right == 0 ? 0 : gradient * right * Math.pow(left, right - 1);
    };
  }

  private static double rightGradient(BinaryOp op, double left, double right, double gradient) {
    return switch (op) {
      case ADD -> gradient;
      case SUBTRACT -> -gradient;
      case MULTIPLY -> gradient * left;
      case DIVIDE -> -gradient * left / right / right;
      case MAXIMUM -> toLarger(right, left, gradient);
      case MINIMUM -> toLarger(left, right, gradient);
      case POWER -> left == 0 && right >= 0 ? 0 : gradient * Math.pow(left, right) * Math.log(left);
    };
  }

  /** All of the gradient where the own argument is larger, half where both are equal, none where it is smaller. */
  private static double toLarger(double own, double other, double gradient) {
    if (Double.isNaN(own) || Double.isNaN(other)) {
      return Double.NaN;
    }
    return own > other ? gradient : own == other ? 0.5 * gradient : 0;
  }

  @Override
  public void logical(LogicalSpec spec, Buffer left, Buffer right, Buffer y) {
    ReferenceArguments.check("logical", spec.operands(Pass.FORWARD), left, right, y);
    boolean[] lefts = booleans(left);
    boolean[] rights = booleans(right);
    boolean[] result = booleans(y);
    int length = spec.length();
    for (int i = 0; i < length; i++) {
      boolean l = lefts[ReferenceStrides.offset(i, spec.shape(), spec.leftStrides())];
      boolean r = rights[ReferenceStrides.offset(i, spec.shape(), spec.rightStrides())];
      result[i] = switch (spec.op()) {
        case OR -> l || r;
        case NOR -> !(l || r);
      };
    }
  }
}
