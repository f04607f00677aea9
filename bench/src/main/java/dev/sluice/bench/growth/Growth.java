package dev.sluice.bench.growth;

import dev.sluice.bench.work.Series;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How time grew over a series: a line of the table and an object of the JSON.
 *
 * @param work the work at the smallest size
 * @param axis the size that grew
 * @param sizes its values
 * @param micros the time of one run at each
 * @param exponent of the power law through the times
 * @param arithmetic of the one through the operations; -1 over threads, where the work of each shrinks
 */
record Growth(String work, String axis, List<Integer> sizes, List<Double> micros, double exponent, double arithmetic) {
  /** What noise and the caches that a larger work leaves may add to an exponent. */
  private static final double SLACK = 0.15;

  static Growth of(Series series, double[] micros) {
    double[] sizes = series.steps().stream().mapToDouble(Series.Step::size).toArray();
    double[] operations = series.steps().stream().mapToDouble(step -> step.work().cost().operations()).toArray();
    boolean threads = series.axis() == Series.Axis.THREADS;
    return new Growth(
        series.smallest().name(),
        series.axis().name().toLowerCase(Locale.ROOT),
        series.steps().stream().map(Series.Step::size).toList(),
        Arrays.stream(micros).boxed().toList(),
        PowerLaw.exponent(sizes, micros),
        threads ? -1 : PowerLaw.exponent(sizes, operations));
  }

  /** Whether time grew faster than the arithmetic; over threads it is told, not judged: memory is shared by them. */
  boolean tooFast() {
    return arithmetic > 0 && exponent > arithmetic + SLACK;
  }
}
