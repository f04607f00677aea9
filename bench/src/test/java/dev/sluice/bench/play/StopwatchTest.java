package dev.sluice.bench.play;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.bench.work.Job;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class StopwatchTest {
  /** A job that moves a clock: by so many nanoseconds a run, from the first run's on. */
  private static final class Clockwork implements Job {
    private final long steady;
    private final long[] first;
    private long now;
    private int runs;

    Clockwork(long steady, long... first) {
      this.steady = steady;
      this.first = first;
    }

    @Override
    public void run() {
      now += runs < first.length ? first[runs] : steady;
      runs++;
    }

    @Override
    public List<Result> results() {
      return List.of();
    }

    @Override
    public void close() {}
  }

  private static Stopwatch watching(Clockwork job) {
    return new Stopwatch(job::run, () -> job.now, () -> 0);
  }

  @Test
  void aSlowJobIsRunOnce() {
    var job = new Clockwork(3_000_000_000L);
    assertEquals(3e6, watching(job).time(100));
    assertEquals(1, job.runs);
  }

  @Test
  void aFastJobFillsTheTime() {
    var job = new Clockwork(10_000);
    var watch = watching(job);
    watch.time(100);
    int before = job.runs;
    assertEquals(10, watch.time(100), 1e-9);
    assertEquals(10_000, job.runs - before, 10);
  }

  @Test
  void aDisturbanceLeavesNoTrace() {
    long[] first = new long[200];
    Arrays.fill(first, 1_000_000);
    first[50] = 500_000_000;
    var job = new Clockwork(1_000_000, first);
    var watch = watching(job);
    watch.time(1);
    assertEquals(1000, watch.time(100), 1e-9);
  }

  @Test
  void warmingUpOutlastsWhatGrowsFaster() {
    long[] first = new long[40];
    for (int run = 0; run < first.length; run++) {
      first[run] = 200_000_000L - run * 4_900_000L;
    }
    var job = new Clockwork(5_000_000, first);
    assertEquals(5000, watching(job).warm(), 1e-9);
  }

  @Test
  void warmingUpOutlastsTheCompiler() {
    // Compiling takes until the 300th run, 100 ms at a time, and only then does the job grow faster.
    long[] first = new long[300];
    Arrays.fill(first, 10_000_000);
    var job = new Clockwork(5_000_000, first);
    var watch = new Stopwatch(job::run, () -> job.now, () -> Math.min(job.runs, first.length) / 20 * 100L);
    assertEquals(5000, watch.warm(), 1e-9);
  }

  @Test
  void smallMethodsDoNotKeepItFromEnding() {
    var job = new Clockwork(10_000_000);
    new Stopwatch(job::run, () -> job.now, () -> job.runs / 20L).warm();
    assertTrue(job.now < 3e9, () -> job.now + " ns");
  }

  @Test
  void warmingUpEnds() {
    var job = new Clockwork(20_000_000_000L);
    watching(job).warm();
    assertTrue(job.runs <= 2, () -> job.runs + " runs");
  }
}
