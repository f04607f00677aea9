package dev.sluice.nn;

import dev.sluice.Tensor;

/** Something that makes one tensor of one tensor: most modules, and every such function of autograd. */
@FunctionalInterface
public interface Layer {
  /** Computes, and records its way back. */
  Tensor forward(Tensor input);
}
