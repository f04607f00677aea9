package dev.sluice.bench.gate;

import dev.sluice.bench.play.Statistics;
import java.util.List;

/**
 * What was found of a work.
 *
 * @param baseMicros the base's time of one run
 * @param micros this tree's
 * @param ratio this tree's time over the base's, fork by fork: above 1 is slower
 */
record Verdict(double baseMicros, double micros, Interval ratio) {
  /** Less than this much slower is no finding. */
  static final double LEAST_EFFECT = 1.10;

  /**
   * What the forks say. In a fork both play in turn, so that a change of the machine meets both: it is their ratio
   * there that counts.
   *
   * @param base its median time in each fork
   * @param tree this tree's, in the same forks
   */
  static Verdict of(List<Double> base, List<Double> tree) {
    var ratios = new double[base.size()];
    for (int fork = 0; fork < ratios.length; fork++) {
      ratios[fork] = tree.get(fork) / base.get(fork);
    }
    return new Verdict(Statistics.median(base), Statistics.median(tree), Interval.ofMedian(ratios));
  }

  /** Whether this tree is slower by a tenth or more, and the interval leaves no doubt that it is slower at all. */
  boolean slower() {
    return ratio.median() >= LEAST_EFFECT && ratio.low() > 1;
  }
}
