package dev.sluice.bench.hard;

import dev.sluice.Backends;
import dev.sluice.bench.Exit;
import dev.sluice.bench.play.Statistics;
import dev.sluice.spi.AttentionSpec.Layout;
import dev.sluice.spi.Backend;
import dev.sluice.spi.BackendOptions;
import dev.sluice.spi.Selection;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code sluice hard}. */
@Command(
    name = "hard",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Times hard attention beside soft attention over the same self-attended sequence of 8 heads of width 64, in turn"
          + " in one process, and prints which share of soft attention's time each selection takes."
    },
    footer = {
      "",
      "Each share is the median over rounds. Bars: with 1/16 of 2048 keys kept, forward 0.80 at most, forward and",
      "backward 0.85 at most.",
      "",
      "Exit codes: 0 done, 2 wrong usage, 3 a share is above its bar"
    })
public final class HardCommand implements Callable<Integer> {
  private static final int HEADS = 8;
  private static final int WIDTH = 64;
  private static final double FORWARD_BAR = 0.80;
  private static final double BOTH_BAR = 0.85;
  private static final String FORMAT = "%-24s %11s %7s %11s %7s%n";

  @Option(names = "--length", paramLabel = "N", defaultValue = "2048", description = "positions  Default: 2048")
  private int length;

  @Option(names = "--one-in", paramLabel = "N", defaultValue = "16",
      description = "one key in so many is kept  Default: 16")
  private int oneIn;

  @Option(names = "--threads", paramLabel = "N", defaultValue = "1", description = "threads  Default: 1")
  private int threads;

  @Option(names = "--rounds", paramLabel = "N", defaultValue = "9", description = "rounds that count  Default: 9")
  private int rounds;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    require("--length", length);
    require("--one-in", oneIn);
    require("--threads", threads);
    require("--rounds", rounds);
    try (Backend backend = Backends.create("vector", new BackendOptions(threads))) {
      Attending soft = new Attending(backend, HEADS, length, WIDTH, Selection.ALL, 1);
      Map<String, Attending> hard = new LinkedHashMap<>();
      selections().forEach((name, selection) ->
          hard.put(name, new Attending(backend, HEADS, length, WIDTH, selection, oneIn)));
      return time(soft, hard, spec.commandLine().getOut());
    }
  }

  private Map<String, Selection> selections() {
    int kept = Math.max(1, length / oneIn);
    Map<String, Selection> selections = new LinkedHashMap<>();
    selections.put("largest", new Selection.Largest(kept, false));
    selections.put("largest renormalised", new Selection.Largest(kept, true));
    selections.put("predicate", new Selection.Predicate(new Layout(0, 0, length), false));
    selections.put("predicate renormalised", new Selection.Predicate(new Layout(0, 0, length), true));
    return selections;
  }

  private int time(Attending soft, Map<String, Attending> hard, PrintWriter out) {
    double[] softForward = new double[rounds];
    double[] softBoth = new double[rounds];
    double[][] forward = new double[hard.size()][rounds];
    double[][] both = new double[hard.size()][rounds];
    // Rounds below 0 warm up.
    for (int round = -rounds; round < rounds; round++) {
      double softTime = soft.forward();
      double softSum = softTime + soft.backward();
      int row = 0;
      for (Attending attending : hard.values()) {
        double time = attending.forward();
        double sum = time + attending.backward();
        if (round >= 0) {
          forward[row][round] = time / softTime;
          both[row][round] = sum / softSum;
        }
        row++;
      }
      if (round >= 0) {
        softForward[round] = softTime;
        softBoth[round] = softSum;
      }
    }
    return print(softForward, softBoth, hard.keySet().toArray(String[]::new), forward, both, out);
  }

  private static int print(double[] softForward, double[] softBoth, String[] names, double[][] forward, double[][] both,
      PrintWriter out) {
    out.printf(FORMAT, "selection", "forward ms", "share", "+back. ms", "share");
    double softTime = Statistics.median(softForward);
    double softSum = Statistics.median(softBoth);
    out.printf(FORMAT, "soft", text(softTime), text(1), text(softSum), text(1));
    boolean above = false;
    for (int row = 0; row < names.length; row++) {
      double share = Statistics.median(forward[row]);
      double shareOfBoth = Statistics.median(both[row]);
      above |= share > FORWARD_BAR || shareOfBoth > BOTH_BAR;
      out.printf(FORMAT, names[row], text(share * softTime), text(share), text(shareOfBoth * softSum),
          text(shareOfBoth));
    }
    out.flush();
    return above ? Exit.SLOWER : Exit.OK;
  }

  private static String text(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  private void require(String option, int value) {
    if (value < 1) {
      throw new ParameterException(spec.commandLine(), option + " is " + value + ", wanted 1 or more");
    }
  }
}
