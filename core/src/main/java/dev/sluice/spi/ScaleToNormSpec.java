package dev.sluice.spi;

import java.util.List;

/**
 * Scales a list of buffers to a norm of at most maxNorm.
 *
 * @param maxNorm any number; 0 makes everything 0
 */
public record ScaleToNormSpec(double maxNorm) implements KernelSpec {
  /** What PyTorch adds to the norm that it divides by. */
  public static final double EPSILON = 1e-6;

  @Override
  public List<Operand> operands(Pass pass) {
    return List.of(Operand.read("norm", 1), Operand.list("tensors", Operand.Access.UPDATE));
  }
}
