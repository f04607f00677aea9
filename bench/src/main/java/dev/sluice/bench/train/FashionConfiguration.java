package dev.sluice.bench.train;

import static dev.sluice.bench.train.Configuration.positive;
import static dev.sluice.bench.train.Configuration.positiveNumber;
import static dev.sluice.bench.train.Configuration.require;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is trained on Fashion-MNIST and how.
 *
 * @param cell the recurrence
 * @param hidden its width, or that of the projection that stands in for it; at least 1
 * @param layers recurrent layers on top of each other, at least 1
 * @param bidirectional whether a second recurrence of each layer reads from the end
 * @param dropout share of the outputs of every layer but the last that is dropped in training, from 0 to below 1
 * @param batchNorm of an independent recurrence; none for any other
 * @param attention what makes one vector of the outputs
 * @param score of soft, sparsemax and hard attention; null with any other
 * @param clip how gradients are clipped
 * @param epochs times the training images are seen, at least 1
 * @param batch images in a step, at least 1
 * @param learningRate of Adam, above 0
 * @param limitTrain how many training images to use, at least 1; null for all
 * @param limitTest how many test images to use, at least 1; null for all
 * @param pixels whether an image is a sequence of 784 single pixels, not of 28 rows of 28
 * @param network what reads an image; with convolutions there is no cell, and hidden is the width of their last map
 * @param heads of self and multihead attention, at least 1, dividing the width of an output; null with any other
 */
public record FashionConfiguration(
    CellKind cell,
    int hidden,
    int layers,
    boolean bidirectional,
    double dropout,
    BatchNormKind batchNorm,
    AttentionOption attention,
    @Nullable ScoreKind score,
    ClipOption clip,
    int epochs,
    int batch,
    double learningRate,
    @Nullable Integer limitTrain,
    @Nullable Integer limitTest,
    boolean pixels,
    NetworkKind network,
    @Nullable Integer heads)
    implements Configuration {
  /** The task's name. */
  static final String TASK = "fashion";

  public FashionConfiguration {
    positive("--hidden", hidden);
    positive("--layers", layers);
    positive("--epochs", epochs);
    positive("--batch", batch);
    positive("--limit-train", limitTrain);
    positive("--limit-test", limitTest);
    positiveNumber("--lr", learningRate);
    require(dropout >= 0 && dropout < 1, "--dropout is " + dropout + ", wanted a number from 0 to below 1");
    if (network == NetworkKind.CNN) {
      requireNoSequence(cell, layers, bidirectional, batchNorm, pixels);
    } else {
      requireSequence(cell, layers, bidirectional, dropout, attention);
    }
    require(batchNorm != BatchNormKind.STEP || batch > 1,
        "--batch is " + batch + " with --batch-norm step, wanted 2 or more to take statistics over");
    require(attention.hasScore() || score == null, "--score is " + score + " with --attention " + attention
        + ", which has no scores; wanted --attention soft, sparsemax or a hard one");
    require(!attention.hasScore() || score != null, "--attention " + attention + " has no score");
    requireHeads(attention, heads, (bidirectional ? 2 : 1) * hidden);
    require(cell.isIndependent() || batchNorm == BatchNormKind.NONE, "--batch-norm is " + batchNorm + " with --cell "
        + cell + ", which has none; wanted --cell indrnn or indrnn2");
  }

  /** Of a recurrence over rows or pixels, with the usual heads. */
  public FashionConfiguration(CellKind cell, int hidden, int layers, boolean bidirectional, double dropout,
      BatchNormKind batchNorm, AttentionOption attention, @Nullable ScoreKind score, ClipOption clip, int epochs,
      int batch, double learningRate, @Nullable Integer limitTrain, @Nullable Integer limitTest, boolean pixels) {
    this(cell, hidden, layers, bidirectional, dropout, batchNorm, attention, score, clip, epochs, batch, learningRate,
        limitTrain, limitTest, pixels, NetworkKind.RNN, attention.usualHeads());
  }

  private static void requireHeads(AttentionOption attention, @Nullable Integer heads, int width) {
    boolean has = attention.usualHeads() != null;
    require(has || heads == null, "--heads is " + heads + " with --attention " + attention
        + ", which has none; wanted --attention self or multihead");
    require(!has || heads != null, "--attention " + attention + " has no heads");
    positive("--heads", heads);
    require(heads == null || width % heads == 0,
        "--heads is " + heads + " over outputs " + width + " wide, wanted a number that divides the width");
  }

  private static void requireNoSequence(CellKind cell, int layers, boolean bidirectional, BatchNormKind batchNorm,
      boolean pixels) {
    String with = " with --network cnn, which reads no sequence; wanted --network rnn";
    require(cell == CellKind.NONE, "--cell is " + cell + with);
    require(layers == 1, "--layers is " + layers + with);
    require(!bidirectional, "--bidirectional" + with);
    require(batchNorm == BatchNormKind.NONE, "--batch-norm is " + batchNorm + with);
    require(!pixels, "--pixels" + with);
  }

  private static void requireSequence(CellKind cell, int layers, boolean bidirectional, double dropout,
      AttentionOption attention) {
    require(cell != CellKind.NONE || attention.hasScore() || attention.usualHeads() != null, "--attention is "
        + attention + " with --cell none, wanted soft, sparsemax, a hard one, self or multihead to read the sequence");
    require(cell != CellKind.NONE || layers == 1,
        "--layers is " + layers + " with --cell none, which has no layers; wanted a cell");
    require(cell != CellKind.NONE || !bidirectional,
        "--bidirectional with --cell none, which has no directions; wanted a cell");
    require(cell != CellKind.NONE || dropout == 0,
        "--dropout is " + dropout + " with --cell none, which has no layers; wanted a cell");
    require(dropout == 0 || layers > 1, "--dropout is " + dropout + " with --layers " + layers
        + ", but it acts between layers; wanted --layers 2 or more");
  }

  @Override
  public String task() {
    return TASK;
  }

  /** The length of the sequence an image is read as. */
  public int steps() {
    return pixels ? 28 * 28 : 28;
  }

  /** The width of one step of that sequence. */
  public int stepWidth() {
    return pixels ? 1 : 28;
  }

  /** The width of what is made of one step. */
  int outputWidth() {
    return (bidirectional ? 2 : 1) * hidden;
  }

  /** The score of soft, sparsemax or hard attention. */
  ScoreKind requireScore() {
    return Objects.requireNonNull(score, "only soft, sparsemax and hard attention have a score");
  }

  /** The heads of self or multihead attention. */
  int requireHeads() {
    return Objects.requireNonNull(heads, "only self and multihead attention have heads");
  }
}
