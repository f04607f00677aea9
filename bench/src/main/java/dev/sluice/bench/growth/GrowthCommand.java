package dev.sluice.bench.growth;

import dev.sluice.bench.Exit;
import dev.sluice.bench.JsonFile;
import dev.sluice.bench.UsageException;
import dev.sluice.bench.play.Contestant;
import dev.sluice.bench.play.Seat;
import dev.sluice.bench.play.Statistics;
import dev.sluice.bench.work.Series;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code sluice growth}. */
@Command(
    name = "growth",
    mixinStandardHelpOptions = true,
    description = "Times works of growing size and fits how their time grows, beside how their arithmetic does.",
    footer = {
      "",
      "A series is timed on one thread, but for those over threads; every step of it in a process of its own, the",
      "steps in turn. Time may grow more slowly than arithmetic: small works cost more apiece.",
      "",
      "Exit codes: 0 done, 1 a work failed, 2 wrong usage, 3 a time grows faster than its arithmetic"
    })
public final class GrowthCommand implements Callable<Integer> {
  private static final String FORMAT = "%-44s %-8s %9s %10s  %s%n";
  private static final int ROUNDS = 7;
  private static final double MILLIS = 100;

  @Parameters(paramLabel = "FILTER", arity = "0..*",
      description = "the series whose name and axis have all these words; all without one")
  private List<String> filter = List.of();

  @Option(names = "--json", paramLabel = "FILE", description = "write the rows to a file")
  private @Nullable Path json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    List<Series> wanted = Series.all().stream().filter(this::matches).toList();
    if (wanted.isEmpty()) {
      throw new UsageException("no series matches '" + String.join(" ", filter)
          + "', wanted words such as attention, lstm, length, batch, hidden or threads");
    }
    PrintWriter out = spec.commandLine().getOut();
    out.printf(FORMAT, "smallest work", "over", "exponent", "arithmetic", "microseconds by size");
    out.flush();
    var grown = new ArrayList<Growth>();
    for (Series series : wanted) {
      Growth growth = Growth.of(series, time(series));
      grown.add(growth);
      print(out, growth);
      if (json != null) {
        JsonFile.write(json, grown);
      }
    }
    return grown.stream().anyMatch(Growth::tooFast) ? Exit.SLOWER : Exit.OK;
  }

  private boolean matches(Series series) {
    String name = series.smallest().name() + " " + series.axis().name().toLowerCase(Locale.ROOT);
    return filter.stream().allMatch(word -> name.contains(word.toLowerCase(Locale.ROOT)));
  }

  /** Microseconds of each step: medians over rounds in which the steps are timed in turn. */
  private static double[] time(Series series) throws IOException {
    List<Series.Step> steps = series.steps();
    var seats = new ArrayList<Seat>();
    try {
      for (Series.Step step : steps) {
        var seat = new Seat(Contestant.sluice(), step.work(), series.threads(step));
        seats.add(seat);
        seat.ready();
        seat.warm();
      }
      double[][] times = new double[steps.size()][ROUNDS];
      for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < seats.size(); i++) {
          times[i][round] = seats.get(i).time(MILLIS);
        }
      }
      double[] medians = new double[times.length];
      for (int i = 0; i < medians.length; i++) {
        medians[i] = Statistics.median(times[i]);
      }
      return medians;
    } finally {
      seats.forEach(Seat::close);
    }
  }

  private static void print(PrintWriter out, Growth growth) {
    var times = new ArrayList<String>();
    for (int i = 0; i < growth.sizes().size(); i++) {
      times.add(String.format(Locale.ROOT, "%d: %.0f", growth.sizes().get(i), growth.micros().get(i)));
    }
    out.printf(FORMAT, growth.work(), growth.axis(), text(growth.exponent()), text(growth.arithmetic()),
        String.join(", ", times) + (growth.tooFast() ? "  GROWS FASTER" : ""));
    out.flush();
  }

  private static String text(double exponent) {
    return String.format(Locale.ROOT, "%.2f", exponent);
  }
}
