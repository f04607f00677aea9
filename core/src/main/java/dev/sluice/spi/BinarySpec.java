package dev.sluice.spi;

import java.util.List;

/**
 * A function of two elements over a shape, with broadcasting: an argument is dense over those dimensions that it has
 * and has stride 0 along the others.
 *
 * @param op the function
 * @param shape the result's sizes; the result is dense
 * @param leftStrides the left argument's step per dimension, 0 where it is broadcast
 * @param rightStrides the right argument's step per dimension, 0 where it is broadcast
 */
public record BinarySpec(BinaryOp op, int[] shape, int[] leftStrides, int[] rightStrides) implements KernelSpec {
  public BinarySpec {
    Sizes.broadcast(op.name().toLowerCase(), shape, leftStrides, rightStrides);
  }

  /** Both arguments of the result's size. */
  public static BinarySpec of(BinaryOp op, int length) {
    return new BinarySpec(op, new int[] {length}, new int[] {1}, new int[] {1});
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
    int leftLength = leftLength();
    int rightLength = rightLength();
    return switch (pass) {
      case FORWARD -> List.of(Operand.read("left", leftLength), Operand.read("right", rightLength),
          Operand.write("y", length()));
      case BACKWARD -> List.of(Operand.read("left", leftLength), Operand.read("right", rightLength),
          Operand.read("gradY", length()), Operand.write("gradLeft", leftLength).orNull(),
          Operand.write("gradRight", rightLength).orNull());
    };
  }
}
