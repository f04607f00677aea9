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
 * @param iterations timed in each
 * @param millis how long each takes
 */
record Harness(int forks, int iterations, long millis) {
  /** One short fork. */
  static final Harness QUICK = new Harness(1, 7, 80);
  /** For figures to be kept. */
  static final Harness FULL = new Harness(3, 10, 300);

  /** A kernel is warm when JMH begins; what is left to compile is JMH's own loop around it. */
  private static final int WARMUPS = 2;
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
        .warmupIterations(WARMUPS)
        .warmupTime(TimeValue.milliseconds(millis))
        .measurementIterations(iterations)
        .measurementTime(TimeValue.milliseconds(millis))
        .build();
    Collection<RunResult> results =
        new Runner(options, OutputFormatFactory.createFormatInstance(out, VerboseMode.NORMAL)).run();
    return results.iterator().next().getPrimaryResult().getStatistics().getPercentile(MEDIAN);
  }
}
