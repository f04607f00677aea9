package dev.sluice.nn.sequence;

import static dev.sluice.autograd.Arithmetic.add;
import static dev.sluice.autograd.Attention.scaledDotProductAttention;
import static dev.sluice.autograd.Pointwise.tanh;
import static dev.sluice.autograd.Products.matmul;
import static dev.sluice.autograd.Shaping.indexSelect;
import static dev.sluice.autograd.Shaping.unsqueeze;
import static dev.sluice.autograd.Softmax.maskedSoftmax;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.autograd.AttentionOptions;
import dev.sluice.autograd.AttentionResult;
import dev.sluice.nn.Init;
import dev.sluice.nn.Linear;
import dev.sluice.nn.Module;
import dev.sluice.nn.attention.Attended;
import dev.sluice.nn.attention.Score;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Attention of many queries q_1 .. q_T over the valid outputs h_1 .. h_S of an encoder (Luong, Pham and Manning, arXiv
 * 1508.04025): with a {@link Score} s, {@code a_t = softmax(s(q_t, h_1), .., s(q_t, h_S))} and the context of q_t is
 * {@code sum of a_tj h_j}. All queries of a batch are one call. A row without a valid output has contexts 0.
 *
 * <p>Parameters: {@code matrix} (Q, W) for GENERAL; {@code query_projection} (weight W1 (Q, Q) and bias b),
 * {@code output_projection} (weight W2 (Q, W)) and {@code v} (Q) for ADDITIVE, where Q is the width of a query and W
 * that of an output; all drawn from U(-1/sqrt(n), 1/sqrt(n)), n the width of what they multiply.
 */
public final class SourceAttention extends Module {
  private static final String NAME = "sourceAttention";

  /**
   * What is attended over, prepared once for all queries.
   *
   * @param keys (batch, steps, width), what the score compares a query with
   * @param values (batch, steps, width), what a context is made of
   * @param lengths INT32 (batch), how many positions of each row are valid; null for all
   */
  public record Source(Tensor keys, Tensor values, @Nullable Tensor lengths) {
    /** Those rows, in that order. */
    Source select(int[] rows) {
      Tensor selected = indexSelect(values, 0, rows);
      int[] valid = lengths == null ? null : lengths.toInts();
      return new Source(keys == values ? selected : indexSelect(keys, 0, rows), selected, valid == null ? null
          : Tensor.of(values.backend(), Arrays.stream(rows).map(row -> valid[row]).toArray(), rows.length));
    }

    /** All of them. */
    List<Tensor> tensors() {
      List<Tensor> tensors = new ArrayList<>(List.of(keys, values));
      if (lengths != null) {
        tensors.add(lengths);
      }
      return tensors;
    }
  }

  private final int queryWidth;
  private final int width;
  private final Score score;
  private final @Nullable Linear queryProjection;
  private final @Nullable Linear outputProjection;

  /**
   * Of queries of a width over outputs of a width.
   *
   * @param queryWidth Q, 1 or more
   * @param width W, 1 or more; Q where the score is DOT or SCALED
   */
  public SourceAttention(int queryWidth, int width, Score score, Generator generator) {
    Arguments.positive(NAME, "queryWidth", queryWidth);
    Arguments.positive(NAME, "width", width);
    Arguments.require(queryWidth == width || score != Score.DOT && score != Score.SCALED, NAME,
        "score is " + score + " with queries of width " + queryWidth + " and outputs of width " + width,
        "equal widths, or GENERAL or ADDITIVE");
    this.queryWidth = queryWidth;
    this.width = width;
    this.score = score;
    switch (score) {
      case DOT, SCALED -> { }
      case GENERAL -> drawn("matrix", width, generator, queryWidth, width);
      case ADDITIVE -> drawn("v", queryWidth, generator, queryWidth);
    }
    boolean additive = score == Score.ADDITIVE;
    queryProjection = additive ? register("query_projection", new Linear(queryWidth, queryWidth, generator)) : null;
    outputProjection = additive ? register("output_projection", new Linear(width, queryWidth, false, generator)) : null;
  }

  /** Prepares what an encoder made, of outputs of this layer's width. */
  public Source prepare(Encoded encoded) {
    Tensor outputs = encoded.outputs();
    Arguments.require(outputs.rank() == 3 && outputs.size(2) == width, NAME, "outputs has shape " + outputs.shape(),
        "(batch, steps, " + width + ")");
    Arguments.lengths(NAME, encoded.lengths(), outputs.size(0));
    Tensor keys = outputProjection == null ? outputs : outputProjection.forward(outputs);
    return new Source(keys, outputs, encoded.lengths());
  }

  /** The contexts alone; see {@link #attend}. */
  public Tensor forward(Tensor queries, Source source) {
    return attend(queries, source, false).output();
  }

  /**
   * Attends. Positions past a row's length have weight 0 and are not read by a score that is a product; the ADDITIVE
   * one multiplies them by 0, so they must be finite, as those of an encoder are.
   *
   * @param queries REAL (batch, queries, queryWidth)
   * @return output (batch, queries, width) and weights (batch, queries, steps)
   */
  public Attended attend(Tensor queries, Source source) {
    AttentionResult result = attend(queries, source, true);
    return new Attended(result.output(), Objects.requireNonNull(result.weights()));
  }

  private AttentionResult attend(Tensor queries, Source source, boolean needWeights) {
    Arguments.require(queries.rank() == 3 && queries.size(2) == queryWidth
        && queries.size(0) == source.values().size(0), NAME, "queries has shape " + queries.shape(),
        "(" + source.values().size(0) + ", queries, " + queryWidth + ")");
    return switch (score) {
      case DOT -> byProduct(queries, 1, source, needWeights);
      case SCALED -> byProduct(queries, 1 / Math.sqrt(width), source, needWeights);
      case GENERAL -> byProduct(matmul(queries, parameter("matrix")), 1, source, needWeights);
      case ADDITIVE -> bySum(queries, source);
    };
  }

  private static AttentionResult byProduct(Tensor queries, double scale, Source source, boolean needWeights) {
    AttentionOptions options = AttentionOptions.NONE.scale(scale);
    if (source.lengths() != null) {
      options = options.lengths(source.lengths());
    }
    return scaledDotProductAttention(queries, source.keys(), source.values(),
        needWeights ? options.withWeights() : options);
  }

  private AttentionResult bySum(Tensor queries, Source source) {
    Tensor asked = unsqueeze(Objects.requireNonNull(queryProjection).forward(queries), 2);
    Tensor scores = matmul(tanh(add(asked, unsqueeze(source.keys(), 1))), parameter("v"));
    Tensor weights = maskedSoftmax(scores, null, source.lengths());
    return new AttentionResult(matmul(weights, source.values()), weights);
  }

  private void drawn(String name, int fan, Generator generator, int... sizes) {
    double bound = 1 / Math.sqrt(fan);
    parameter(name, Init.uniform(Tensor.zeros(sizes), -bound, bound, generator));
  }
}
