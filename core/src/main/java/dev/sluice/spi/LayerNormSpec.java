package dev.sluice.spi;

import java.util.List;

/**
 * Layer normalisation of each row of (rows, width).
 *
 * @param rows how many rows
 * @param width elements of a row
 * @param epsilon added to the variance, 0 or more
 */
public record LayerNormSpec(int rows, int width, double epsilon) implements KernelSpec {
  public LayerNormSpec {
    Sizes.atLeast("layerNorm", "rows", rows, 0);
    Sizes.atLeast("layerNorm", "width", width, 0);
    Sizes.elements("layerNorm", "input", rows, width);
    Sizes.notNegative("layerNorm", "epsilon", epsilon);
  }

  @Override
  public List<Operand> operands(Pass pass) {
    int size = rows * width;
    Operand weight = Operand.read("weight", width).orNull();
    return switch (pass) {
      case FORWARD -> List.of(Operand.read("x", size), weight, Operand.read("bias", width).orNull(),
          Operand.write("y", size), Operand.write("reserve", 0).orNull());
      case BACKWARD -> List.of(Operand.read("x", size), weight, Operand.read("reserve", 0), Operand.read("gradY", size),
          Operand.write("gradX", size), Operand.write("gradWeight", width).orNull(),
          Operand.write("gradBias", width).orNull());
    };
  }
}
