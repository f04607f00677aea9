package dev.sluice.backend.vector;

import dev.sluice.spi.AttentionKernels;
import dev.sluice.spi.AttentionSpec;
import dev.sluice.spi.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * Attention in memory linear in the length, cut up by {@link AttentionBlocks}: by tiles, a query to a lane ({@link
 * AttentionTileForward}, {@link AttentionTileGradients}), or row by row, the width in lanes ({@link
 * AttentionRowForward}, {@link AttentionRowGradients}), as few queries are and with most selections.
 *
 * <p>The reserve holds the maximum m and the sum {@code l = sum exp(logits - m)} of each query's row, (batch, heads,
 * queries, 2): their log-sum-exp in two parts, which loses no digits where m is large. An empty row has 0 and infinity.
 * Renormalised, they are those of kept logits. With a selection, {@link KeptKeys} saves behind them which are kept,
 * unless the caller chose them.
 */
final class VectorAttention implements AttentionKernels {
  /** What exp and its company cost for each logit, in multiply-adds. */
  private static final int LOGIT_COST = 16;
  /** How much longer a multiply-add of few queries takes: it waits for keys and values that few others need. */
  private static final int READING = 4;
  /** So few queries of a head are worked on row by row. */
  static final int FEW = 2;
  /** What is saved as the sum of a row in which no key takes part, or none with a logit above negative infinity. */
  static final float EMPTY = Float.POSITIVE_INFINITY;

  private final Workers workers;
  private final Scratch scratch;

  VectorAttention(Workers workers, Scratch scratch) {
    this.workers = workers;
    this.scratch = scratch;
  }

  @Override
  public int attentionReserve(AttentionSpec spec) {
    return Math.multiplyExact(savedOfRow(spec), rows(spec));
  }

  /** Numbers of the reserve for each query of a head. */
  static int savedOfRow(AttentionSpec spec) {
    return 2 + KeptKeys.saved(spec.selection(), spec.keys());
  }

  private static int rows(AttentionSpec spec) {
    return Math.multiplyExact(Math.multiplyExact(spec.batch(), spec.heads()), spec.queries());
  }

  @Override
  public void attention(AttentionSpec spec, Inputs inputs, Buffer output, @Nullable Buffer weights,
      @Nullable Buffer reserve) {
    AttentionArrays arrays = AttentionArrays.of(spec, inputs);
    int pairs = Math.multiplyExact(spec.batch(), spec.heads());
    boolean byRows = hasFewQueries(spec) || !spec.selection().keepsAll();
    // A block of rows may pack keys.
    AttentionBlocks blocks = byRows ? AttentionBlocks.few(pairs, spec.queries(), AttentionTile.QUERIES, cost(spec))
        : AttentionBlocks.of(pairs, spec.queries(), AttentionTile.QUERIES, cost(spec));
    float[] outputs = VectorBuffer.reals(output);
    float[] allWeights = weights == null ? null : VectorBuffer.reals(weights);
    float[] saved = reserve == null ? null : VectorBuffer.reals(reserve);
    workers.run(blocks.chunks(), byRows
        ? new AttentionRowForward(arrays, blocks, outputs, allWeights, saved, scratch)
        : new AttentionTileForward(arrays, blocks, outputs, allWeights, saved, scratch));
  }

  @Override
  public void attentionBackward(AttentionSpec spec, Inputs inputs, Buffer output, Buffer reserve, Buffer gradOutput,
      @Nullable Buffer gradWeights, Gradients gradients) {
    AttentionArrays arrays = AttentionArrays.of(spec, inputs);
    AttentionBackward.Flow flow = new AttentionBackward.Flow(VectorBuffer.reals(reserve),
        VectorBuffer.reals(gradOutput), gradWeights == null ? null : VectorBuffer.reals(gradWeights),
        VectorBuffer.reals(gradients.query()), VectorBuffer.reals(gradients.key()),
        VectorBuffer.reals(gradients.value()),
        gradients.bias() == null ? null : VectorBuffer.reals(gradients.bias()));
    int group = spec.heads() / spec.keyHeads();
    AttentionBlocks blocks = AttentionBlocks.few(Math.multiplyExact(spec.batch(), spec.keyHeads()), spec.queries(),
        AttentionTile.QUERIES, 5 * group * cost(spec) / 2);
    AttentionBackward backward = new AttentionBackward(arrays, blocks, flow, scratch);
    // Where the mask is causal, a pair's last blocks are the largest.
    workers.runBackwards(blocks.chunks(), backward);
    backward.sum();
  }

  /** Whether most lanes of a tile would have no query: each is worked on by itself, its width in lanes. */
  static boolean hasFewQueries(AttentionSpec spec) {
    return spec.queries() <= FEW;
  }

  /** Multiply-adds of a query in the forward pass, or what takes as long. */
  private static long cost(AttentionSpec spec) {
    int ofLogit = spec.width() + spec.valueWidth() + LOGIT_COST;
    return (long) spec.keys() * ofLogit * (hasFewQueries(spec) ? READING : 1);
  }
}
