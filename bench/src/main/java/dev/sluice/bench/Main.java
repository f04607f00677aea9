package dev.sluice.bench;

import dev.sluice.bench.doctor.DoctorCommand;
import dev.sluice.bench.growth.GrowthCommand;
import dev.sluice.bench.hard.HardCommand;
import dev.sluice.bench.jmh.BenchCommand;
import dev.sluice.bench.play.PeersCommand;
import dev.sluice.bench.terminal.StandardError;
import dev.sluice.bench.train.EvaluateCommand;
import dev.sluice.bench.train.PronounceCommand;
import dev.sluice.bench.train.TrainCommand;
import java.io.PrintWriter;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code sluice}. */
@Command(
    name = Main.NAME,
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    description = "Attention and gated recurrences on the JVM, with SIMD kernels and gradient clipping.",
    subcommands = {TrainCommand.class, EvaluateCommand.class, PronounceCommand.class, DoctorCommand.class,
      BenchCommand.class, PeersCommand.class, GrowthCommand.class, HardCommand.class},
    footer = {
      "",
      "Start here:",
      "  sluice doctor                                 what this machine can do",
      "  sluice train fashion --cell janet --clip norm:1 --epochs 3",
      "  sluice train adding --steps 1000              a test of long memory",
      "  sluice train g2p --save out                   letters to phonemes, a translation",
      "  sluice train graph                            what neighbours are worth",
      "  sluice train comprehension --report out       questions about stories, with pictures",
      "  sluice train fashion --help                   every option of the training",
      "  sluice peers gemm --threads 1                 beside libtorch, which this downloads",
      "  sluice bench --check HEAD~1                   is anything slower than a commit ago?",
      "",
      "Environment:",
      "  JAVA_HOME          the JDK to use, if it is 25 or newer",
      "  SLUICE_BACKEND     auto, cuda, cuda:N, vector or reference, where --backend is not given",
      "  SLUICE_JAVA_OPTS   more options for the JVM, such as -Xmx4g",
      "  SLUICE_DEBUG       if set, a failure shows its stack trace",
      "",
      "Exit codes:",
      "  0    done",
      "  1    failed while running",
      "  2    wrong usage, missing or corrupt data, a backend that cannot be had",
      "  3    slower than the revision that bench --check compared with",
      "  130  interrupted"
    })
public final class Main implements Runnable {
  static final String NAME = "sluice";

  /** Held, because a logger that nobody holds forgets its level. */
  private static final Logger LIBRARY_LOG = Logger.getLogger("dev.sluice");

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "a command is missing, wanted train, evaluate, pronounce, doctor, bench, peers, growth or hard");
  }

  /** The command line with its way of reporting errors. */
  static CommandLine commandLine() {
    var errors = new Errors();
    return new CommandLine(new Main())
        .setUsageHelpAutoWidth(false)
        .setUsageHelpWidth(100)
        .setParameterExceptionHandler(errors)
        .setExecutionExceptionHandler(errors);
  }

  /** Runs a command and ends the JVM with its exit code. */
  public static void main(String[] arguments) {
    StandardError.restore();
    // Warnings of the library in lines like the program's own; what it only tells, a command tells itself.
    System.setProperty("java.util.logging.SimpleFormatter.format", NAME + ": %5$s%n");
    LIBRARY_LOG.setLevel(Level.WARNING);
    System.exit(run(arguments));
  }

  private static int run(String[] arguments) {
    CommandLine command = commandLine();
    command.setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.AUTO));
    try {
      return command.execute(arguments);
    } catch (Error e) {
      var err = new PrintWriter(System.err, true);
      err.println(NAME + ": " + Errors.describe(e));
      return Exit.FAILED;
    }
  }

  /** Reads the version the build wrote into the jar. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      String shown = version == null ? "(not packaged)" : version;
      return new String[] {NAME + " " + shown + " on Java " + Runtime.version()};
    }
  }
}
