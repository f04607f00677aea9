package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.VectorBuffer.flags;
import static dev.sluice.backend.vector.VectorBuffer.reals;

import dev.sluice.spi.BinaryOp;
import dev.sluice.spi.BinarySpec;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementwiseKernels;
import dev.sluice.spi.LogicalSpec;
import dev.sluice.spi.UnaryOp;
import dev.sluice.spi.UnarySpec;
import org.jspecify.annotations.Nullable;

/**
 * Functions of each element and of two elements with broadcasting. Elements are cut into chunks by their row-major
 * number; the gradient of an argument that was broadcast is computed in full and then summed in a fixed order.
 */
final class VectorElementwise implements ElementwiseKernels {
  private final Workers workers;
  private final Scratch scratch;

  VectorElementwise(Workers workers, Scratch scratch) {
    this.workers = workers;
    this.scratch = scratch;
  }

  @Override
  public void unary(UnarySpec spec, Buffer x, Buffer y) {
    float[] argument = reals(x);
    float[] result = reals(y);
    int grain = grain(spec.op());
    workers.run(Chunks.count(spec.length(), grain), chunk -> {
      int from = chunk * grain;
      UnaryForward.apply(spec, argument, result, from, Chunks.end(from, grain, spec.length()));
    });
  }

  @Override
  public void unaryBackward(UnarySpec spec, Buffer x, Buffer y, Buffer gradY, Buffer gradX) {
    float[] argument = reals(x);
    float[] result = reals(y);
    float[] gradResult = reals(gradY);
    float[] gradArgument = reals(gradX);
    int grain = grain(spec.op());
    workers.run(Chunks.count(spec.length(), grain), chunk -> {
      int from = chunk * grain;
      UnaryBackward.apply(spec, argument, result, gradResult, gradArgument, from,
          Chunks.end(from, grain, spec.length()));
    });
  }

  @Override
  public void binary(BinarySpec spec, Buffer left, Buffer right, Buffer y) {
    Broadcast over = new Broadcast(spec.shape(), spec.leftStrides(), spec.rightStrides());
    binary(spec.op(), over, reals(left), reals(right), reals(y));
  }

  @Override
  public void binaryBackward(BinarySpec spec, Buffer left, Buffer right, Buffer gradY, @Nullable Buffer gradLeft,
      @Nullable Buffer gradRight) {
    float[] lefts = reals(left);
    float[] rights = reals(right);
    float[] gradResult = reals(gradY);
    if (gradLeft != null) {
      gradient(spec, true, lefts, rights, gradResult, reals(gradLeft));
    }
    if (gradRight != null) {
      gradient(spec, false, lefts, rights, gradResult, reals(gradRight));
    }
  }

  @Override
  public void logical(LogicalSpec spec, Buffer left, Buffer right, Buffer y) {
    Broadcast over = new Broadcast(spec.shape(), spec.leftStrides(), spec.rightStrides());
    boolean[] lefts = flags(left);
    boolean[] rights = flags(right);
    boolean[] result = flags(y);
    workers.run(Chunks.count(over.length(), Chunks.LIGHT), chunk -> {
      int from = chunk * Chunks.LIGHT;
      LogicalForward.apply(spec.op(), over, lefts, rights, result, from,
          Chunks.end(from, Chunks.LIGHT, over.length()));
    });
  }

  private void gradient(BinarySpec spec, boolean ofLeft, float[] left, float[] right, float[] g, float[] grad) {
    int[] shape = spec.shape();
    int[] strides = ofLeft ? spec.leftStrides() : spec.rightStrides();
    if (BroadcastSum.isWhole(shape, strides)) {
      elementGradient(spec, ofLeft, left, right, g, grad);
    } else if (spec.op() == BinaryOp.ADD || (spec.op() == BinaryOp.SUBTRACT && ofLeft)) {
      BroadcastSum.sum(workers, scratch, shape, strides, g, grad);
    } else {
      float[] elements = scratch.borrow(spec.length());
      elementGradient(spec, ofLeft, left, right, g, elements);
      BroadcastSum.sum(workers, scratch, shape, strides, elements, grad);
      scratch.release(elements);
    }
  }

  /** The gradient for each element of the result, not yet summed. */
  private void elementGradient(BinarySpec spec, boolean ofLeft, float[] left, float[] right, float[] g, float[] grad) {
    int length = spec.length();
    int[] dense = Broadcast.dense(spec.shape());
    switch (spec.op()) {
      case ADD -> System.arraycopy(g, 0, grad, 0, length);
      case SUBTRACT -> {
        if (ofLeft) {
          System.arraycopy(g, 0, grad, 0, length);
        } else {
          negate(g, grad, length);
        }
      }
      case MULTIPLY -> binary(BinaryOp.MULTIPLY,
          new Broadcast(spec.shape(), dense, ofLeft ? spec.rightStrides() : spec.leftStrides()), g,
          ofLeft ? right : left, grad);
      case DIVIDE -> {
        if (ofLeft) {
          binary(BinaryOp.DIVIDE, new Broadcast(spec.shape(), dense, spec.rightStrides()), g, right, grad);
        } else {
          ownGradient(spec, false, left, right, g, grad);
        }
      }
      case MAXIMUM, MINIMUM, POWER -> ownGradient(spec, ofLeft, left, right, g, grad);
    }
  }

  private void ownGradient(BinarySpec spec, boolean ofLeft, float[] left, float[] right, float[] g, float[] grad) {
    Broadcast over = new Broadcast(spec.shape(), spec.leftStrides(), spec.rightStrides());
    int grain = grain(spec.op());
    workers.run(Chunks.count(over.length(), grain), chunk -> {
      int from = chunk * grain;
      BinaryBackward.apply(spec.op(), ofLeft, over, left, right, g, grad, from,
          Chunks.end(from, grain, over.length()));
    });
  }

  private void negate(float[] g, float[] grad, int length) {
    UnarySpec minus = new UnarySpec(UnaryOp.AFFINE, length, -1, 0);
    workers.run(Chunks.count(length, Chunks.LIGHT), chunk -> {
      int from = chunk * Chunks.LIGHT;
      UnaryForward.apply(minus, g, grad, from, Chunks.end(from, Chunks.LIGHT, length));
    });
  }

  private void binary(BinaryOp op, Broadcast over, float[] left, float[] right, float[] y) {
    int grain = grain(op);
    workers.run(Chunks.count(over.length(), grain), chunk -> {
      int from = chunk * grain;
      BinaryForward.apply(op, over, left, right, y, from, Chunks.end(from, grain, over.length()));
    });
  }

  private static int grain(UnaryOp op) {
    return switch (op) {
      case AFFINE, ABS, SQUARE, SQRT, RECIPROCAL, RELU, LEAKY_RELU, CLAMP -> Chunks.LIGHT;
      case EXP, LOG, TANH, SIGMOID, GELU, GELU_TANH, SOFTPLUS -> Chunks.MEDIUM;
      case POWER -> Chunks.HEAVY;
    };
  }

  private static int grain(BinaryOp op) {
    return op == BinaryOp.POWER ? Chunks.HEAVY : Chunks.LIGHT;
  }
}
