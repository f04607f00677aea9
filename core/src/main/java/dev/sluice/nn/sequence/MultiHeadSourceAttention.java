package dev.sluice.nn.sequence;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.nn.attention.AttentionCall;
import dev.sluice.nn.attention.AttentionCall.Weights;
import dev.sluice.nn.attention.MultiHeadAttention;
import dev.sluice.nn.attention.MultiHeadOptions;
import org.jspecify.annotations.Nullable;

/**
 * {@link SourceAttention} by several heads, whose contexts have the width of a query; its weights are the mean over the
 * heads. Child: {@code heads}, a {@link MultiHeadAttention}.
 */
public final class MultiHeadSourceAttention extends SourceAttention {
  private final int queryWidth;
  private final MultiHeadAttention heads;

  /**
   * Of queries of a width over outputs of a width.
   *
   * @param queryWidth Q, a multiple of the heads
   * @param width W, 1 or more
   * @param count of heads, 1 or more
   */
  public MultiHeadSourceAttention(int queryWidth, int width, int count, Generator generator) {
    super(queryWidth, width);
    this.queryWidth = queryWidth;
    heads = register("heads", new MultiHeadAttention(
        MultiHeadOptions.of(queryWidth, count).withKdim(width).withVdim(width).withBatchFirst(true), generator));
  }

  @Override
  public int contextWidth() {
    return queryWidth;
  }

  @Override
  Source source(Tensor outputs, @Nullable Tensor lengths) {
    MultiHeadAttention.Projected projected = heads.project(outputs, outputs);
    return new Source(projected.keys(), projected.values(), lengths);
  }

  @Override
  Contexts contexts(Tensor queries, Source source, boolean needWeights) {
    AttentionCall call = AttentionCall.PLAIN.weights(needWeights ? Weights.AVERAGED : Weights.NONE);
    MultiHeadAttention.Output output =
        heads.forward(queries, new MultiHeadAttention.Projected(source.keys(), source.values()),
            source.lengths() == null ? call : call.lengths(source.lengths()));
    return new Contexts(output.output(), output.weights());
  }
}
