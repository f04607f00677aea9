package dev.sluice.bench.peers;

import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Chooses between equal ways to do a work by trying them on this machine, so that a peer is at its best. */
final class Fastest {
  private static final int WARM_UP = 2;
  private static final int MOST_TURNS = 25;
  private static final long LONG_ENOUGH = TimeUnit.MILLISECONDS.toNanos(600);

  private Fastest() {}

  /**
   * The way whose least time is the shortest; all take turns, so that a disturbance meets all.
   *
   * @param ways one or more; a single one is not tried
   * @param runner does the work once in a way
   */
  static <W> W of(List<W> ways, Consumer<W> runner) {
    if (ways.size() == 1) {
      return ways.getFirst();
    }
    List<Trial<W>> trials = ways.stream().map(Trial::new).toList();
    for (int i = 0; i < WARM_UP; i++) {
      trials.forEach(trial -> runner.accept(trial.way));
    }
    long start = System.nanoTime();
    for (int turn = 0; turn < MOST_TURNS && (turn < 2 || System.nanoTime() - start < LONG_ENOUGH); turn++) {
      trials.forEach(trial -> trial.run(runner));
    }
    return trials.stream().min(Comparator.comparingLong(trial -> trial.least)).orElseThrow().way;
  }

  private static final class Trial<W> {
    private final W way;
    private long least = Long.MAX_VALUE;

    Trial(W way) {
      this.way = way;
    }

    void run(Consumer<W> runner) {
      long start = System.nanoTime();
      runner.accept(way);
      least = Math.min(least, System.nanoTime() - start);
    }
  }
}
