package dev.sluice.optim;

import dev.sluice.checks.Arguments;

/**
 * The arguments of torch.optim.lr_scheduler.ReduceLROnPlateau, with its names and defaults.
 *
 * @param mode whether a smaller or a larger metric is better; MIN
 * @param factor what the rate is multiplied by, 0 to below 1; 0.1
 * @param patience how many epochs without improvement are waited for, 0 or more; 10
 * @param threshold how much better counts as an improvement, 0 or more; 1e-4
 * @param thresholdMode whether the threshold is relative to the best metric; REL
 * @param cooldown epochs after a reduction in which nothing is counted, 0 or more; 0
 * @param minLr the least rate, 0 or more; 0
 * @param eps a reduction by no more than this is left out, 0 or more; 1e-8
 */
public record PlateauOptions(Mode mode, double factor, int patience, double threshold, ThresholdMode thresholdMode,
    int cooldown, double minLr, double eps) {
  private static final String OPERATION = "reduceLROnPlateau";

  /** Which metric is better. */
  public enum Mode {
    /** The smaller, as for a loss. */
    MIN,
    /** The larger, as for an accuracy. */
    MAX
  }

  /** What the threshold is measured in. */
  public enum ThresholdMode {
    /** Fractions of the best metric. */
    REL,
    /** The metric's own unit. */
    ABS
  }

  public PlateauOptions {
    Arguments.require(factor >= 0 && factor < 1, OPERATION, "factor is " + factor, "0 to below 1");
    Arguments.require(patience >= 0, OPERATION, "patience is " + patience, "0 or more");
    Arguments.notNegative(OPERATION, "threshold", threshold);
    Arguments.require(cooldown >= 0, OPERATION, "cooldown is " + cooldown, "0 or more");
    Arguments.notNegative(OPERATION, "minLr", minLr);
    Arguments.notNegative(OPERATION, "eps", eps);
  }

  /** torch.optim.lr_scheduler.ReduceLROnPlateau's defaults. */
  public static PlateauOptions defaults() {
    return new PlateauOptions(Mode.MIN, 0.1, 10, 1e-4, ThresholdMode.REL, 0, 0, 1e-8);
  }

  /** The same for another better metric. */
  public PlateauOptions withMode(Mode mode) {
    return new PlateauOptions(mode, factor, patience, threshold, thresholdMode, cooldown, minLr, eps);
  }

  /** The same with another factor. */
  public PlateauOptions withFactor(double factor) {
    return new PlateauOptions(mode, factor, patience, threshold, thresholdMode, cooldown, minLr, eps);
  }

  /** The same with another patience. */
  public PlateauOptions withPatience(int patience) {
    return new PlateauOptions(mode, factor, patience, threshold, thresholdMode, cooldown, minLr, eps);
  }

  /** The same with another threshold. */
  public PlateauOptions withThreshold(double threshold, ThresholdMode thresholdMode) {
    return new PlateauOptions(mode, factor, patience, threshold, thresholdMode, cooldown, minLr, eps);
  }

  /** The same with another cooldown. */
  public PlateauOptions withCooldown(int cooldown) {
    return new PlateauOptions(mode, factor, patience, threshold, thresholdMode, cooldown, minLr, eps);
  }

  /** The same with another least rate. */
  public PlateauOptions withMinLr(double minLr) {
    return new PlateauOptions(mode, factor, patience, threshold, thresholdMode, cooldown, minLr, eps);
  }

  /** The same with another least reduction. */
  public PlateauOptions withEps(double eps) {
    return new PlateauOptions(mode, factor, patience, threshold, thresholdMode, cooldown, minLr, eps);
  }

  /** Whether a metric improves on the best so far; NaN never does. */
  boolean isBetter(double metric, double best) {
    return switch (mode) {
      case MIN -> metric < (thresholdMode == ThresholdMode.REL ? best * (1 - threshold) : best - threshold);
      case MAX -> metric > (thresholdMode == ThresholdMode.REL ? best * (1 + threshold) : best + threshold);
    };
  }

  /** What every metric improves on. */
  double worst() {
    return mode == Mode.MIN ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
  }
}
