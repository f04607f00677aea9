package dev.sluice.bench.play;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.function.LongSupplier;

/** Times what is run again and again. */
public final class Stopwatch {
  /** Runs are timed in so many parts, of which the median counts: what disturbs one part leaves no trace. */
  private static final int PARTS = 9;
  private static final double NANOS = 1e9;
  private static final double MICROS_PER_MILLI = 1e3;

  /** What is taken for a step of the warm-up. */
  private static final double WINDOW_MILLIS = 100;
  /** By how much a best time has to be better to count as better. */
  private static final double GAIN = 0.98;
  /** How much compiling a step may see and still be steady: small methods come at all times. */
  private static final long STRAY_COMPILATION_MILLIS = 10;
  /** After so long without a gain, and without code that may yet bring one, all is warm. */
  private static final double STEADY_SECONDS = 0.8;
  private static final double LEAST_SECONDS = 1.2;
  private static final double MOST_SECONDS = 20;

  private final Runnable job;
  private final LongSupplier clock;
  private final LongSupplier compilation;
  private double micros = Double.POSITIVE_INFINITY;

  /**
   * Holds what is to be timed.
   *
   * @param job what is run
   * @param clock tells nanoseconds
   */
  public Stopwatch(Runnable job, LongSupplier clock) {
    this(job, clock, compilationMillis());
  }

  /** With a count of the milliseconds that this JVM has compiled. */
  Stopwatch(Runnable job, LongSupplier clock, LongSupplier compilation) {
    this.job = job;
    this.clock = clock;
    this.compilation = compilation;
  }

  private static LongSupplier compilationMillis() {
    CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
    return compiler != null && compiler.isCompilationTimeMonitoringSupported() ? compiler::getTotalCompilationTime
        : () -> 0;
  }

  /**
   * Does the job until it grows no faster, for a time within bounds; gives the best microseconds per run.
   *
   * <p>A time that stays the same is not enough. A large kernel takes the compiler a second, in which what runs is the
   * same old code; and where the job has as many threads as the machine has cores, the compiler takes one from it.
   */
  public double warm() {
    long start = clock.getAsLong();
    long changed = start;
    double best = Double.POSITIVE_INFINITY;
    long now;
    do {
      long compiled = compilation.getAsLong();
      double time = time(WINDOW_MILLIS);
      now = clock.getAsLong();
      if (time < best * GAIN || compilation.getAsLong() - compiled > STRAY_COMPILATION_MILLIS) {
        changed = now;
      }
      best = Math.min(best, time);
    } while (now - start < MOST_SECONDS * NANOS
        && (now - start < LEAST_SECONDS * NANOS || now - changed < STEADY_SECONDS * NANOS));
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
