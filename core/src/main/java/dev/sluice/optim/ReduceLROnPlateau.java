package dev.sluice.optim;

/**
 * Reduces the learning rate when a metric has stopped improving, as torch.optim.lr_scheduler.ReduceLROnPlateau: after
 * more than {@code patience} epochs in a row without improvement the rate is multiplied by {@code factor}, and
 * {@code cooldown} epochs pass before epochs are counted again.
 */
public final class ReduceLROnPlateau {
  private final Optimizer optimizer;
  private final PlateauOptions options;
  private double best;
  private int badEpochs;
  private int cooldownLeft;

  /** With the defaults of {@link PlateauOptions}. */
  public ReduceLROnPlateau(Optimizer optimizer) {
    this(optimizer, PlateauOptions.defaults());
  }

  /** With these options. */
  public ReduceLROnPlateau(Optimizer optimizer, PlateauOptions options) {
    this.optimizer = optimizer;
    this.options = options;
    this.best = options.worst();
  }

  /** Goes to the next epoch, given the metric of this one. */
  public void step(double metric) {
    if (options.isBetter(metric, best)) {
      best = metric;
      badEpochs = 0;
    } else {
      badEpochs++;
    }
    if (cooldownLeft > 0) {
      cooldownLeft--;
      badEpochs = 0;
    }
    if (badEpochs > options.patience()) {
      reduce();
      cooldownLeft = options.cooldown();
      badEpochs = 0;
    }
  }

  /** The best metric so far. */
  public double best() {
    return best;
  }

  private void reduce() {
    double rate = optimizer.learningRate();
    double reduced = Math.max(rate * options.factor(), options.minLr());
    if (rate - reduced > options.eps()) {
      optimizer.learningRate(reduced);
    }
  }
}
