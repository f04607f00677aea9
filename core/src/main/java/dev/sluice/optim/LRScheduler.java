package dev.sluice.optim;

/**
 * A learning rate that follows the count of epochs, as torch.optim.lr_scheduler. Each {@link #step} changes the rate
 * that the optimizer has then, so that several schedules of one optimizer combine, and a rate set by hand in between is
 * respected.
 */
public abstract sealed class LRScheduler permits StepLR, CosineAnnealingLR {
  private final Optimizer optimizer;
  private final double baseRate;
  private long epoch;

  LRScheduler(Optimizer optimizer) {
    this.optimizer = optimizer;
    this.baseRate = optimizer.learningRate();
  }

  /** Goes to the next epoch: call it after the optimizer's steps of an epoch. */
  public final void step() {
    epoch++;
    optimizer.learningRate(next(epoch, optimizer.learningRate()));
  }

  /** How often {@link #step} was called. */
  public final long epoch() {
    return epoch;
  }

  /** The learning rate when this schedule was made. */
  public final double baseRate() {
    return baseRate;
  }

  /** The learning rate of an epoch, from 1, where it was {@code rate} in the one before. */
  abstract double next(long epoch, double rate);
}
