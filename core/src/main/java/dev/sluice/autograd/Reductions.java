package dev.sluice.autograd;

import dev.sluice.Shape;
import dev.sluice.Tape;
import dev.sluice.Tensor;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.ReductionOp;
import dev.sluice.spi.ReductionSpec;
import java.util.List;

/**
 * Reductions of REAL tensors, over everything or along one dimension (-1 is the last), which then has size 1 or is
 * gone. NaN anywhere in a run gives NaN.
 */
public final class Reductions {
  private Reductions() {}

  /** The sum of all elements, a scalar. */
  public static Tensor sum(Tensor x) {
    return all("sum", ReductionOp.SUM, x);
  }

  /** The sum along a dimension. */
  public static Tensor sum(Tensor x, int dimension, boolean keepDim) {
    return along("sum", ReductionOp.SUM, x, dimension, keepDim);
  }

  /** The mean of all elements, a scalar; NaN of none. */
  public static Tensor mean(Tensor x) {
    return all("mean", ReductionOp.MEAN, x);
  }

  /** The mean along a dimension. */
  public static Tensor mean(Tensor x, int dimension, boolean keepDim) {
    return along("mean", ReductionOp.MEAN, x, dimension, keepDim);
  }

  /** The largest along a dimension; elements that tie share the gradient equally. */
  public static Tensor amax(Tensor x, int dimension, boolean keepDim) {
    return along("amax", ReductionOp.MAX, x, dimension, keepDim);
  }

  /** The smallest along a dimension; elements that tie share the gradient equally. */
  public static Tensor amin(Tensor x, int dimension, boolean keepDim) {
    return along("amin", ReductionOp.MIN, x, dimension, keepDim);
  }

  /**
   * INT32 index of the largest along a dimension, the lowest on ties; a NaN counts as the largest. That dimension is
   * gone.
   */
  public static Tensor argmax(Tensor x, int dimension) {
    ReductionSpec spec = spec("argmax", ReductionOp.MAX, x, dimension);
    Tensor indices = Tensor.allocate(x.backend(), ElementType.INT32, x.shape().without(dimension));
    x.backend().reduction().argMax(spec, x.buffer(), indices.buffer());
    return indices;
  }

  private static Tensor all(String operation, ReductionOp op, Tensor x) {
    Checks.real(operation, "tensor", x);
    return reduce(operation, new ReductionSpec(op, 1, x.elements(), 1), x, Shape.SCALAR);
  }

  private static Tensor along(String operation, ReductionOp op, Tensor x, int dimension, boolean keepDim) {
    ReductionSpec spec = spec(operation, op, x, dimension);
    return reduce(operation, spec, x, keepDim ? x.shape().with(dimension, 1) : x.shape().without(dimension));
  }

  private static ReductionSpec spec(String operation, ReductionOp op, Tensor x, int dimension) {
    Checks.real(operation, "tensor", x);
    Shape shape = x.shape();
    int d = shape.dimension(dimension);
    return new ReductionSpec(op, shape.elements(0, d), shape.size(d), shape.elements(d + 1, shape.rank()));
  }

  private static Tensor reduce(String operation, ReductionSpec spec, Tensor x, Shape shape) {
    Tensor y = Checks.real(x.backend(), shape);
    x.backend().reduction().reduce(spec, x.buffer(), y.buffer());
    Tape.record(operation, List.of(x), List.of(x, y), List.of(y), gradients -> {
      Tensor gradX = Checks.real(x.backend(), x.shape());
      x.backend().reduction().reduceBackward(spec, x.buffer(), y.buffer(), gradients[0].buffer(), gradX.buffer());
      return new Tensor[] {gradX};
    });
    return y;
  }
}
