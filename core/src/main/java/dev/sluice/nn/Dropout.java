package dev.sluice.nn;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.autograd.Dropouts;
import dev.sluice.checks.Arguments;

/**
 * In training makes each element 0 with probability p, independently, and multiplies the others by 1/(1-p), as
 * torch.nn.Dropout (Srivastava et al. 2014); in evaluation leaves its input as it is.
 */
public final class Dropout extends Module implements Layer {
  private final double p;
  private final Generator generator;

  /** Drops half. */
  public Dropout(Generator generator) {
    this(0.5, generator);
  }

  /**
   * Drops with probability p.
   *
   * @param p 0 to 1
   * @param generator which elements, anew for each call
   */
  public Dropout(double p, Generator generator) {
    Arguments.require(p >= 0 && p <= 1, "dropout", "p is " + p, "a probability, 0 to 1");
    this.p = p;
    this.generator = generator;
  }

  @Override
  public Tensor forward(Tensor input) {
    return isTraining() && p > 0 ? Dropouts.dropout(input, p, generator) : input;
  }
}
