package dev.sluice.bench.play;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Measures what several threads do together.
 *
 * @param threads how many
 */
record Together(int threads) {
  private static final long NANOS_PER_TRY = TimeUnit.MILLISECONDS.toNanos(40);
  /** Tries go on, while the JVM compiles, until so many have not been better than the best before them. */
  private static final int STEADY_TRIES = 20;
  private static final int MOST_TRIES = 200;
  private static final double GAIN = 1.01;

  /** What one thread does again and again. */
  @FunctionalInterface
  interface Task extends AutoCloseable {
    /** Does it once; gives how much that was, in the units of the rate wanted. */
    double run();

    @Override
    default void close() {}
  }

  /** The highest rate per second of all threads together, each with a task of its own. */
  double rate(Supplier<? extends Task> make) {
    List<Task> tasks = new ArrayList<>();
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      List<Callable<Double>> measured = new ArrayList<>();
      for (int thread = 0; thread < threads; thread++) {
        Task task = make.get();
        tasks.add(task);
        measured.add(() -> rateOf(task));
      }
      double best = 0;
      int steady = 0;
      for (int i = 0; i < MOST_TRIES && steady < STEADY_TRIES; i++) {
        double sum = 0;
        for (Future<Double> one : pool.invokeAll(measured)) {
          sum += one.get();
        }
        steady = sum > best * GAIN ? 0 : steady + 1;
        best = Math.max(best, sum);
      }
      return best;
    } catch (ExecutionException e) {
      throw new IllegalStateException("a ceiling could not be measured", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } finally {
      tasks.forEach(Task::close);
    }
  }

  private static double rateOf(Task task) {
    double done = 0;
    long from = System.nanoTime();
    long nanos;
    do {
      done += task.run();
      nanos = System.nanoTime() - from;
    } while (nanos < NANOS_PER_TRY);
    return done * TimeUnit.SECONDS.toNanos(1) / nanos;
  }
}
