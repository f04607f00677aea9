package dev.sluice.backend.vector;

import dev.sluice.spi.AttentionKernels;
import dev.sluice.spi.AttentionSpec;
import dev.sluice.spi.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * Attention by tiles, in memory linear in the length: {@link AttentionForward}, {@link AttentionDelta} and {@link AttentionBackward} do the
 * work on {@link AttentionTile}s, cut up by {@link AttentionBlocks}.
 *
 * <p>The reserve holds the maximum m and the sum {@code l = sum exp(logits - m)} of each query's row, (batch, heads, queries, 2): their
 * log-sum-exp in two parts, which loses no digits where m is large. A row without keys has 0 and 1.
 */
final class VectorAttention implements AttentionKernels {
  /** What exp and its company cost for each logit, in multiply-adds. */
  private static final int LOGIT_COST = 16;

  private final Workers workers;
  private final Scratch scratch;

  VectorAttention(Workers workers, Scratch scratch) {
    this.workers = workers;
    this.scratch = scratch;
  }

  @Override
  public int attentionReserve(AttentionSpec spec) {
    return Math.multiplyExact(2, rows(spec));
  }

  private static int rows(AttentionSpec spec) {
    return Math.multiplyExact(Math.multiplyExact(spec.batch(), spec.heads()), spec.queries());
  }

  @Override
  public void attention(AttentionSpec spec, Inputs inputs, Buffer output, @Nullable Buffer weights,
      @Nullable Buffer reserve) {
    AttentionArrays arrays = AttentionArrays.of(spec, inputs);
    AttentionBlocks blocks = queryBlocks(spec, cost(spec));
    workers.run(blocks.chunks(), new AttentionForward(arrays, blocks, VectorBuffer.reals(output),
        weights == null ? null : VectorBuffer.reals(weights), reserve == null ? null : VectorBuffer.reals(reserve),
        scratch));
  }

  @Override
  public void attentionBackward(AttentionSpec spec, Inputs inputs, Buffer output, Buffer reserve, Buffer gradOutput,
      @Nullable Buffer gradWeights, Gradients gradients) {
    AttentionArrays arrays = AttentionArrays.of(spec, inputs);
    float[] delta = scratch.borrow(rows(spec));
    AttentionBackward.Flow flow = new AttentionBackward.Flow(VectorBuffer.reals(reserve), delta,
        VectorBuffer.reals(gradOutput), gradWeights == null ? null : VectorBuffer.reals(gradWeights),
        VectorBuffer.reals(gradients.query()), VectorBuffer.reals(gradients.key()),
        VectorBuffer.reals(gradients.value()),
        gradients.bias() == null ? null : VectorBuffer.reals(gradients.bias()));
    AttentionBlocks rows = queryBlocks(spec, flow.weights() == null ? spec.valueWidth() : cost(spec));
    workers.run(rows.chunks(), new AttentionDelta(arrays, rows, VectorBuffer.reals(output), flow.reserve(),
        flow.output(), flow.weights(), delta, scratch));
    int pairs = Math.multiplyExact(spec.batch(), spec.keyHeads());
    int group = spec.heads() / spec.keyHeads();
    long keyCost = 5L * group * spec.queries() * costOfLogit(spec) / 2;
    if (AttentionBlocks.pairsSuffice(pairs, spec.keys(), keyCost)) {
      run(arrays, AttentionBlocks.ofPairs(pairs, spec.keys(), keyCost), flow, AttentionBackward.Side.BOTH);
    } else {
      run(arrays, AttentionBlocks.of(pairs, spec.keys(), AttentionTile.KEYS, keyCost), flow,
          AttentionBackward.Side.KEYS);
      run(arrays, queryBlocks(spec, 3 * cost(spec) / 2), flow, AttentionBackward.Side.QUERIES);
    }
    scratch.release(delta);
  }

  private void run(AttentionArrays arrays, AttentionBlocks blocks, AttentionBackward.Flow flow,
      AttentionBackward.Side side) {
    workers.run(blocks.chunks(), new AttentionBackward(arrays, blocks, flow, side, scratch));
  }

  private static AttentionBlocks queryBlocks(AttentionSpec spec, long cost) {
    return AttentionBlocks.of(Math.multiplyExact(spec.batch(), spec.heads()), spec.queries(), AttentionTile.QUERIES,
        cost);
  }

  /** Multiply-adds of a query in the forward pass. */
  private static long cost(AttentionSpec spec) {
    return (long) spec.keys() * costOfLogit(spec);
  }

  private static int costOfLogit(AttentionSpec spec) {
    return spec.width() + spec.valueWidth() + LOGIT_COST;
  }
}
