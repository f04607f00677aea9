package dev.sluice.nn.recurrent;

import dev.sluice.Shape;
import dev.sluice.Tensor;
import dev.sluice.autograd.Normalization;
import dev.sluice.autograd.Shaping;
import org.jspecify.annotations.Nullable;

/** How a sequence lies, and which steps of each of its rows are valid. */
final class Steps {
  private final boolean batchFirst;
  private final int steps;
  private final int batch;
  private final @Nullable Tensor lengths;
  private int @Nullable [] rowLengths;
  private @Nullable Tensor mask;

  /**
   * Of a sequence of this shape.
   *
   * @param operation what messages call who asks
   * @param shape (steps, batch, width), or (batch, steps, width) if batch first
   * @param lengths INT32 (batch), or null for all steps
   */
  Steps(String operation, Shape shape, boolean batchFirst, @Nullable Tensor lengths) {
    this.batchFirst = batchFirst;
    this.steps = shape.size(batchFirst ? 1 : 0);
    this.batch = shape.size(batchFirst ? 0 : 1);
    this.lengths = lengths;
  }

  @Nullable Tensor lengths() {
    return lengths;
  }

  boolean batchFirst() {
    return batchFirst;
  }

  /** The dimension of the steps: 0 or 1. */
  int dimension() {
    return batchFirst ? 1 : 0;
  }

  int steps() {
    return steps;
  }

  int batch() {
    return batch;
  }
}
