package dev.sluice.autograd;

import static dev.sluice.autograd.Arithmetic.add;
import static dev.sluice.autograd.Arithmetic.mul;
import static dev.sluice.autograd.Arithmetic.neg;
import static dev.sluice.autograd.Arithmetic.sub;
import static dev.sluice.autograd.Pointwise.log;
import static dev.sluice.autograd.Reductions.mean;
import static dev.sluice.autograd.Reductions.sum;

import dev.sluice.Tensor;

/**
 * The gradient of what was drawn by its score function (Williams: Simple statistical gradient-following algorithms for
 * connectionist reinforcement learning, 1992): the expectation of {@code (loss - baseline) grad log p(drawn)} is the
 * gradient of the expected loss.
 */
public final class ScoreFunction {
  /** Added to probabilities before their logarithm, so that one of 0 has a finite one. */
  private static final double FLOOR = 1e-30;

  private ScoreFunction() {}

  /**
   * The logarithm of a picked element's probability, 0 in a row of which none is picked.
   *
   * @param probabilities (..., width)
   * @param picked (..., width), 1 at the picked element and 0 elsewhere; a constant
   * @return (...)
   */
  public static Tensor logProbability(Tensor probabilities, Tensor picked) {
    return sum(mul(log(add(probabilities, FLOOR)), picked.detach()), -1, false);
  }

  /**
   * {@code -sum p log p} along the last dimension, with 0 of a p of 0.
   *
   * @param probabilities (..., width)
   * @return (...), from 0 to log width
   */
  public static Tensor entropy(Tensor probabilities) {
    return neg(sum(mul(probabilities, log(add(probabilities, FLOOR))), -1, false));
  }

  /**
   * {@code mean((loss - baseline) logProbability) - entropyWeight mean(entropy)}: its gradient is that of the expected
   * loss, less the entropy. The losses are constants in it; what they tell of the rest of a model, their own mean does.
   *
   * @param losses (batch), one for each draw
   * @param logProbability (batch), of what was drawn
   * @param entropy (batch), of what it was drawn from
   * @param baseline subtracted from the losses: it changes no expectation, only how much the gradient scatters
   * @param entropyWeight how much spread is worth, 0 or more
   */
  public static Tensor surrogate(Tensor losses, Tensor logProbability, Tensor entropy, double baseline,
      double entropyWeight) {
    Checks.shape("scoreFunction", "logProbability", logProbability, losses.shape());
    Checks.shape("scoreFunction", "entropy", entropy, losses.shape());
    Checks.require(entropyWeight >= 0, "scoreFunction", "entropyWeight is " + entropyWeight, "0 or more");
    Tensor advantage = sub(losses.detach(), baseline);
    return sub(mean(mul(advantage, logProbability)), mul(mean(entropy), entropyWeight));
  }
}
