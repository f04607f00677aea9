package dev.sluice.nn.recurrent;

import dev.sluice.Shape;
import dev.sluice.Tensor;
import dev.sluice.autograd.Normalization;
import dev.sluice.autograd.Shaping;
import dev.sluice.checks.Arguments;
import org.jspecify.annotations.Nullable;

/** How a sequence lies, and which steps of each of its rows are valid. Lengths are read only where someone asks. */
final class Steps {
  private final String operation;
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
    this.operation = operation;
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

  /** BOOL (steps * batch), in the order of the sequence: which positions are valid; null for all. */
  @Nullable Tensor mask() {
    if (lengths != null && mask == null) {
      boolean[] valid = new boolean[steps * batch];
      for (int i = 0; i < valid.length; i++) {
        int step = batchFirst ? i % steps : i / batch;
        int row = batchFirst ? i / steps : i % batch;
        valid[i] = step < rowLengths()[row];
      }
      mask = Tensor.of(lengths.backend(), valid, valid.length);
    }
    return mask;
  }

  /** Which rows have this step; null for all. */
  boolean @Nullable [] rows(int step) {
    if (lengths == null) {
      return null;
    }
    boolean[] rows = new boolean[batch];
    for (int row = 0; row < batch; row++) {
      rows[row] = step < rowLengths()[row];
    }
    return rows;
  }

  /**
   * A sequence with 0 in place of what is not valid, which is not read: a batch normalisation by mean 0 and variance 1
   * is the identity where its mask holds.
   */
  Tensor withoutPadding(Tensor sequence) {
    Tensor valid = mask();
    if (valid == null) {
      return sequence;
    }
    int width = sequence.size(2);
    Tensor zero = Tensor.full(sequence.backend(), Shape.of(width), 0);
    Tensor one = Tensor.full(sequence.backend(), Shape.of(width), 1);
    Tensor flat = Shaping.reshape(sequence, steps * batch, width);
    Tensor blanked = Normalization.batchNorm(flat, zero, one, null, null, valid, false, 0, 0);
    return Shaping.reshape(blanked, sequence.shape().toArray());
  }

  private int[] rowLengths() {
    int[] known = rowLengths;
    if (known == null) {
      known = lengths == null ? new int[0] : lengths.toInts();
      for (int row = 0; row < known.length; row++) {
        Arguments.require(known[row] >= 0 && known[row] <= steps, operation, "lengths[" + row + "] is " + known[row],
            "0 to " + steps);
      }
      rowLengths = known;
    }
    return known;
  }
}
