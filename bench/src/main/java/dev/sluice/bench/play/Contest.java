package dev.sluice.bench.play;

import dev.sluice.bench.work.Work;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Sluice and its peers at one work. A short sitting finds the setting at which each peer is fastest, and who of them is
 * near the fastest one; they play in every further sitting, each a fork with fresh processes. A time is the median over
 * forks of medians over rounds, and of a peer that was far behind that of the short sitting.
 *
 * @param peers who plays beside Sluice, if it can
 * @param threads how many each may use
 * @param forks how many sittings, 1 or more
 */
record Contest(List<Peer> peers, int threads, int forks) {
  private static final int ROUNDS = 7;
  private static final int ROUNDS_OF_SELECTION = 3;
  private static final double MILLIS = 120;
  /** A peer that takes so many times the time of the fastest one would not become the fastest one in the forks. */
  private static final double FAR = 1.3;

  /**
   * What came of it.
   *
   * @param sluiceMicros Sluice's time
   * @param peers their times
   * @param ratios the best peer's time over Sluice's in each fork; empty without peers
   */
  record Outcome(double sluiceMicros, List<Row.PeerTime> peers, List<Double> ratios) {}

  /** Players by the names they give themselves, their times in microseconds, their distances from Sluice's results. */
  private record Sat(List<String> names, double[] micros, List<Double> errors) {
    Row.PeerTime peer(int i) {
      return new Row.PeerTime(names.get(i), micros[i], errors.get(i));
    }
  }

  /**
   * Plays.
   *
   * @throws DifferentException if a peer's results differ from Sluice's
   * @throws PlayerException if a player failed
   */
  Outcome play(Work work) throws IOException {
    List<Row.PeerTime> behind = new ArrayList<>();
    List<Contestant> contestants = new ArrayList<>(List.of(Contestant.sluice()));
    contestants.addAll(nearFastest(work, behind));
    List<Sat> sittings = new ArrayList<>();
    for (int fork = 0; fork < forks; fork++) {
      sittings.add(sit(work, contestants, ROUNDS));
    }
    return outcome(sittings, behind);
  }

  /** The fastest setting of each peer that can do a work and is near the fastest; the others' times go to a list. */
  private List<Contestant> nearFastest(Work work, List<Row.PeerTime> behind) throws IOException {
    List<Contestant> settings = new ArrayList<>(List.of(Contestant.sluice()));
    List<int[]> ranges = new ArrayList<>();
    for (Peer peer : peers) {
      if (peer.can(work)) {
        List<Contestant> own = peer.contestants(threads);
        ranges.add(new int[] {settings.size(), settings.size() + own.size()});
        settings.addAll(own);
      }
    }
    if (ranges.isEmpty()) {
      return List.of();
    }
    Sat sat = sit(work, settings, ROUNDS_OF_SELECTION);
    double fastest = sat.micros()[least(sat.micros(), 1, settings.size())];
    List<Contestant> near = new ArrayList<>();
    for (int[] range : ranges) {
      int best = least(sat.micros(), range[0], range[1]);
      if (sat.micros()[best] <= FAR * fastest) {
        near.add(settings.get(best));
      } else {
        behind.add(sat.peer(best));
      }
    }
    return near;
  }

  private Sat sit(Work work, List<Contestant> contestants, int rounds) throws IOException {
    try (var sitting = new Sitting(contestants, work, threads)) {
      List<Double> errors = sitting.errors();
      double[] micros = sitting.time(rounds, MILLIS).stream().mapToDouble(Statistics::median).toArray();
      return new Sat(sitting.names(), micros, errors);
    }
  }

  private static Outcome outcome(List<Sat> sittings, List<Row.PeerTime> behind) {
    int contestants = sittings.getFirst().names().size();
    var medians = new double[contestants];
    List<Row.PeerTime> peers = new ArrayList<>();
    for (int i = 0; i < contestants; i++) {
      int player = i;
      medians[i] = Statistics.median(sittings.stream().mapToDouble(sat -> sat.micros()[player]).toArray());
      if (i > 0) {
        double error = sittings.stream().mapToDouble(sat -> sat.errors().get(player)).max().orElseThrow();
        peers.add(new Row.PeerTime(sittings.getFirst().names().get(i), medians[i], error));
      }
    }
    List<Double> ratios = new ArrayList<>();
    if (contestants > 1) {
      int best = least(medians, 1, contestants);
      sittings.forEach(sat -> ratios.add(sat.micros()[best] / sat.micros()[0]));
    }
    peers.addAll(behind);
    return new Outcome(medians[0], peers, ratios);
  }

  /** Where the least value of a range is. */
  private static int least(double[] values, int from, int to) {
    int least = from;
    for (int i = from + 1; i < to; i++) {
      least = values[i] < values[least] ? i : least;
    }
    return least;
  }
}
