package dev.sluice.bench.gate;

import dev.sluice.bench.Exit;
import dev.sluice.bench.UsageException;
import dev.sluice.bench.play.ChildJvm;
import dev.sluice.bench.play.Clock;
import dev.sluice.bench.play.Contestant;
import dev.sluice.bench.play.PlayerException;
import dev.sluice.bench.play.Sitting;
import dev.sluice.bench.play.Statistics;
import dev.sluice.bench.work.Work;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Plays a revision's library against this tree's, by the time that the computing thread itself takes where there is but
 * one. A work that looks slower is played once more, in fresh processes, and
 * is reported only where it looks slower again.
 */
public final class Gate {
  /** Set by the launcher: the folder of the working tree. */
  private static final String ROOT = "sluice.root";
  private static final String FORMAT = "%-44s %11.1f %11.1f %7.2f  %s%n";
  private static final int FORKS = 5;
  private static final int ROUNDS = 9;
  private static final double MILLIS = 60;

  private final int threads;
  private final PrintWriter out;

  /**
   * A gate.
   *
   * @param threads how many each side may use
   * @param out where rows go
   */
  public Gate(int threads, PrintWriter out) {
    this.threads = threads;
    this.out = out;
  }

  /**
   * Compares.
   *
   * @param base what git calls the revision to compare with
   * @param works what is played
   * @return {@link Exit#SLOWER} if a work is slower, {@link Exit#FAILED} if one could not be played, or 0
   * @throws UsageException if there is no such revision, or it cannot be built
   */
  public int check(String base, List<Work> works) throws IOException, InterruptedException {
    String root = System.getProperty(ROOT);
    if (root == null) {
      throw new UsageException("--check does not know where the sources are; start it by ./sluice");
    }
    out.println("building " + base);
    out.flush();
    try (var revision = new Revision(Path.of(root), base)) {
      Clock clock = threads == 1 ? Clock.THREAD : Clock.WALL;
      List<Contestant> sides = List.of(
          Contestant.sluice("base", revision.classPath(ChildJvm.classPath()), clock),
          Contestant.sluice("this tree", ChildJvm.classPath(), clock));
      return check(works, sides);
    }
  }

  private int check(List<Work> works, List<Contestant> sides) throws IOException {
    out.printf("%-44s %11s %11s %7s%n", "work", "base us", "this us", "ratio");
    List<Work> suspects = new ArrayList<>();
    int refused = 0;
    for (Work work : works) {
      try {
        if (print(work, play(work, sides), "looks slower: once more at the end").slower()) {
          suspects.add(work);
        }
      } catch (PlayerException e) {
        out.printf("%-44s REFUSED: %s%n", work.name(), e.getMessage());
        refused++;
      }
    }
    List<Work> slower = new ArrayList<>();
    for (Work work : suspects) {
      if (print(work, play(work, sides), "SLOWER, twice").slower()) {
        slower.add(work);
      }
    }
    out.printf("%d works: %d slower%s%n", works.size(), slower.size(),
        refused == 0 ? "" : ", " + refused + " could not be played");
    out.flush();
    return !slower.isEmpty() ? Exit.SLOWER : refused > 0 ? Exit.FAILED : Exit.OK;
  }

  private Verdict play(Work work, List<Contestant> sides) throws IOException {
    List<Double> base = new ArrayList<>();
    List<Double> tree = new ArrayList<>();
    for (int fork = 0; fork < FORKS; fork++) {
      try (var sitting = new Sitting(sides, work, threads)) {
        List<double[]> times = sitting.time(ROUNDS, MILLIS);
        base.add(Statistics.median(times.getFirst()));
        tree.add(Statistics.median(times.getLast()));
      }
    }
    return Verdict.of(base, tree);
  }

  private Verdict print(Work work, Verdict verdict, String ifSlower) {
    Interval ratio = verdict.ratio();
    String words = String.format(Locale.ROOT, "%.2f..%.2f", ratio.low(), ratio.high())
        + (verdict.slower() ? "  " + ifSlower : "");
    out.printf(Locale.ROOT, FORMAT, work.name(), verdict.baseMicros(), verdict.micros(), ratio.median(), words);
    out.flush();
    return verdict;
  }
}
