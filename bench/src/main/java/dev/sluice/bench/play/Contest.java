package dev.sluice.bench.play;

import dev.sluice.bench.work.Work;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Sluice and its peers at one work. Of each peer that setting plays which a short sitting found fastest; every further
 * sitting, all its processes fresh, is a fork. A time is the median over forks of medians over rounds.
 *
 * @param peers who plays beside Sluice, if it can
 * @param threads how many each may use
 * @param forks how many sittings, 1 or more
 */
record Contest(List<Peer> peers, int threads, int forks) {
  private static final int ROUNDS = 7;
  private static final int ROUNDS_OF_SELECTION = 3;
  private static final double MILLIS = 120;

  /**
   * What came of it.
   *
   * @param sluiceMicros Sluice's time
   * @param peers their times
   * @param ratios the best peer's time over Sluice's in each fork; empty without peers
   */
  record Outcome(double sluiceMicros, List<Row.PeerTime> peers, List<Double> ratios) {}

  /**
   * Plays.
   *
   * @throws DifferentException if a peer's results differ from Sluice's
   * @throws PlayerException if a player failed
   */
  Outcome play(Work work) throws IOException {
    List<Contestant> contestants = new ArrayList<>();
    contestants.add(Contestant.sluice());
    for (Peer peer : peers) {
      if (peer.can(work)) {
        contestants.add(fastest(work, peer.contestants(threads)));
      }
    }
    List<double[]> forked = new ArrayList<>();
    contestants.forEach(_ -> forked.add(new double[forks]));
    double[] errors = new double[contestants.size()];
    List<String> names = List.of();
    for (int fork = 0; fork < forks; fork++) {
      try (var sitting = new Sitting(contestants, work, threads)) {
        names = sitting.names();
        List<Double> found = sitting.errors();
        List<double[]> times = sitting.time(ROUNDS, MILLIS);
        for (int i = 0; i < errors.length; i++) {
          errors[i] = Math.max(errors[i], found.get(i));
          forked.get(i)[fork] = Statistics.median(times.get(i));
        }
      }
    }
    return outcome(names, forked, errors);
  }

  private Contestant fastest(Work work, List<Contestant> settings) throws IOException {
    if (settings.size() == 1) {
      return settings.getFirst();
    }
    List<Contestant> all = new ArrayList<>();
    all.add(Contestant.sluice());
    all.addAll(settings);
    try (var sitting = new Sitting(all, work, threads)) {
      sitting.errors();
      List<double[]> times = sitting.time(ROUNDS_OF_SELECTION, MILLIS);
      double[] medians = times.stream().mapToDouble(Statistics::median).toArray();
      return settings.get(least(medians, 1) - 1);
    }
  }

  private static Outcome outcome(List<String> names, List<double[]> forked, double[] errors) {
    double[] medians = forked.stream().mapToDouble(Statistics::median).toArray();
    List<Row.PeerTime> peers = new ArrayList<>();
    for (int i = 1; i < medians.length; i++) {
      peers.add(new Row.PeerTime(names.get(i), medians[i], errors[i]));
    }
    List<Double> ratios = new ArrayList<>();
    if (medians.length > 1) {
      double[] own = forked.getFirst();
      double[] best = forked.get(least(medians, 1));
      IntStream.range(0, own.length).forEach(fork -> ratios.add(best[fork] / own[fork]));
    }
    return new Outcome(medians[0], peers, ratios);
  }

  /** Where the least value is, from an index on. */
  private static int least(double[] values, int from) {
    int least = from;
    for (int i = from + 1; i < values.length; i++) {
      least = values[i] < values[least] ? i : least;
    }
    return least;
  }
}
