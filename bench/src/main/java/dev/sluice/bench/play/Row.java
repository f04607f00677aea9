package dev.sluice.bench.play;

import dev.sluice.bench.work.Work;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a work takes, beside its peers and its limit: a line of the table and an object of the JSON.
 *
 * @param work its name
 * @param threads how many each performer used
 * @param busy how many other processes kept a core busy
 * @param sluiceMicros Sluice's time of one run
 * @param peers their times
 * @param ratio the best peer's time over Sluice's; null without a peer
 * @param spread the lowest and the highest such ratio of a fork; empty without a peer
 * @param limitShare the least time that this machine allows over Sluice's time
 * @param bar the ratio wanted
 */
record Row(String work, int threads, int busy, double sluiceMicros, List<PeerTime> peers, @Nullable Double ratio,
    List<Double> spread, double limitShare, double bar) {
  /** The share of the limit at which a row passes whatever its peers do. */
  static final double NEAR_LIMIT = 0.80;

  /**
   * A peer's time.
   *
   * @param name of the performer, with its version
   * @param micros of one run
   * @param maxError the largest difference from Sluice's results, relative to the largest magnitude of a result
   */
  record PeerTime(String name, double micros, double maxError) {}

  static Row of(Work work, int threads, int busy, Contest.Outcome outcome, Ceilings ceilings) {
    double own = outcome.sluiceMicros();
    List<Double> ratios = outcome.ratios();
    Double ratio = ratios.isEmpty() ? null
        : Double.valueOf(outcome.peers().stream().mapToDouble(PeerTime::micros).min().orElseThrow() / own);
    List<Double> spread = ratios.isEmpty() ? List.of() : List.of(Collections.min(ratios), Collections.max(ratios));
    return new Row(work.name(), threads, busy, own, outcome.peers(), ratio, spread,
        ceilings.limitMicros(work.cost()) / own, work.bars().of(threads));
  }

  /** Whether it is fast enough beside its best peer, or near enough to the limit, and as near as the work asks. */
  boolean passes(Work measured) {
    return (limitShare >= NEAR_LIMIT || ratio != null && ratio >= bar) && limitShare >= measured.leastShare();
  }
}
