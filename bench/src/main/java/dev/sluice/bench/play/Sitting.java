package dev.sluice.bench.play;

import dev.sluice.bench.work.Job.Result;
import dev.sluice.bench.work.Work;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Players of one work at one table: fresh processes, of which one works at a time. */
public final class Sitting implements AutoCloseable {
  /** Threads of an OpenMP team spin for so long when their work is done, on a core that the next player needs. */
  private static final Duration SPINNING = Duration.ofMillis(220);
  private static final double MOST_MICROS = 6e6;
  private static final int LEAST_ROUNDS = 2;

  private final List<Seat> seats = new ArrayList<>();
  private final List<Contestant> contestants;
  private final List<String> names = new ArrayList<>();
  private final int threads;

  /**
   * Starts all players and waits until they are ready.
   *
   * @param contestants who plays
   * @param work what
   * @param threads how many each may use
   */
  public Sitting(List<Contestant> contestants, Work work, int threads) throws IOException {
    this.contestants = contestants;
    this.threads = threads;
    try {
      for (Contestant contestant : contestants) {
        seats.add(new Seat(contestant, work, threads));
      }
      for (Seat seat : seats) {
        names.add(seat.ready());
      }
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /** The performers' own names, in the order of the contestants. */
  List<String> names() {
    return names;
  }

  /**
   * How far each one's results are from the first one's.
   *
   * @throws DifferentException if that is further than ways of computing explain
   */
  List<Double> errors() throws IOException {
    List<Result> expected = seats.getFirst().results();
    List<Double> errors = new ArrayList<>();
    for (int i = 0; i < seats.size(); i++) {
      errors.add(i == 0 ? 0.0 : Comparison.error(contestants.get(i).name(), expected, seats.get(i).results()));
    }
    return errors;
  }

  /**
   * Warms all players up, then times them in turn, every other round in the opposite order.
   *
   * @param rounds how often each is timed; less often where a run takes seconds
   * @param millis about how long each time
   * @return microseconds per run, by contestant and round
   */
  public List<double[]> time(int rounds, double millis) {
    double slowest = seats.stream().mapToDouble(Seat::warm).max().orElseThrow();
    int fitting = (int) Math.clamp(MOST_MICROS / slowest, Math.min(LEAST_ROUNDS, rounds), rounds);
    List<double[]> times = new ArrayList<>();
    seats.forEach(_ -> times.add(new double[fitting]));
    int last = seats.size() - 1;
    for (int round = 0; round < fitting; round++) {
      for (int turn = 0; turn < seats.size(); turn++) {
        int seat = round % 2 == 0 ? turn : seats.size() - 1 - turn;
        if (seat != last) {
          restAfter(contestants.get(last));
        }
        times.get(seat)[round] = seats.get(seat).time(millis);
        last = seat;
      }
    }
    return times;
  }

  private void restAfter(Contestant contestant) {
    if (threads > 1 && contestant.spins()) {
      try {
        Thread.sleep(SPINNING);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      }
    }
  }

  /** Ends all players. */
  @Override
  public void close() {
    seats.forEach(Seat::close);
  }
}
