package dev.sluice.spi;

import java.util.List;

/**
 * Fills the first elements of a buffer.
 *
 * @param type what the buffer holds
 * @param length how many elements
 * @param value what every element becomes: for INT32 a whole number, for BOOL 0 or 1
 */
public record FillSpec(ElementType type, int length, double value) implements KernelSpec {
  public FillSpec {
    Sizes.atLeast("fill", "length", length, 0);
    Sizes.require(type != ElementType.INT32 || value == (int) value, "fill", "value is " + value, "a 32-bit integer");
    Sizes.require(type != ElementType.BOOL || value == 0 || value == 1, "fill", "value is " + value, "0 or 1");
  }

  @Override
  public List<Operand> operands(Pass pass) {
    return List.of(Operand.write("target", length).of(type));
  }
}
