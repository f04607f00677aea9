package dev.sluice.nn.attention;

import static dev.sluice.autograd.Arithmetic.add;
import static dev.sluice.autograd.Arithmetic.mul;
import static dev.sluice.autograd.Attention.scaledDotProductAttention;
import static dev.sluice.autograd.Pointwise.tanh;
import static dev.sluice.autograd.Products.matmul;
import static dev.sluice.autograd.Shaping.cat;
import static dev.sluice.autograd.Shaping.expand;
import static dev.sluice.autograd.Shaping.permute;
import static dev.sluice.autograd.Shaping.select;
import static dev.sluice.autograd.Shaping.squeeze;
import static dev.sluice.autograd.Shaping.unsqueeze;

import dev.sluice.Generator;
import dev.sluice.Shape;
import dev.sluice.Tensor;
import dev.sluice.autograd.AttentionOptions;
import dev.sluice.autograd.AttentionResult;
import dev.sluice.autograd.Selecting;
import dev.sluice.checks.Arguments;
import dev.sluice.nn.Init;
import dev.sluice.nn.Linear;
import dev.sluice.nn.Module;
import dev.sluice.nn.recurrent.Recurrent;
import dev.sluice.nn.recurrent.State;
import dev.sluice.spi.ElementType;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Attention over the valid outputs h_1 .. h_T of a recurrence: with a {@link Score} s of a {@link Query} q, {@code a =
 * softmax(s(q, h_1), .., s(q, h_T))} over the valid steps, of which {@link SoftAttention} takes all and
 * {@link HardAttention} some, or in {@link SparseAttention} the sparsemax, and the result is {@code [sum of a_t h_t ;
 * q]}. A row without a valid step has weights 0 and the result [0 ; q].
 *
 * <p>Parameters: {@code query} (W) for a learned query; {@code matrix} (W, W) for GENERAL; {@code query_projection}
 * (weight W1 and bias b), {@code output_projection} (weight W2) and {@code v} (W) for ADDITIVE; all drawn from
 * U(-1/sqrt(W), 1/sqrt(W)).
 */
