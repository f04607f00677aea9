package dev.sluice.bench.play;

import dev.sluice.bench.Exit;
import dev.sluice.bench.JsonFile;
import dev.sluice.bench.UsageException;
import dev.sluice.bench.train.FashionData;
import dev.sluice.bench.work.Catalogue;
import dev.sluice.bench.work.Work;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code sluice peers}. */
@Command(
    name = "peers",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    sortSynopsis = false,
    description = {
      "Times Sluice beside libtorch at the same works on the same inputs, results compared before anything is timed.",
      "Each plays in fresh processes, in turn, at its best setting; times are medians over forks. A peer that is far",
      "behind another one when settings are tried is timed there alone."
    },
    footerHeading = "%n",
    footer = {
      "A row: the time of one run of each; the ratio of the best peer's time to Sluice's, with its",
      "  lowest and highest of a fork; the bar that the ratio has to reach; and the share of the least",
      "  time that this machine allows. A row passes at its bar, or at 80 %% of the limit.",
      "",
      "Examples:",
      "  sluice peers gemm --threads 1",
      "  sluice peers \"attention forward 1x8x512x64\"    this one work, by its whole name",
      "  sluice peers lstm --threads 2 --busy 2 --json busy.json",
      "",
      "The first use downloads libtorch (about 200 MB); no other command does.",
      "Exit codes: 0 done, 1 a performer failed or its results differ, 2 wrong usage or missing data"
    })
public final class PeersCommand implements Callable<Integer> {
  /** A small work that every peer can do. */
  private static final Work UNPACKING = Catalogue.named("gemm 64x128x512");

  @Parameters(paramLabel = "FILTER", arity = "0..*",
      description = "the works whose name has all these words; all without one")
  private List<String> filter = List.of();

  @Option(names = "--threads", paramLabel = "N", description = "threads of each performer%n  Default: the cores")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(names = "--busy", paramLabel = "N", description = "how many other processes keep a core busy meanwhile")
  private int busy;

  @Option(names = "--forks", paramLabel = "N", defaultValue = "5",
      description = "how often all processes start anew  Default: 5")
  private int forks;

  @Option(names = "--json", paramLabel = "FILE", description = "write the rows to a file")
  private @Nullable Path json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    require("--threads", threads, 1);
    require("--busy", busy, 0);
    require("--forks", forks, 1);
    List<Work> works = Catalogue.requireMatching(String.join(" ", filter));
    List<Peer> peers = Peer.present();
    if (peers.isEmpty()) {
      throw new UsageException("this build has no peers; the launcher's does: ./sluice peers");
    }
    if (works.stream().anyMatch(Work.Epoch.class::isInstance)) {
      FashionData.fetchIfMissing();
    }
    for (Peer peer : peers) {
      peer.unpack(UNPACKING, threads);
    }
    PrintWriter out = spec.commandLine().getOut();
    var ceilings = new Ceilings(threads);
    out.println("this machine with " + threads + (threads == 1 ? " thread: " : " threads: ") + ceilings.describe());
    // While nobody is busy yet.
    works.forEach(work -> ceilings.limitMicros(work.cost()));
    return compare(works, new Contest(peers, threads, forks), ceilings, new RowPrinter(out));
  }

  private int compare(List<Work> works, Contest contest, Ceilings ceilings, RowPrinter printer) throws IOException {
    List<Row> rows = new ArrayList<>();
    int code = Exit.OK;
    try (var _ = new Busy(busy)) {
      for (Work work : works) {
        try {
          Row row = Row.of(work, threads, busy, contest.play(work), ceilings);
          rows.add(row);
          printer.print(row, row.passes(work));
        } catch (DifferentException | PlayerException e) {
          printer.refuse(work, e.getMessage());
          code = Exit.FAILED;
        }
        // A long run that is cut short has left what it measured.
        if (json != null) {
          JsonFile.write(json, rows);
        }
      }
    }
    printer.end(rows.size());
    return code;
  }

  private void require(String option, int value, int least) {
    if (value < least) {
      throw new ParameterException(
          spec.commandLine(), option + " is " + value + ", wanted " + least + " or more");
    }
  }
}
