package dev.sluice.spi;

import java.util.List;

/**
 * A function of two truth values over a shape, with broadcasting as {@link BinarySpec} has it. Both arguments may be
 * the same buffer.
 *
 * @param op the function
 * @param shape the result's sizes; the result is dense
 * @param leftStrides the left argument's step per dimension, 0 where it is broadcast
 * @param rightStrides the right argument's step per dimension, 0 where it is broadcast
 */
public record LogicalSpec(LogicalOp op, int[] shape, int[] leftStrides, int[] rightStrides) implements KernelSpec {
  public LogicalSpec {
    Sizes.broadcast(op.name().toLowerCase(), shape, leftStrides, rightStrides);
  }

  /** Both arguments of the result's size. */
  public static LogicalSpec of(LogicalOp op, int length) {
    return new LogicalSpec(op, new int[] {length}, new int[] {1}, new int[] {1});
  }

  /** The number of elements of the result. */
  public int length() {
    return Sizes.count(shape);
  }

  /** The number of elements of the left argument, which are not 0 where it is broadcast along a dimension of size 0. */
  public int leftLength() {
    return Sizes.denseLength(shape, leftStrides);
  }

  /**
   * The number of elements of the right argument, which are not 0 where it is broadcast along a dimension of size 0.
   */
  public int rightLength() {
    return Sizes.denseLength(shape, rightStrides);
  }

  @Override
  public List<Operand> operands(Pass pass) {
    return List.of(Operand.read("left", leftLength()).of(ElementType.BOOL),
        Operand.read("right", rightLength()).of(ElementType.BOOL), Operand.write("y", length()).of(ElementType.BOOL));
  }
}
