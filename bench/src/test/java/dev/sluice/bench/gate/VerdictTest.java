package dev.sluice.bench.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The gate's statistics on times that are made up. */
class VerdictTest {
  private static final int FORKS = 5;
  private static final int TRIES = 2000;

  /** A machine whose speed wanders by a third from fork to fork, and a process's own luck of five per cent. */
  private static Verdict played(SplittableRandom random, double slowDown) {
    List<Double> base = new ArrayList<>();
    List<Double> tree = new ArrayList<>();
    for (int fork = 0; fork < FORKS; fork++) {
      double machine = 100 * random.nextDouble(1, 1.33);
      base.add(machine * (1 + 0.05 * random.nextGaussian()));
      tree.add(machine * slowDown * (1 + 0.05 * random.nextGaussian()));
    }
    return Verdict.of(base, tree);
  }

  /** How often of so many tries a work is found slower twice in a row. */
  private static int found(double slowDown) {
    var random = new SplittableRandom(1);
    int found = 0;
    for (int i = 0; i < TRIES; i++) {
      if (played(random, slowDown).slower() && played(random, slowDown).slower()) {
        found++;
      }
    }
    return found;
  }

  @Test
  void anUnchangedTreePasses() {
    assertEquals(0, found(1));
  }

  @Test
  void aKernelThatTakesThirtyPerCentLongerIsCaught() {
    int found = found(1.3);
    assertTrue(found > 0.98 * TRIES, () -> found + " of " + TRIES);
  }

  @Test
  void aFasterTreePasses() {
    assertEquals(0, found(0.7));
  }

  @Test
  void lessThanATenthIsNoFinding() {
    List<Double> base = List.of(100.0, 100.0, 100.0, 100.0, 100.0);
    assertFalse(Verdict.of(base, List.of(109.0, 109.0, 109.0, 109.0, 109.0)).slower());
    assertTrue(Verdict.of(base, List.of(110.0, 110.0, 110.0, 110.0, 110.0)).slower());
  }

  @Test
  void oneForkThatIsNotSlowerLeavesADoubt() {
    List<Double> base = List.of(100.0, 100.0, 100.0, 100.0, 100.0);
    assertFalse(Verdict.of(base, List.of(150.0, 150.0, 99.0, 150.0, 150.0)).slower());
  }

  @Test
  void aSlowMachineIsNoSlowTree() {
    List<Double> times = List.of(100.0, 300.0, 100.0, 300.0, 200.0);
    assertEquals(new Interval(1, 1, 1), Verdict.of(times, times).ratio());
  }

  @Test
  void intervalsAreByOrder() {
    assertEquals(new Interval(1, 3, 5), Interval.ofMedian(5, 1, 3, 2, 4));
    // Of eight throws two or more heads and two or more tails come up in 93 % of all cases, of seven in 87.5 %.
    assertEquals(new Interval(2, 4.5, 7), Interval.ofMedian(1, 2, 3, 4, 5, 6, 7, 8));
    assertEquals(new Interval(1, 4, 7), Interval.ofMedian(1, 2, 3, 4, 5, 6, 7));
    assertEquals(new Interval(Double.NEGATIVE_INFINITY, 2.5, Double.POSITIVE_INFINITY),
        Interval.ofMedian(1, 2, 3, 4));
  }
}
