package dev.sluice.spi;

import java.util.List;

/**
 * A function of each element.
 *
 * @param op the function
 * @param length how many elements
 * @param a the function's first parameter, 0 where it has none
 * @param b the function's second parameter, 0 where it has none
 */
public record UnarySpec(UnaryOp op, int length, double a, double b) implements KernelSpec {
  public UnarySpec {
    Sizes.atLeast(op.name().toLowerCase(), "length", length, 0);
    Sizes.require(op != UnaryOp.CLAMP || a <= b, "clamp", "bounds are " + a + " and " + b, "lower <= upper");
  }

  /** A function without parameters. */
  public static UnarySpec of(UnaryOp op, int length) {
    return new UnarySpec(op, length, 0, 0);
  }

  @Override
  public List<Operand> operands(Pass pass) {
    return switch (pass) {
      case FORWARD -> List.of(Operand.read("x", length), Operand.write("y", length));
      case BACKWARD -> List.of(Operand.read("x", length), Operand.read("y", length), Operand.read("gradY", length),
          Operand.write("gradX", length));
    };
  }
}
