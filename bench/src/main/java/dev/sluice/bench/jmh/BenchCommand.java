package dev.sluice.bench.jmh;

import dev.sluice.bench.Exit;
import dev.sluice.bench.JsonFile;
import dev.sluice.bench.UsageException;
import dev.sluice.bench.gate.Gate;
import dev.sluice.bench.work.Catalogue;
import dev.sluice.bench.work.Work;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.runner.RunnerException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code sluice bench}. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    sortSynopsis = false,
    description = {
      "Times every kernel of the vector backend and of the reference by JMH, one thread each, and prints how many"
          + " times as fast the vector backend is.",
      "With --check, plays the library of another revision against this tree's instead."
    },
    footerHeading = "%n",
    footer = {
      "The check builds the other revision in a folder of its own. Both play in turn, in fresh",
      "  processes; a row is slower where its median ratio is 1.10 or more, the interval of the ratios",
      "  lies above 1, and the same is found once more.",
      "",
      "Examples:",
      "  sluice bench --quick                  every kernel, in a quarter of an hour",
      "  sluice bench attention                one family, with more and longer forks",
      "  sluice bench --check HEAD~1           is anything slower than a commit ago?",
      "  sluice bench lstm --check main        the works with that word only",
      "",
      "Exit codes: 0 done, 1 a kernel is not 3 times as fast as the reference, or something failed,",
      "  2 wrong usage, 3 a work is slower than at the other revision"
    })
public final class BenchCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FILTER", arity = "0..*",
      description = "the kernels (with --check: the works) whose name has all these words%n  Default: all (with"
          + " --check: the smallest of each kind)")
  private List<String> filter = List.of();

  @Option(names = "--quick", description = "one short fork of each")
  private boolean quick;

  @Option(names = "--json", paramLabel = "FILE", description = "write the rows to a file")
  private @Nullable Path json;

  @Option(names = "--check", paramLabel = "BASE", description = "compare with this revision")
  private @Nullable String base;

  @Option(names = "--threads", paramLabel = "N", defaultValue = "1",
      description = "threads of each side of a check  Default: 1")
  private int threads;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException, RunnerException {
    PrintWriter out = spec.commandLine().getOut();
    String words = String.join(" ", filter);
    if (threads < 1) {
      throw new ParameterException(spec.commandLine(), "--threads is " + threads + ", wanted 1 or more");
    }
    if (base != null) {
      if (quick || json != null) {
        throw new ParameterException(spec.commandLine(), "--check is given with --quick or --json, wanted alone");
      }
      List<Work> works = words.isBlank() ? Catalogue.smallest() : Catalogue.requireMatching(words);
      return new Gate(threads, out).check(base, works);
    }
    List<Kernel> kernels = Kernels.matching(words);
    if (kernels.isEmpty()) {
      throw new UsageException("no kernel matches '" + words + "', wanted words of names such as "
          + Kernels.all().getFirst().name());
    }
    return time(kernels, out);
  }

  private int time(List<Kernel> kernels, PrintWriter out) throws IOException, RunnerException {
    out.printf("%-44s %11s %11s %7s%n", "kernel", "vector us", "ref. us", "factor");
    out.flush();
    List<Factor> factors = new ArrayList<>();
    List<Factor> slow = new ArrayList<>();
    for (Kernel kernel : kernels) {
      Factor factor = time(kernel);
      factors.add(factor);
      String remark = "";
      if (!factor.isEnough()) {
        String exception = kernel.exception();
        if (exception == null) {
          slow.add(factor);
        }
        remark = exception == null ? "  TOO SLOW" : "  " + exception;
      }
      out.println(factor.line() + remark);
      out.flush();
      if (json != null) {
        JsonFile.write(json, factors);
      }
    }
    out.printf("%d kernels: %d less than %.0f times as fast as the reference, without a reason known%n", factors.size(),
        slow.size(), Kernel.LEAST_FACTOR);
    slow.forEach(factor -> out.println("  " + factor.kernel()));
    out.flush();
    return slow.isEmpty() ? Exit.OK : Exit.FAILED;
  }

  /** A kernel that a quick look finds slow, and without a reason, gets a long one. */
  private Factor time(Kernel kernel) throws RunnerException {
    Factor factor = (quick ? Harness.QUICK : Harness.FULL).time(kernel);
    return quick && !factor.isEnough() && kernel.exception() == null ? Harness.FULL.time(kernel) : factor;
  }
}
