package dev.sluice.bench.train;

import dev.sluice.bench.Exit;
import dev.sluice.bench.terminal.Progress;
import dev.sluice.data.FashionMnist;
import dev.sluice.spi.Backend;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code sluice train fashion}: options in, a trained model's figures out. */
@Command(
    name = "fashion",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    sortSynopsis = false,
    showDefaultValues = true,
    description = {
      "Trains a classifier with attention on Fashion-MNIST.",
      "An image is read as a sequence of 28 rows of 28 pixels: a recurrence, then attention over its outputs, then a"
          + " linear classifier of 10 classes, by Adam on the cross-entropy. With --network cnn, convolutions and"
          + " pooling make a map of 7 x 7 places of it, and attention is over those."
    },
    footerHeading = "%n",
    footer = {
      "Kinds of attention:",
      "  none                 the last output as it is",
      "  soft                 a mean of all outputs by softmax weights, next to the last one",
      "  hard:topk=K          the same of the K outputs that weigh most",
      "  hard:threshold=T     the same of the outputs that weigh T or more",
      "  hard:sample          one output, drawn by its weight; when tested, the one that weighs most",
      "  sparsemax            as soft, by sparsemax weights: those of low scores are exactly 0",
      "  feature              the last output, each feature scaled by its own weight",
      "  self                 each output attends to all; the mean of what they become, next to the last one",
      "  multihead            what the last output sees in all by several heads, next to itself",
      "",
      "Ways of clipping:",
      "  none                 not at all",
      "  value:V              each element of each gradient to [-V, V]",
      "  range:LO,HI          each element to [LO, HI] by a hook on each parameter",
      "  range:GLOB=LO,HI;... the same, with bounds for the parameters whose names match (first match",
      "                       counts; * is any characters, ? is one); quote it for the shell",
      "  norm:MAX[,P]         all gradients scaled to a common P-norm of at most MAX (P is 2, or inf, ...)",
      "",
      "Examples:",
      "  sluice train fashion --cell janet --attention soft --clip norm:1 --epochs 3 --report out",
      "  sluice train fashion --cell lstm --layers 2 --score additive --clip value:0.1",
      "  sluice train fashion --clip 'range:*weight_hh*=-0.01,0.01;classifier.*=-0.1,0.1'",
      "  sluice train fashion --cell indrnn --layers 6 --pixels --attention none",
      "  sluice train fashion --cell gru --attention hard:topk=4",
      "  sluice train fashion --network cnn --attention multihead --heads 8 --epochs 5",
      "  sluice train fashion --cell none --limit-train 5000 --epochs 1     attention alone, a quick look",
      "",
      "Data: --data, else /usr/share/datasets/fashion-mnist (Debian's package dataset-fashion-mnist),",
      "  else $XDG_CACHE_HOME/sluice/fashion-mnist or ~/.cache/sluice/fashion-mnist, which is filled by",
      "  apt where there is one. The four files are verified.",
      "",
      "Exit codes: 0 done, 1 failed while running, 2 wrong usage or missing data, 130 interrupted"
    })
final class TrainFashionCommand implements Callable<Integer> {
  @Option(names = "--network", paramLabel = "KIND", defaultValue = "rnn", converter = WordConverter.Network.class,
      description = "what reads the image: rnn, or cnn (which has no cell, layers or directions)")
  private NetworkKind network = NetworkKind.RNN;

  @Option(names = "--cell", paramLabel = "CELL", defaultValue = "lstm", converter = WordConverter.Cell.class,
      description = "what reads the sequence: lstm, gru, rnn, janet, indrnn, indrnn2, or none (a%n  projection of each"
          + " step)")
  private CellKind cell = CellKind.LSTM;

  @Option(names = "--hidden", paramLabel = "N", defaultValue = "128",
      description = "width of the recurrence, or of the last map")
  private int hidden;

  @Option(names = "--layers", paramLabel = "N",
      description = "recurrent layers%n  Default: 2 for indrnn and indrnn2, else 1")
  private @Nullable Integer layers;

  @Option(names = "--bidirectional", description = "a second recurrence of each layer reads from the end")
  private boolean bidirectional;

  @Option(names = "--dropout", paramLabel = "P", defaultValue = "0",
      description = "share of the outputs between layers, or of pooled maps, that is dropped in%n  training")
  private double dropout;

