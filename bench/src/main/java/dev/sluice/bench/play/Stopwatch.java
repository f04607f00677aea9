package dev.sluice.bench.play;

import dev.sluice.bench.work.Job;
import java.util.Arrays;
import java.util.function.LongSupplier;

/** Times a job. */
final class Stopwatch {
  /** Runs are timed in so many parts, of which the median counts: what disturbs one part leaves no trace. */
  private static final int PARTS = 9;
  private static final double NANOS = 1e9;
  private static final double MICROS_PER_MILLI = 1e3;

  /** What is taken for a step of the warm-up. */
  private static final double WINDOW_MILLIS = 100;
  /** By how much a best time has to be better to count as better. */
  private static final double GAIN = 0.98;
  /** After so many windows without a gain the job is warm. */
  private static final int STEADY_WINDOWS = 6;
  private static final double LEAST_SECONDS = 1.2;
  private static final double MOST_SECONDS = 8;

  private final Job job;
  private final LongSupplier clock;
  private double micros = Double.POSITIVE_INFINITY;

  /** With a clock, in nanoseconds. */
  Stopwatch(Job job, LongSupplier clock) {
    this.job = job;
    this.clock = clock;
  }

  /** Does the job until it grows no faster, for a time within bounds; gives the best microseconds per run. */
  double warm() {
    long start = clock.getAsLong();
    double best = Double.POSITIVE_INFINITY;
    int steady = 0;
    double seconds;
    do {
      double now = time(WINDOW_MILLIS);
      steady = now < best * GAIN ? 0 : steady + 1;
      best = Math.min(best, now);
      seconds = (clock.getAsLong() - start) / NANOS;
    } while (seconds < MOST_SECONDS && (seconds < LEAST_SECONDS || steady < STEADY_WINDOWS));
    return best;
  }

  /** Does the job for about so long, once at least; gives the median microseconds per run. */
  double time(double millis) {
    // A guess from before the first run would be none: that run is a part by itself.
    double fitting = Double.isInfinite(micros) ? 1 : millis * MICROS_PER_MILLI / micros;
    int parts = (int) Math.clamp(fitting, 1, PARTS);
    long runs = Math.max(1, Math.round(fitting / parts));
    var times = new double[parts];
    for (int part = 0; part < parts; part++) {
      times[part] = part(runs);
    }
    Arrays.sort(times);
    micros = Statistics.median(times);
    return micros;
  }

  private double part(long runs) {
    long start = clock.getAsLong();
    for (long run = 0; run < runs; run++) {
      job.run();
    }
    return (clock.getAsLong() - start) / MICROS_PER_MILLI / runs;
  }
}
