package dev.sluice.spi;

import java.util.List;

/**
 * What a kernel is asked to do: sizes, strides and options, checked when the record is made. A kernel family's forward
 * and backward share one spec.
 */
public interface KernelSpec {
  /**
   * Which kernel of a family a call runs: methods whose name ends in {@code Backward} (or is {@code backward}) are the
   * second.
   */
  enum Pass {
    FORWARD,
    BACKWARD
  }

  /**
   * The buffers of a call in the order of the kernel's arguments (records that group buffers are unfolded in the order
   * of their components).
   */
  List<Operand> operands(Pass pass);
}
