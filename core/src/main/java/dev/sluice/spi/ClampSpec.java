package dev.sluice.spi;

import java.util.List;

/**
 * Bounds on every element of a list of buffers.
 *
 * @param lower the least value
 * @param upper the largest value, not below the lower
 */
public record ClampSpec(double lower, double upper) implements KernelSpec {
  public ClampSpec {
    Sizes.require(lower <= upper, "clamp", "bounds are " + lower + " and " + upper, "lower <= upper");
  }

  @Override
  public List<Operand> operands(Pass pass) {
    return List.of(Operand.list("tensors", Operand.Access.UPDATE));
  }
}
