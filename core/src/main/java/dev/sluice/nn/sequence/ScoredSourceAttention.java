package dev.sluice.nn.sequence;

import static dev.sluice.autograd.Arithmetic.add;
import static dev.sluice.autograd.Arithmetic.mul;
import static dev.sluice.autograd.Attention.scaledDotProductAttention;
import static dev.sluice.autograd.Pointwise.tanh;
import static dev.sluice.autograd.Products.matmul;
import static dev.sluice.autograd.Shaping.transpose;
import static dev.sluice.autograd.Shaping.unsqueeze;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.autograd.AttentionOptions;
import dev.sluice.autograd.AttentionResult;
import dev.sluice.autograd.Selecting;
import dev.sluice.checks.Arguments;
import dev.sluice.nn.Init;
import dev.sluice.nn.Linear;
import dev.sluice.nn.attention.Score;
import dev.sluice.nn.attention.Weighing;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * {@link SourceAttention} by a score (Luong, Pham and Manning, arXiv 1508.04025): with a {@link Score} s, {@code a_t =
 * softmax(s(q_t, h_1), .., s(q_t, h_S))}, or what another {@link Weighing} makes of the scores, and the context of q_t
 * is {@code sum of a_tj h_j}. A row without a valid output has contexts 0.
 *
 * <p>Parameters: {@code matrix} (Q, W) for GENERAL; {@code query_projection} (weight W1 (Q, Q) and bias b),
 * {@code output_projection} (weight W2 (Q, W)) and {@code v} (Q) for ADDITIVE, where Q is the width of a query and W
 * that of an output; all drawn from U(-1/sqrt(n), 1/sqrt(n)), n the width of what they multiply.
 */
public final class ScoredSourceAttention extends SourceAttention {
  private final int width;
  private final Score score;
  private final Weighing weighing;
  private final @Nullable Linear queryProjection;
  private final @Nullable Linear outputProjection;

  /** Softly; see the long form. */
  public ScoredSourceAttention(int queryWidth, int width, Score score, Generator generator) {
    this(queryWidth, width, score, Weighing.SOFT, generator);
  }

  /**
   * Of queries of a width over outputs of a width.
   *
   * @param queryWidth Q, 1 or more
   * @param width W, 1 or more; Q where the score is DOT or SCALED
   * @param weighing what makes weights of scores; what it draws it draws in training alone
   */
  public ScoredSourceAttention(int queryWidth, int width, Score score, Weighing weighing, Generator generator) {
    super(queryWidth, width);
    Arguments.require(queryWidth == width || score != Score.DOT && score != Score.SCALED, NAME,
        "score is " + score + " with queries of width " + queryWidth + " and outputs of width " + width,
        "equal widths, or GENERAL or ADDITIVE");
    this.width = width;
    this.score = score;
    this.weighing = weighing;
    switch (score) {
      case DOT, SCALED -> { }
      case GENERAL -> drawn("matrix", width, generator, queryWidth, width);
      case ADDITIVE -> drawn("v", queryWidth, generator, queryWidth);
    }
    boolean additive = score == Score.ADDITIVE;
    queryProjection = additive ? register("query_projection", new Linear(queryWidth, queryWidth, generator)) : null;
    outputProjection = additive ? register("output_projection", new Linear(width, queryWidth, false, generator)) : null;
  }

  @Override
  public int contextWidth() {
    return width;
  }

  @Override
  Source source(Tensor outputs, @Nullable Tensor lengths) {
    return new Source(outputProjection == null ? outputs : outputProjection.forward(outputs), outputs, lengths);
  }

  @Override
  Contexts contexts(Tensor queries, Source source, boolean needWeights) {
    Weighing now = isTraining() ? weighing : weighing.evaluating();
    if (score == Score.ADDITIVE || !(now instanceof Weighing.BySoftmax(Selecting selecting))) {
      Tensor weights = now.weights(scores(queries, source.keys()), source.lengths());
      return new Contexts(matmul(weights, source.values()), weights);
    }
    AttentionOptions options = AttentionOptions.NONE.scale(scale()).selecting(selecting);
    options = source.lengths() == null ? options : options.lengths(source.lengths());
    AttentionResult result = scaledDotProductAttention(asking(queries), source.keys(), source.values(),
        needWeights ? options.withWeights() : options);
    return new Contexts(result.output(), result.weights());
  }

  /** The scores (batch, queries, steps) of queries (batch, queries, queryWidth) and keys (batch, steps, width). */
  private Tensor scores(Tensor queries, Tensor keys) {
    if (score == Score.ADDITIVE) {
      Tensor asked = unsqueeze(Objects.requireNonNull(queryProjection).forward(queries), 2);
      return matmul(tanh(add(asked, unsqueeze(keys, 1))), parameter("v"));
    }
    return mul(matmul(asking(queries), transpose(keys, 1, 2)), scale());
  }

  /** What a score that is a product multiplies the keys with. */
  private Tensor asking(Tensor queries) {
    return score == Score.GENERAL ? matmul(queries, parameter("matrix")) : queries;
  }

  private double scale() {
    return score == Score.SCALED ? 1 / Math.sqrt(width) : 1;
  }

  private void drawn(String name, int fan, Generator generator, int... sizes) {
    double bound = 1 / Math.sqrt(fan);
    parameter(name, Init.uniform(Tensor.zeros(sizes), -bound, bound, generator));
  }
}
