package dev.sluice.nn.attention;

import dev.sluice.Generator;
import dev.sluice.nn.recurrent.Recurrent;

/** {@link SequenceAttention} in which every valid step counts by its weight. */
public final class SoftAttention extends SequenceAttention {
  /** Over the outputs of a recurrence, in its layout. */
  public SoftAttention(Recurrent recurrent, Score score, Query query, Generator generator) {
    this(width(recurrent), score, query, recurrent.options().batchFirst(), generator);
  }

  /**
   * Over vectors of a width.
   *
   * @param width W, 1 or more: of an output of all directions
   * @param batchFirst whether outputs are (batch, steps, width) in place of (steps, batch, width)
   */
  public SoftAttention(int width, Score score, Query query, boolean batchFirst, Generator generator) {
    super("softAttention", width, score, query, batchFirst, generator);
  }

  @Override
  Weighing weighing() {
    return Weighing.SOFT;
  }
}
