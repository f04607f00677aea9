package dev.sluice.autograd;

import dev.sluice.Shape;
import dev.sluice.Tensor;
import dev.sluice.spi.Backend;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.LogicalOp;
import dev.sluice.spi.LogicalSpec;

/** Functions of truth values with NumPy's broadcasting, as masks are made of others; nothing is recorded. */
public final class Logic {
  private Logic() {}

  /** Whether one of both is true. */
  public static Tensor or(Tensor x, Tensor y) {
    return binary("or", LogicalOp.OR, x, y);
  }

  /** Whether none of both is true. */
  public static Tensor nor(Tensor x, Tensor y) {
    return binary("nor", LogicalOp.NOR, x, y);
  }

  /** True where x is false. */
  public static Tensor not(Tensor x) {
    return binary("not", LogicalOp.NOR, x, x);
  }

  private static Tensor binary(String operation, LogicalOp op, Tensor x, Tensor y) {
    Backend backend = Checks.backend(operation, x, y);
    Checks.type(operation, "left tensor", x, ElementType.BOOL);
    Checks.type(operation, "right tensor", y, ElementType.BOOL);
    Shape shape = Broadcasting.shape(operation, x.shape(), y.shape());
    LogicalSpec spec = new LogicalSpec(op, shape.toArray(), Broadcasting.strides(x.shape(), shape),
        Broadcasting.strides(y.shape(), shape));
    Tensor result = Tensor.allocate(backend, ElementType.BOOL, shape);
    backend.elementwise().logical(spec, x.buffer(), y.buffer(), result.buffer());
    return result;
  }
}
