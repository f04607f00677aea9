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

/** The command {@code sluice train comprehension}: options in, a trained model's figures out. */
@Command(
    name = "comprehension",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    sortSynopsis = false,
    showDefaultValues = true,
    description = {
      "Trains a reader of short stories that answers questions about them.",
      "A story has 2 to 10 sentences, drawn by a seed in the style of the bAbI tasks: four people go to places, take"
          + " and leave things. A recurrence reads the words of a sentence, a second one of two directions the"
          + " sentences of a story; then the question comes, and one of 21 candidate answers is right."
    },
    footerHeading = "%n",
    footer = {
      "Kinds of attention:",
      "  none        the last states of the story's recurrence and the question",
      "  candidates  each sentence looks at the candidates, whose keys are made from question and",
      "              candidate; a recurrence reads the sentences with what they saw",
      "  question    the same, but the question looks at the sentences --hops times instead",
      "",
      "Stories are drawn as they are needed. One in ten by a hash is for the test, never for training.",
      "",
      "Ways of clipping: see sluice train fashion --help",
      "",
      "Examples:",
      "  sluice train comprehension --report out --save out",
      "  sluice train comprehension --attention none",
      "  sluice evaluate out",
      "",
      "Exit codes: 0 done, 1 failed while running, 2 wrong usage, 130 interrupted"
    })
final class TrainComprehensionCommand implements Callable<Integer> {
  /** Two facts take two looks. */
  private static final int USUAL_HOPS = 2;

  @Option(names = "--attention", paramLabel = "KIND", defaultValue = "question",
      converter = WordConverter.StoryAttention.class, description = "none, candidates or question, see below")
  private StoryAttentionKind attention = StoryAttentionKind.QUESTION;

  @Option(names = "--hops", paramLabel = "N",
      description = "how often the question looks at the sentences%n  Default: 2 with --attention question")
  private @Nullable Integer hops;

  @Option(names = "--cell", paramLabel = "CELL", defaultValue = "gru", converter = WordConverter.Cell.class,
      description = "what reads words and sentences: lstm, gru, rnn, janet, indrnn or indrnn2")
  private CellKind cell = CellKind.GRU;

  @Option(names = "--embedding", paramLabel = "N", defaultValue = "32", description = "width of a word")
  private int embedding;

  @Option(names = "--hidden", paramLabel = "N", defaultValue = "64", description = "width of a sentence")
  private int hidden;

  @Option(names = "--epochs", paramLabel = "N", defaultValue = "10", description = "times new questions are drawn")
  private int epochs;

  @Option(names = "--questions", paramLabel = "N", defaultValue = "20000", description = "questions of an epoch")
  private int questions;

  @Option(names = "--test-questions", paramLabel = "N", defaultValue = "5000", description = "questions of the test")
  private int testQuestions;

  @Option(names = "--batch", paramLabel = "N", defaultValue = "64", description = "questions in a step")
  private int batch;

  @Option(names = "--lr", paramLabel = "X", defaultValue = "0.003", description = "learning rate of Adam")
  private double learningRate;

  @Mixin private final TrainOptions train = new TrainOptions(new ClipOption.Norm(1, 2));

  @Override
  public Integer call() throws IOException {
    ComprehensionConfiguration configuration = train.prepare(this::configuration);
    Backend chosen = train.choose();
    var training = new ComprehensionTraining(configuration, train.seed(), chosen);
    PrintWriter out = train.out();
    long parameters = train.announce(chosen, training.model(), "");
    List<ComprehensionReport.Epoch> epochs = training.run(Progress::open, epoch -> print(out, epoch));
    ComprehensionReport.Epoch last = epochs.getLast();
    List<ComprehensionEvaluation.Kind> kinds = training.evaluation().figures(training.model()).kinds();
    var figures = new ComprehensionReport(configuration.task(), configuration, train.seed(), chosen.id(),
        BackendChoice.threads(), parameters, epochs, last.testAccuracy(), last.oneFactAccuracy(), last.testLoss(),
        kinds, epochs.stream().mapToDouble(ComprehensionReport.Epoch::seconds).sum(),
        WeightsDigest.of(training.model().namedParameters()));
    kinds.forEach(kind -> print(out, kind));
    out.printf(Locale.ROOT,
        "test accuracy %.4f, of questions with one fact %.4f, after %.1f s of training; weights %s%n",
        figures.testAccuracy(), figures.oneFactAccuracy(), figures.trainSeconds(), figures.weightsSha256());
    train.write(figures, () -> ComprehensionPage.of(figures, training), configuration, training.model());
    return Exit.OK;
  }

  private static void print(PrintWriter out, ComprehensionReport.Epoch epoch) {
    out.printf(Locale.ROOT,
        "epoch %d  loss %.4g  test loss %.4g  test accuracy %.4f (one fact %.4f)  %.1f s  %.0f questions/s"
            + "  gradient norm up to %.3g, clipped %.3g%n",
        epoch.epoch(), epoch.loss(), epoch.testLoss(), epoch.testAccuracy(), epoch.oneFactAccuracy(), epoch.seconds(),
        epoch.questionsPerSecond(), epoch.gradientNormBefore(), epoch.gradientNormAfter());
    out.flush();
  }

  private static void print(PrintWriter out, ComprehensionEvaluation.Kind kind) {
    String picked = kind.picked() == null ? "" : String.format(Locale.ROOT, "  picked sentence %.4f", kind.picked());
    out.printf(Locale.ROOT, "%-25s %d of %d facts  accuracy %.4f%s%n",
        kind.kind(), kind.questions(), kind.facts(), kind.accuracy(), picked);
  }

  private ComprehensionConfiguration configuration() {
    int looks = hops != null ? hops : attention == StoryAttentionKind.QUESTION ? USUAL_HOPS : 1;
    return new ComprehensionConfiguration(cell, embedding, hidden, attention, looks, train.clip(), epochs, questions,
        testQuestions, batch, learningRate);
  }
}
