package dev.sluice.optim;

import dev.sluice.checks.Arguments;

/** Multiplies the learning rate by gamma every stepSize epochs, as torch.optim.lr_scheduler.StepLR. */
public final class StepLR extends LRScheduler {
  private final int stepSize;
  private final double gamma;

  /** A tenth every stepSize epochs. */
  public StepLR(Optimizer optimizer, int stepSize) {
    this(optimizer, stepSize, 0.1);
  }

  /**
   * Gamma times as much every stepSize epochs.
   *
   * @param stepSize epochs, 1 or more
   * @param gamma 0 or more
   */
  public StepLR(Optimizer optimizer, int stepSize, double gamma) {
    super(optimizer);
    Arguments.require(stepSize >= 1, "stepLR", "stepSize is " + stepSize, "1 or more");
    Arguments.notNegative("stepLR", "gamma", gamma);
    this.stepSize = stepSize;
    this.gamma = gamma;
  }

  @Override
  double next(long epoch, double rate) {
    return epoch % stepSize == 0 ? rate * gamma : rate;
  }
}
