package dev.sluice.bench.jmh;

import dev.sluice.Backends;
import dev.sluice.bench.play.Stopwatch;
import dev.sluice.spi.Backend;
import dev.sluice.spi.BackendOptions;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** One kernel call on one backend, with one thread. A subclass is a family. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public abstract class KernelBenchmark {
  /** The backend's id. */
  @Param({"vector", "reference"})
  public String backend = "vector";

  /** The name of the call in {@link Kernels}, which whoever runs this gives. */
  @Param("")
  public String kernel = "";

  private Backend computing;
  private Runnable call;

  /** Allocates and draws everything, and calls the kernel until it is compiled, however long that takes here. */
  @Setup
  public void prepare() {
    computing = Backends.create(backend, new BackendOptions(1));
    call = Kernels.named(kernel).call().on(new Buffers(computing));
    new Stopwatch(call, System::nanoTime).warm();
  }

  /** Calls the kernel. */
  @Benchmark
  public void kernel() {
    call.run();
  }

  /** Lets go of the backend. */
  @TearDown
  public void close() {
    computing.close();
  }
}
