package dev.sluice.nn.attention;

import static dev.sluice.autograd.Products.matmul;
import static dev.sluice.autograd.Shaping.unsqueeze;
import static dev.sluice.autograd.Softmax.maskedSoftmax;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.autograd.ScoreFunction;
import dev.sluice.autograd.Selecting;
import dev.sluice.autograd.Softmax;
import dev.sluice.checks.Arguments;
import dev.sluice.nn.recurrent.Recurrent;
import org.jspecify.annotations.Nullable;

/**
 * {@link SequenceAttention} in which selected steps count alone: those of a least weight, the largest ones, those that
 * the caller chose, or one that is drawn; see {@link Selecting}. An evaluating module takes the step of the largest
 * weight where a training one draws. A tensor that chooses is (steps) or (batch, steps).
 *
 * <p>What is drawn learns straight through in {@code forward}, and by its score function in {@link #sample} (Xu et al.:
 * Show, Attend and Tell, arXiv 1502.03044).
 */
public final class HardAttention extends SequenceAttention {
  private final Selecting selecting;

  /** Over the outputs of a recurrence, in its layout. */
  public HardAttention(Recurrent recurrent, Score score, Query query, Selecting selecting, Generator generator) {
    this(width(recurrent), score, query, recurrent.options().batchFirst(), selecting, generator);
  }

  /**
   * Over vectors of a width.
   *
   * @param width W, 1 or more: of an output of all directions
   * @param batchFirst whether outputs are (batch, steps, width) in place of (steps, batch, width)
   * @param selecting which steps count
   */
  public HardAttention(int width, Score score, Query query, boolean batchFirst, Selecting selecting,
      Generator generator) {
    super("hardAttention", width, score, query, batchFirst, generator);
    this.selecting = selecting;
  }

  @Override
  Weighing weighing() {
    return Weighing.hard(selecting());
  }

  private Selecting selecting() {
    return isTraining() ? selecting : selecting.evaluating();
  }

  /**
   * What {@link #sample} drew; gradients flow through the output to the values and the query, and through the other two
   * to the scores.
   *
   * @param attended the output, and weights that are 1 at the drawn step
   * @param logProbability (batch): the logarithm of the drawn step's weight
   * @param entropy (batch): of the weights, {@code -sum p log p}
   */
  public record Drawn(Attended attended, Tensor logProbability, Tensor entropy) {}

  /** {@link #sample(Tensor, Tensor, Tensor)} of what a recurrence made of batched sequences. */
  public Drawn sample(Recurrent.Output sequence, @Nullable Tensor lengths) {
    return sample(sequence.output(), asking(sequence), lengths);
  }

  /**
   * Draws one step of each row, or takes that of the largest weight when evaluating, with what {@link ScoreFunction}
   * needs to learn from it. Steps past a row's length must be finite.
   *
   * @param outputs REAL (steps, batch, width), or (batch, steps, width) if batch first
   * @param given REAL (batch, width): the query; null exactly if it is learned
   * @param lengths INT32 (batch), how many steps of each row are valid; null for all
   */
  public Drawn sample(Tensor outputs, @Nullable Tensor given, @Nullable Tensor lengths) {
    requireArguments(outputs, given, lengths);
    Arguments.require(outputs.rank() == 3, "hardAttention", "outputs has shape " + outputs.shape(),
        "three dimensions to draw from");
    Arguments.require(selecting instanceof Selecting.Drawn, "hardAttention", "selecting is " + selecting,
        "Selecting.sampled to draw by");
    Tensor steps = batchFirst(outputs);
    Tensor q = asking(steps, given);
    Tensor weights = maskedSoftmax(scores(steps, q), null, lengths);
    Tensor picked = Softmax.select(weights.detach(), selecting());
    Attended attended = joined(matmul(unsqueeze(picked, 1), steps), q, picked);
    return new Drawn(attended, ScoreFunction.logProbability(weights, picked), ScoreFunction.entropy(weights));
  }
}
