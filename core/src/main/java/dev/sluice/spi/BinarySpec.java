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
    String name = op.name().toLowerCase();
    long[] sizes = new long[shape.length];
    for (int d = 0; d < shape.length; d++) {
      Sizes.atLeast(name, "shape", shape[d], 0);
      sizes[d] = shape[d];
    }
    Sizes.elements(name, "shape", sizes);
    requireDense(name, "left", shape, leftStrides);
    requireDense(name, "right", shape, rightStrides);
  }

  /** Both arguments of the result's size. */
  public static BinarySpec of(BinaryOp op, int length) {
    return new BinarySpec(op, new int[] {length}, new int[] {1}, new int[] {1});
  }

  /** The number of elements of the result. */
  public int length() {
    int length = 1;
    for (int size : shape) {
      length *= size;
    }
    return length;
  }

  /** The number of elements of the left argument, which are not 0 where it is broadcast along a dimension of size 0. */
  public int leftLength() {
    return denseLength(shape, leftStrides);
  }

  /**
   * The number of elements of the right argument, which are not 0 where it is broadcast along a dimension of size 0.
   */
  public int rightLength() {
    return denseLength(shape, rightStrides);
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

  private static int denseLength(int[] shape, int[] strides) {
    int length = 1;
    for (int d = 0; d < shape.length; d++) {
      length *= strides[d] == 0 ? 1 : shape[d];
    }
    return length;
  }

  private static void requireDense(String operation, String argument, int[] shape, int[] strides) {
    Sizes.extent(operation, argument, 0, shape, strides);
    int expected = 1;
    for (int d = shape.length - 1; d >= 0; d--) {
      if (strides[d] != 0) {
        if (strides[d] != expected) {
          throw Sizes.refusal(operation, argument + " has stride " + strides[d] + " in dimension " + d,
              "0 or " + expected);
        }
        expected *= shape[d];
      }
    }
  }
}