  @Option(names = "--batch-norm", paramLabel = "KIND", converter = WordConverter.BatchNorm.class,
      description = "of each layer of indrnn and indrnn2: none, time (over batch and time%n  together) or step (of each"
          + " step by itself)%n  Default: time for indrnn and indrnn2, else none")
  private @Nullable BatchNormKind batchNorm;

  @Option(names = "--attention", paramLabel = "KIND", defaultValue = "soft", converter = AttentionConverter.class,
      description = "over the outputs, see below")
  private AttentionOption attention = AttentionOption.Plain.SOFT;

  @Option(names = "--score", paramLabel = "KIND", converter = WordConverter.Score.class,
      description = "of soft, sparsemax and hard attention: dot, scaled, general or%n  additive%n  Default: scaled")
  private @Nullable ScoreKind score;

  @Option(names = "--heads", paramLabel = "N",
      description = "of self and multihead attention%n  Default: 1 for self, 4 for multihead")
  private @Nullable Integer heads;

  @Option(names = "--epochs", paramLabel = "N", defaultValue = "3", description = "times the training images are seen")
  private int epochs;

  @Option(names = "--batch", paramLabel = "N", defaultValue = "64", description = "images in a step")
  private int batch;

  @Option(names = "--lr", paramLabel = "X", defaultValue = "0.002", description = "learning rate of Adam")
  private double learningRate;

  @Option(names = "--limit-train", paramLabel = "N", description = "use the first N training images only")
  private @Nullable Integer limitTrain;

  @Option(names = "--limit-test", paramLabel = "N", description = "use the first N test images only")
  private @Nullable Integer limitTest;

  @Option(names = "--pixels", description = "read an image as 784 single pixels")
  private boolean pixels;

  @Option(names = "--data", paramLabel = "DIR", description = "folder with the four files")
  private @Nullable Path data;

  @Mixin private final TrainOptions train = new TrainOptions(new ClipOption.None());

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    FashionConfiguration configuration = train.prepare(this::configuration);
    Backend chosen = train.choose();
    var training = new FashionTraining(configuration, train.seed(), chosen);
    FashionMnist images = FashionData.load(data);
    PrintWriter out = train.out();
    long parameters = train.announce(chosen, training.model(), "");
    List<FashionReport.Epoch> epochs = training.run(images, Progress::open, epoch -> print(out, epoch));
    FashionReport.Epoch last = epochs.getLast();
    var figures = new FashionReport(configuration.task(), configuration, train.seed(), chosen.id(),
        BackendChoice.threads(), parameters, epochs, last.testAccuracy(), last.testLoss(),
        epochs.stream().mapToDouble(FashionReport.Epoch::seconds).sum(),
        WeightsDigest.of(training.model().namedParameters()));
    out.printf(Locale.ROOT, "test accuracy %.4f after %.1f s of training; weights %s%n",
        figures.testAccuracy(), figures.trainSeconds(), figures.weightsSha256());
    train.write(figures, () -> FashionPage.of(figures, training, images), configuration, training.model());
    return Exit.OK;
  }

  private static void print(PrintWriter out, FashionReport.Epoch epoch) {
    out.printf(Locale.ROOT,
        "epoch %d  loss %.4g  test loss %.4g  test accuracy %.4f  %.1f s  %.0f samples/s"
            + "  gradient norm up to %.3g, clipped %.3g%n",
        epoch.epoch(), epoch.loss(), epoch.testLoss(), epoch.testAccuracy(), epoch.seconds(), epoch.samplesPerSecond(),
        epoch.gradientNormBefore(), epoch.gradientNormAfter());
    out.flush();
  }

  private FashionConfiguration configuration() {
    CellKind reader = cell();
    BatchNormKind normalized = batchNorm != null ? batchNorm
        : reader.isIndependent() ? BatchNormKind.TIME : BatchNormKind.NONE;
    int stacked = layers != null ? layers : reader.usualLayers();
    ScoreKind scored = score == null && attention.hasScore() ? ScoreKind.SCALED : score;
    Integer headed = heads == null ? attention.usualHeads() : heads;
    return new FashionConfiguration(
        reader, hidden, stacked, bidirectional, dropout, normalized, attention, scored, train.clip(), epochs, batch,
        learningRate, limitTrain, limitTest, pixels, network, headed);
  }

  /** Convolutions have no cell; one that was asked for beside them is left for the configuration to refuse. */
  private CellKind cell() {
    boolean given = spec.commandLine().getParseResult().hasMatchedOption("--cell");
    return network == NetworkKind.CNN && !given ? CellKind.NONE : cell;
  }
}
