package dev.sluice.bench.terminal;

/** Speed, smoothed loss and time left of a task. The clock is given, in nanoseconds, so that tests need not wait. */
final class Pace {
  /** Weight of the past in the running loss: about the last twenty batches count. */
  private static final double MEMORY = 0.95;

  private final long total;
  private final long start;
  private long done;
  private double loss = Double.NaN;

  Pace(long total, long now) {
    this.total = total;
    this.start = now;
  }

  void step(int samples, double batchLoss) {
    loss = done == 0 ? batchLoss : MEMORY * loss + (1 - MEMORY) * batchLoss;
    done += samples;
  }

  long done() {
    return done;
  }

  double loss() {
    return loss;
  }

  double samplesPerSecond(long now) {
    return done / (Math.max(1, now - start) * 1e-9);
  }

  /** Seconds until all samples are done at the speed so far; 0 before the first. */
  double secondsLeft(long now) {
    return done == 0 ? 0 : (total - done) / samplesPerSecond(now);
  }
}
