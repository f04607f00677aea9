package dev.sluice.bench.train;

import dev.sluice.bench.Exit;
import dev.sluice.bench.terminal.Progress;
import dev.sluice.spi.Backend;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code sluice train adding}: options in, a trained model's figures out. */
@Command(
    name = "adding",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    sortSynopsis = false,
    showDefaultValues = true,
    description = {
      "Trains a recurrence on the adding problem, a test of long memory.",
      "A step is a number from [0, 1) and a mark; one step of the first half and one of the second are marked, and the"
          + " sum of their numbers is wanted after the last step. The loss is the mean squared error: always answering"
          + " 1 gives 0.167. Sequences are drawn as they are needed; 1000 others, the same for every seed, are the"
          + " test."
    },
    footerHeading = "%n",
    footer = {
      "Ways of clipping: see sluice train fashion --help",
      "",
      "Examples:",
      "  sluice train adding --cell indrnn --steps 1000 --report out --save out",
      "  sluice train adding --cell lstm --steps 100",
      "  sluice evaluate out",
      "",
      "Exit codes: 0 done, the target reached or not; 1 failed while running, 2 wrong usage, 130 interrupted"
    })
final class TrainAddingCommand implements Callable<Integer> {
  private static final double LEARNING_RATE = 0.002;

  /** Times the steps of a sequence. */
  private static final double INDEPENDENT_LEARNING_RATE = 0.3;

  @Option(names = "--cell", paramLabel = "CELL", defaultValue = "indrnn", converter = WordConverter.Cell.class,
      description = "what reads the sequence: lstm, gru, rnn, janet, indrnn or indrnn2")
  private CellKind cell = CellKind.INDRNN;

  @Option(names = "--steps", paramLabel = "T", defaultValue = "100", description = "length of a sequence")
  private int steps;

  @Option(names = "--hidden", paramLabel = "N", defaultValue = "128", description = "width of the recurrence")
  private int hidden;

  @Option(names = "--layers", paramLabel = "N",
      description = "recurrent layers%n  Default: 2 for indrnn and indrnn2, else 1")
  private @Nullable Integer layers;

  @Option(names = "--batch", paramLabel = "N", defaultValue = "50", description = "sequences in an iteration")
  private int batch;

  @Option(names = "--lr", paramLabel = "X",
      description = "learning rate of Adam%n  Default: 0.002, for indrnn and indrnn2 at most 0.3 / T")
  private @Nullable Double learningRate;

  @Option(names = "--iterations", paramLabel = "N", defaultValue = "20000", description = "the most that are made")
  private int iterations;

  @Option(names = "--evaluate-every", paramLabel = "N", defaultValue = "250",
      description = "iterations between two looks at the test")
  private int evaluateEvery;

  @Option(names = "--target", paramLabel = "X", defaultValue = "0.01", description = "test loss that ends the training")
  private double target;

  @Mixin private final TrainOptions train = new TrainOptions(new ClipOption.Norm(1, 2));

  @Override
  public Integer call() throws IOException {
    AddingConfiguration configuration = train.prepare(this::configuration);
    Backend chosen = train.choose();
    var training = new AddingTraining(configuration, train.seed(), chosen);
    PrintWriter out = train.out();
    long parameters = train.announce(chosen, training.model(), "");
    List<AddingReport.Round> rounds = training.run(Progress::open, round -> print(out, round));
    AddingReport.Round last = rounds.getLast();
    var figures = new AddingReport(configuration.task(), configuration, train.seed(), chosen.id(),
        BackendChoice.threads(), parameters, rounds, last.iteration(), last.testLoss() < target, last.testLoss(),
        rounds.stream().mapToDouble(AddingReport.Round::seconds).sum(),
        WeightsDigest.of(training.model().namedParameters()));
    out.printf(Locale.ROOT,
        "test loss %.5f, target %s %s, after %d iterations, %.1f s of training, seed %d; weights %s%n",
        figures.testLoss(), target, figures.targetReached() ? "reached" : "not reached", figures.iterations(),
        figures.trainSeconds(), train.seed(), figures.weightsSha256());
    train.write(figures, () -> AddingPage.of(figures, training.course()), configuration, training.model());
    return Exit.OK;
  }

  private static void print(PrintWriter out, AddingReport.Round round) {
    out.printf(Locale.ROOT,
        "iteration %d  loss %.4g  test loss %.4g  %.1f s  %.1f iterations/s  gradient norm up to %.3g, clipped %.3g%n",
        round.iteration(), round.loss(), round.testLoss(), round.seconds(), round.iterationsPerSecond(),
        round.gradientNormBefore(), round.gradientNormAfter());
    out.flush();
  }

  private AddingConfiguration configuration() {
    int stacked = layers != null ? layers : cell.usualLayers();
    double rate = learningRate != null ? learningRate : defaultLearningRate();
    return new AddingConfiguration(
        cell, steps, hidden, stacked, train.clip(), batch, rate, iterations, evaluateEvery, target);
  }

  /** What an independent neuron keeps of its first step is its recurrent weight to the power of the steps. */
  private double defaultLearningRate() {
    return cell.isIndependent() ? Math.min(LEARNING_RATE, INDEPENDENT_LEARNING_RATE / steps) : LEARNING_RATE;
  }
}
