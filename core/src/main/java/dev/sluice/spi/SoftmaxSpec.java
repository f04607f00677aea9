package dev.sluice.spi;

import java.util.List;

/**
 * Softmax of each row of (rows, width).
 *
 * @param rows how many rows
 * @param width elements of a row
 * @param log whether the logarithm is wanted
 * @param rowsPerLength how many consecutive rows share one entry of the lengths; at least 1 and a divisor of the rows
 */
public record SoftmaxSpec(int rows, int width, boolean log, int rowsPerLength) implements KernelSpec {
  public SoftmaxSpec {
    Sizes.atLeast("softmax", "rows", rows, 0);
    Sizes.atLeast("softmax", "width", width, 0);
    Sizes.atLeast("softmax", "rowsPerLength", rowsPerLength, 1);
    Sizes.elements("softmax", "input", rows, width);
    Sizes.require(rows % rowsPerLength == 0, "softmax", "rowsPerLength is " + rowsPerLength, "a divisor of " + rows);
  }

  /** A length for each row. */
  public SoftmaxSpec(int rows, int width, boolean log) {
    this(rows, width, log, 1);
  }

  @Override
  public List<Operand> operands(Pass pass) {
    int size = rows * width;
    Operand mask = Operand.read("mask", size).of(ElementType.BOOL).orNull();
    Operand lengths = Operand.read("lengths", rows / rowsPerLength).of(ElementType.INT32).orNull();
    return switch (pass) {
      case FORWARD -> List.of(Operand.read("x", size), mask, lengths, Operand.write("y", size));
      case BACKWARD -> List.of(Operand.read("y", size), mask, lengths, Operand.read("gradY", size),
          Operand.write("gradX", size));
    };
  }
}
