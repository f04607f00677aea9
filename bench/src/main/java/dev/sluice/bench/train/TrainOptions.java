package dev.sluice.bench.train;

import dev.sluice.Tensor;
import dev.sluice.bench.report.Page;
import dev.sluice.nn.Module;
import dev.sluice.spi.Backend;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.function.Supplier;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that every training has, and what each does with them. */
final class TrainOptions {
  @Option(names = "--clip", paramLabel = "HOW", converter = ClipConverter.class,
      description = "how gradients are clipped")
  private ClipOption clip;

  @Option(names = "--seed", paramLabel = "N", defaultValue = "1",
      description = "of initial values, of the data's order and of all that is drawn")
  private long seed;

  @Mixin private ComputeOptions compute;

  @Mixin private OutputOptions output;

  @Spec(Spec.Target.MIXEE) private CommandSpec command;

  /**
   * With what a task is usually trained with.
   *
   * @param usual way of clipping
   */
  TrainOptions(ClipOption usual) {
    clip = usual;
  }

  ClipOption clip() {
    return clip;
  }

  long seed() {
    return seed;
  }

  /** Where the command writes. */
  PrintWriter out() {
    return command.commandLine().getOut();
  }

  /**
   * Makes what is to be trained, and the folders to write into: before hours of training, not after them.
   *
   * @param configuration refuses what contradicts itself by an {@link IllegalArgumentException}
   * @throws ParameterException if something is refused
   */
  <T> T prepare(Supplier<T> configuration) {
    T made;
    try {
      compute.check();
      made = configuration.get();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), e.getMessage());
    }
    output.prepare();
    return made;
  }

  /**
   * Chooses the backend.
   *
   * @throws dev.sluice.bench.UsageException if there is no such backend, or it cannot be had on this machine
   */
  Backend choose() {
    return compute.choose();
  }

  /**
   * Says what computes and what is trained.
   *
   * @param on what it is trained on, behind a comma, where that is worth a word
   * @return the number of parameters
   */
  long announce(Backend backend, Module model, String on) {
    long parameters = model.parameters().stream().mapToLong(Tensor::elements).sum();
    PrintWriter out = out();
    out.println("backend " + backend.description());
    out.println("training " + parameters + " parameters, seed " + seed + on);
    out.flush();
    return parameters;
  }

  /**
   * Writes what was asked for, and says so.
   *
   * @param page makes the page of the pictures, if that is asked for
   */
  void write(Record figures, Supplier<Page> page, Configuration configuration, Module model) throws IOException {
    output.write(out(), figures, page, new SavedModel(configuration, seed), model);
  }
}
