package dev.sluice.spi;

import java.util.List;

/**
 * A p-norm over a list of buffers.
 *
 * @param p any number but NaN; positive or negative infinity for the largest or smallest magnitude
 */
public record NormSpec(double p) implements KernelSpec {
  public NormSpec {
    Sizes.require(!Double.isNaN(p), "norm", "p is NaN", "a number or an infinity");
  }

  @Override
  public List<Operand> operands(Pass pass) {
    return List.of(Operand.list("tensors", Operand.Access.READ), Operand.write("norm", 1));
  }
}
