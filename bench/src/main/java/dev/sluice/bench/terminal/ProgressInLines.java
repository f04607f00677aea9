package dev.sluice.bench.terminal;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Progress for a log: a plain line every five seconds and one at the end. */
final class ProgressInLines implements Progress {
  private static final long INTERVAL = TimeUnit.SECONDS.toNanos(5);

  private final String task;
  private final long samples;
  private final PrintStream out;
  private final LongSupplier clock;
  private final Pace pace;
  private long last;

  ProgressInLines(String task, long samples, PrintStream out) {
    this(task, samples, out, System::nanoTime);
  }

  ProgressInLines(String task, long samples, PrintStream out, LongSupplier clock) {
    this.task = task;
    this.samples = samples;
    this.out = out;
    this.clock = clock;
    this.last = clock.getAsLong();
    this.pace = new Pace(samples, last);
  }

  @Override
  public void step(int stepped, double loss) {
    pace.step(stepped, loss);
    long now = clock.getAsLong();
    if (now - last >= INTERVAL) {
      last = now;
      print(now);
    }
  }

  private void print(long now) {
    out.printf(Locale.ROOT, "%s  %d/%d  loss %.4g  %.0f samples/s  %.0f s left%n",
        task, pace.done(), samples, pace.loss(), pace.samplesPerSecond(now), pace.secondsLeft(now));
  }

  @Override
  public void close() {
    print(clock.getAsLong());
  }
}
