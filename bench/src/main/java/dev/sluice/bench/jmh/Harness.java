package dev.sluice.bench.jmh;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.regex.Pattern;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs kernels by JMH.
 *
 * @param forks processes of each backend
 * @param warmups iterations before those that count
 * @param warmupMillis how long each takes
 * @param iterations those that count
 * @param millis how long each takes
 */
record Harness(int forks, int warmups, long warmupMillis, int iterations, long millis) {
  /** One short fork. */
  static final Harness QUICK = new Harness(1, 5, 200, 7, 80);
  /** One fork that gives a JVM time to compile where others keep the cores busy. */
  static final Harness PATIENT = new Harness(1, 12, 500, 9, 150);
  /** For figures to be kept. */
  static final Harness FULL = new Harness(3, 10, 500, 10, 300);

  private static final int MEDIAN = 50;

  /** Times a kernel on both backends: medians over the iterations of all forks. */
  Factor time(Kernel kernel) throws RunnerException {
    PrintStream err = System.err;
    var said = new ByteArrayOutputStream();
    var kept = new PrintStream(said, true, StandardCharsets.UTF_8);
    // What JVMs say of JMH itself and of incubator modules helps nobody, unless something fails.
    System.setErr(kept);
    try {
      return Factor.of(kernel, micros(kernel, "vector", kept), micros(kernel, "reference", kept));
    } catch (RunnerException e) {
      err.print(said.toString(StandardCharsets.UTF_8));
      throw e;
    } finally {
      System.setErr(err);
    }
  }

  private double micros(Kernel kernel, String backend, PrintStream out) throws RunnerException {
    Options options = new OptionsBuilder()
        .include("^" + Pattern.quote(kernel.benchmark().getName()) + "\\.")
        .param("kernel", kernel.name())
        .param("backend", backend)
        .shouldFailOnError(true)
        .forks(forks)
        .warmupIterations(warmups)
        .warmupTime(TimeValue.milliseconds(warmupMillis))
        .measurementIterations(iterations)
        .measurementTime(TimeValue.milliseconds(millis))
        .build();
    Collection<RunResult> results =
        new Runner(options, OutputFormatFactory.createFormatInstance(out, VerboseMode.NORMAL)).run();
    return results.iterator().next().getPrimaryResult().getStatistics().getPercentile(MEDIAN);
  }
}
