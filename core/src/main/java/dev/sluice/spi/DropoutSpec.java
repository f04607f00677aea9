package dev.sluice.spi;

import java.util.List;

/**
 * Dropout of a run of elements, numbered by their row-major index.
 *
 * @param length how many elements
 * @param dropout which are dropped
 */
public record DropoutSpec(int length, Dropout dropout) implements KernelSpec {
  public DropoutSpec {
    Sizes.atLeast("dropout", "length", length, 0);
  }

  @Override
  public List<Operand> operands(Pass pass) {
    return switch (pass) {
      case FORWARD -> List.of(Operand.read("x", length), Operand.write("y", length));
      case BACKWARD -> List.of(Operand.read("gradY", length), Operand.write("gradX", length));
    };
  }
}
