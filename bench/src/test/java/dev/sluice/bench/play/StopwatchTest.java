package dev.sluice.bench.play;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.bench.work.Job;
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

  @Test
  void aSlowJobIsRunOnce() {
    var job = new Clockwork(3_000_000_000L);
    assertEquals(3e6, new Stopwatch(job, () -> job.now).time(100));
    assertEquals(1, job.runs);
  }

  @Test
  void aFastJobFillsTheTime() {
    var job = new Clockwork(10_000);
    var watch = new Stopwatch(job, () -> job.now);
    watch.time(100);
    int before = job.runs;
    assertEquals(10, watch.time(100), 1e-9);
    assertEquals(10_000, job.runs - before, 10);
  }

  @Test
  void aDisturbanceLeavesNoTrace() {
    long[] first = new long[200];
    java.util.Arrays.fill(first, 1_000_000);
    first[50] = 500_000_000;
    var job = new Clockwork(1_000_000, first);
    var watch = new Stopwatch(job, () -> job.now);
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
    assertEquals(5000, new Stopwatch(job, () -> job.now).warm(), 1e-9);
  }

  @Test
  void warmingUpEnds() {
    var job = new Clockwork(20_000_000_000L);
    new Stopwatch(job, () -> job.now).warm();
    assertTrue(job.runs <= 2, () -> job.runs + " runs");
  }
}
