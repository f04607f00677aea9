package dev.sluice.bench.train;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code sluice train}: a task for each subcommand. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "TASK",
    description = "Trains a model on one of the tasks below.",
    subcommands = {TrainFashionCommand.class, TrainAddingCommand.class, TrainComprehensionCommand.class,
      TrainG2pCommand.class, TrainGraphCommand.class},
    footer = {"", "Every option of a task: sluice train TASK --help"})
public final class TrainCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "a task is missing, wanted fashion, adding, comprehension, g2p or graph");
  }
}
