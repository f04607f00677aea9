package dev.sluice.nn.attention;

import dev.sluice.Generator;
import dev.sluice.nn.recurrent.Recurrent;

/** {@link SequenceAttention} by {@linkplain Weighing#SPARSE sparsemax}: many of the valid steps weigh exactly 0. */
public final class SparseAttention extends SequenceAttention {
  /** Over the outputs of a recurrence, in its layout. */
  public SparseAttention(Recurrent recurrent, Score score, Query query, Generator generator) {
    this(width(recurrent), score, query, recurrent.options().batchFirst(), generator);
  }

  /**
   * Over vectors of a width.
   *
   * @param width W, 1 or more: of an output of all directions
   * @param batchFirst whether outputs are (batch, steps, width) in place of (steps, batch, width)
   */
  public SparseAttention(int width, Score score, Query query, boolean batchFirst, Generator generator) {
    super("sparseAttention", width, score, query, batchFirst, generator);
  }

  @Override
  Weighing weighing() {
    return Weighing.SPARSE;
  }
}
