package dev.sluice.bench.jmh;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A kernel call that is timed.
 *
 * @param benchmark its family
 * @param name unique, the family first
 * @param call makes it on a backend
 * @param exception why it need not be {@link #LEAST_FACTOR} times as fast as the reference; null where it has to be
 */
record Kernel(Class<? extends KernelBenchmark> benchmark, String name, Call call, @Nullable String exception) {
  /** How many times as fast as the reference a kernel of the vector backend has to be. */
  static final double LEAST_FACTOR = 3;

  /** Makes a call with buffers of a backend. */
  @FunctionalInterface
  interface Call {
    Runnable on(Buffers buffers);
  }

  /** A call that has to be fast; of its name the family is not part. */
  static Kernel of(Class<? extends KernelBenchmark> benchmark, String name, Call call) {
    String family = benchmark.getSimpleName().replace("Benchmark", "");
    return new Kernel(benchmark, (family + " " + name).toLowerCase(Locale.ROOT), call, null);
  }

  /**
   * The same call, whose loop in the reference is so plain that the JVM's compiler makes vectors of it by itself:
   * what is left to gain is that a float has half the bytes of a double.
   */
  Kernel plain() {
    return new Kernel(benchmark, name, call, "the reference's plain loop is compiled to vectors as well");
  }

  /** The same call, which adds single numbers to places that only the data tells: lanes have nothing to share. */
  Kernel scattered() {
    return new Kernel(benchmark, name, call, "it adds single numbers to places that only the data tells");
  }
}
