package dev.sluice.nn.attention;

import dev.sluice.Tensor;
import dev.sluice.autograd.Arithmetic;
import dev.sluice.autograd.Reductions;
import dev.sluice.autograd.ScoreFunction;
import dev.sluice.checks.Arguments;
import dev.sluice.nn.Module;
import java.util.Arrays;

/**
 * The loss of a model that draws what it attends to, learned by the score function with a moving baseline and an
 * entropy term (Xu et al.: Show, Attend and Tell, arXiv 1502.03044): {@code mean(loss) + mean((loss - baseline) log
 * p(drawn)) - entropyWeight mean(entropy)}. While training, each call then moves the baseline to {@code decay
 * baseline + (1 - decay) mean(loss)}; the first sets it to the mean. It is the buffer {@code baseline}, NaN before.
 */
public final class ScoreFunctionLoss extends Module {
  private final double decay;
  private final double entropyWeight;

  /** With the paper's decay of 0.9 and its entropy weight of 0.002. */
  public ScoreFunctionLoss() {
    this(0.9, 0.002);
  }

  /**
   * With a decay and a weight.
   *
   * @param decay 0 to 1
   * @param entropyWeight 0 or more
   */
  public ScoreFunctionLoss(double decay, double entropyWeight) {
    Arguments.require(decay >= 0 && decay <= 1, "scoreFunctionLoss", "decay is " + decay, "0 to 1");
    Arguments.require(entropyWeight >= 0, "scoreFunctionLoss", "entropyWeight is " + entropyWeight, "0 or more");
    this.decay = decay;
    this.entropyWeight = entropyWeight;
    buffer("baseline", Tensor.scalar(Double.NaN));
  }

  /**
   * The loss of a batch.
   *
   * @param losses (batch), each of a row's draw
   * @param drawn what was drawn for each row
   * @return a scalar
   */
  public Tensor forward(Tensor losses, HardAttention.Drawn drawn) {
    double mean = Arrays.stream(losses.toDoubles()).average().orElse(Double.NaN);
    double before = baseline();
    double used = Double.isNaN(before) ? mean : before;
    if (isTraining()) {
      buffer("baseline").fill(decay * used + (1 - decay) * mean);
    }
    return Arithmetic.add(Reductions.mean(losses),
        ScoreFunction.surrogate(losses, drawn.logProbability(), drawn.entropy(), used, entropyWeight));
  }

  /** The moving mean of losses, NaN before the first. */
  public double baseline() {
    return buffer("baseline").item();
  }
}
