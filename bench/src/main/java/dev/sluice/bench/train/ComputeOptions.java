package dev.sluice.bench.train;

import static dev.sluice.bench.train.Configuration.positive;

import dev.sluice.bench.UsageException;
import dev.sluice.spi.Backend;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What computes: the options that every command here has. */
final class ComputeOptions {
  @Option(names = "--backend", paramLabel = "NAME", description = "what computes: auto, cuda (cuda:1 is"
      + " the second GPU), vector or reference")
  private @Nullable String backend;

  @Option(names = "--threads", paramLabel = "N", description = "worker threads of the backend%n  Default: the cores")
  private @Nullable Integer threads;

  @Spec(Spec.Target.MIXEE) private CommandSpec command;

  /**
   * Refuses what cannot be meant; to be called before anything else is done.
   *
   * @throws ParameterException if there would be no thread
   */
  void check() {
    try {
      positive("--threads", threads);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), e.getMessage());
    }
  }

  /**
   * Chooses the backend.
   *
   * @throws UsageException if there is no such backend, or it cannot be had on this machine
   */
  Backend choose() {
    return BackendChoice.make(backend, threads);
  }
}