public abstract sealed class SequenceAttention extends Module permits SoftAttention, HardAttention,
    SparseAttention {
  private final String operation;
  private final int width;
  private final Score score;
  private final Query query;
  private final boolean batchFirst;
  private final @Nullable Linear queryProjection;
  private final @Nullable Linear outputProjection;

  /** Over vectors of a width; see {@link SoftAttention}. */
  SequenceAttention(String operation, int width, Score score, Query query, boolean batchFirst, Generator generator) {
    this.operation = operation;
    Arguments.positive(operation, "width", width);
    this.width = width;
    this.score = score;
    this.query = query;
    this.batchFirst = batchFirst;
    if (query == Query.LEARNED) {
      drawn("query", generator, width);
    }
    switch (score) {
      case DOT, SCALED -> { }
      case GENERAL -> drawn("matrix", generator, width, width);
      case ADDITIVE -> drawn("v", generator, width);
    }
    boolean additive = score == Score.ADDITIVE;
    queryProjection = additive ? register("query_projection", new Linear(width, width, generator)) : null;
    outputProjection = additive ? register("output_projection", new Linear(width, width, false, generator)) : null;
  }

  /** The width of the outputs of a recurrence. */
  static int width(Recurrent recurrent) {
    return recurrent.options().directions() * recurrent.options().outputSize();
  }

  /** What makes weights of scores in a call. */
  abstract Weighing weighing();

  /** {@link #forward(Recurrent.Output, Tensor)} over all steps. */
  public final Attended forward(Recurrent.Output sequence) {
    return forward(sequence, null);
  }

  /**
   * Attends over what a recurrence made of a sequence, batched or not.
   *
   * @param sequence whose outputs are of this layer's width and layout
   * @param lengths INT32 (batch), the lengths that the recurrence was given; null for all steps
   * @return output (batch, 2 * width) and weights (batch, steps), for an unbatched sequence (2 * width) and (steps)
   */
  public final Attended forward(Recurrent.Output sequence, @Nullable Tensor lengths) {
    return forward(sequence.output(), asking(sequence), lengths);
  }

  /**
   * Attends over vectors. Steps past a row's length have weight 0 and are not read by the softmax of a score that is a
   * product; the ADDITIVE score and sparsemax multiply them by 0, so they must be finite, as those of a recurrence are.
   *
   * @param outputs REAL (steps, batch, width), (batch, steps, width) if batch first, or (steps, width)
   * @param asking REAL (batch, width), or (width) for unbatched outputs: the query; null exactly if it is learned
   * @param lengths INT32 (batch), how many steps of each row are valid; null for all; not with unbatched outputs
   * @return output (batch, 2 * width) and weights (batch, steps), for unbatched outputs (2 * width) and (steps)
   */
  public final Attended forward(Tensor outputs, @Nullable Tensor asking, @Nullable Tensor lengths) {
    requireArguments(outputs, asking, lengths);
    if (outputs.rank() == 2) {
      Attended attended = attend(unsqueeze(outputs, 0), asking == null ? null : unsqueeze(asking, 0), null);
      return new Attended(squeeze(attended.output(), 0), squeeze(attended.weights(), 0));
    }
    return attend(batchFirst(outputs), asking, lengths);
  }

  /** The query (batch, width) that is given or learned. */
  final Tensor asking(Tensor outputs, @Nullable Tensor given) {
    return given != null ? given : expand(parameter("query"), outputs.size(0), width);
  }

  /** Outputs as (batch, steps, width). */
  final Tensor batchFirst(Tensor outputs) {
    return batchFirst ? outputs : permute(outputs, 1, 0, 2);
  }

  /** Of outputs (batch, steps, width) and a query (batch, width). */
  private Attended attend(Tensor outputs, @Nullable Tensor asking, @Nullable Tensor lengths) {
    Tensor q = asking(outputs, asking);
    Weighing weighing = weighing();
    if (score == Score.ADDITIVE || !(weighing instanceof Weighing.BySoftmax(Selecting selecting))) {
      Tensor weights = weighing.weights(scores(outputs, q), lengths);
      return joined(matmul(unsqueeze(weights, 1), outputs), q, weights);
    }
    Tensor key = score == Score.GENERAL ? matmul(q, parameter("matrix")) : q;
    return byProduct(outputs, q, key, score == Score.SCALED ? 1 / Math.sqrt(width) : 1, selecting, lengths);
  }

  /** A scaled product with the key is attention of one query and one head, which is one kernel. */
  private static Attended byProduct(Tensor outputs, Tensor q, Tensor key, double scale, Selecting selecting,
      @Nullable Tensor lengths) {
    AttentionOptions options = AttentionOptions.NONE.scale(scale).withWeights().selecting(overHeads(selecting));
    AttentionResult result = scaledDotProductAttention(unsqueeze(key, 1), outputs, outputs,
        lengths == null ? options : options.lengths(lengths));
    return joined(result.output(), q, squeeze(Objects.requireNonNull(result.weights()), 1));
  }

  /** The ADDITIVE scores (batch, steps). */
  private Tensor sums(Tensor outputs, Tensor q) {
    Tensor fromQuery = unsqueeze(Objects.requireNonNull(queryProjection).forward(q), 1);
    Tensor fromOutputs = Objects.requireNonNull(outputProjection).forward(outputs);
    return matmul(tanh(add(fromOutputs, fromQuery)), parameter("v"));
  }

  /** The scores (batch, steps) of outputs (batch, steps, width) and a query (batch, width). */
  final Tensor scores(Tensor outputs, Tensor q) {
    return switch (score) {
      case DOT -> products(outputs, q);
      case SCALED -> mul(products(outputs, q), 1 / Math.sqrt(width));
      case GENERAL -> products(outputs, matmul(q, parameter("matrix")));
      case ADDITIVE -> sums(outputs, q);
    };
  }

  private static Tensor products(Tensor outputs, Tensor key) {
    return squeeze(matmul(outputs, unsqueeze(key, 2)), 2);
  }

  /** A choice of (batch, steps) as one of (batch, queries, steps). */
  private static Selecting overHeads(Selecting selecting) {
    return selecting instanceof Selecting.Chosen(Tensor keeps, boolean renormalises) && keeps.rank() == 2
        ? new Selecting.Chosen(unsqueeze(keeps, 1), renormalises) : selecting;
  }

  /** [sum ; query] of a sum (batch, 1, width). */
  static Attended joined(Tensor sum, Tensor q, Tensor weights) {
    return new Attended(cat(List.of(squeeze(sum, 1), q), 1), weights);
  }

  /** The query that a sequence brings: none if it is learned. */
  final @Nullable Tensor asking(Recurrent.Output sequence) {
    return query == Query.LAST ? last(sequence) : null;
  }

  /** The final hidden state of the top layer, its directions side by side. */
  private Tensor last(Recurrent.Output sequence) {
    State state = sequence.state();
    Tensor hidden = state.hidden();
    int rows = hidden.size(0);
    Tensor top = select(hidden, 0, rows - 1);
    return hidden.size(-1) == width ? top : cat(List.of(select(hidden, 0, rows - 2), top), -1);
  }

  final void requireArguments(Tensor outputs, @Nullable Tensor asking, @Nullable Tensor lengths) {
    if (outputs.rank() != 2 && outputs.rank() != 3 || outputs.size(-1) != width) {
      throw Arguments.refusal(operation, "outputs has shape " + outputs.shape(),
          (batchFirst ? "(batch, steps, " : "(steps, batch, ") + width + ") or (steps, " + width + ")");
    }
    boolean unbatched = outputs.rank() == 2;
    int batch = unbatched ? 1 : outputs.size(batchFirst ? 0 : 1);
    if (query == Query.LEARNED) {
      Arguments.require(asking == null, operation, "a query is given", "none: it is learned");
    } else {
      Arguments.require(asking != null, operation, "query is missing", "one of width " + width);
      Arguments.shape(operation, "query", asking, unbatched ? Shape.of(width) : Shape.of(batch, width));
    }
    if (lengths != null) {
      Arguments.require(!unbatched, operation, "lengths is given with unbatched outputs", "none");
      Arguments.require(lengths.type() == ElementType.INT32 && lengths.shape().equals(Shape.of(batch)), operation,
          "lengths is " + lengths.type() + " " + lengths.shape(), "INT32 (" + batch + ")");
    }
  }

  private void drawn(String name, Generator generator, int... sizes) {
    double bound = 1 / Math.sqrt(width);
    parameter(name, Init.uniform(Tensor.zeros(sizes), -bound, bound, generator));
  }
}
