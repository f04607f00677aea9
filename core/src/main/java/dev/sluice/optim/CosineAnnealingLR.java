package dev.sluice.optim;

import dev.sluice.checks.Arguments;

/**
 * Half a cosine from the base rate to etaMin over tMax epochs, and back over the next tMax, as
 * torch.optim.lr_scheduler.CosineAnnealingLR:
 * {@code rate = etaMin + (base - etaMin) * (1 + cos(pi * epoch / tMax)) / 2}, reached from the rate of the epoch before
 * (Loshchilov and Hutter, arXiv 1608.03983, without its restarts).
 */
public final class CosineAnnealingLR extends LRScheduler {
  private final int tMax;
  private final double etaMin;

  /** Down to 0. */
  public CosineAnnealingLR(Optimizer optimizer, int tMax) {
    this(optimizer, tMax, 0);
  }

  /**
   * Down to etaMin.
   *
   * @param tMax epochs of the way down, 1 or more
   * @param etaMin the least rate, 0 or more
   */
  public CosineAnnealingLR(Optimizer optimizer, int tMax, double etaMin) {
    super(optimizer);
    Arguments.require(tMax >= 1, "cosineAnnealingLR", "tMax is " + tMax, "1 or more");
    Arguments.notNegative("cosineAnnealingLR", "etaMin", etaMin);
    this.tMax = tMax;
    this.etaMin = etaMin;
  }

  @Override
  double next(long epoch, double rate) {
    // One epoch after the floor the ratio below would be 0/0: the way up starts from the base rate.
    if (Math.floorMod(epoch - 1 - tMax, 2L * tMax) == 0) {
      return rate + (baseRate() - etaMin) * (1 - Math.cos(Math.PI / tMax)) / 2;
    }
    return (1 + cosine(epoch)) / (1 + cosine(epoch - 1)) * (rate - etaMin) + etaMin;
  }

  private double cosine(long epoch) {
    return Math.cos(Math.PI * epoch / tMax);
  }
}
