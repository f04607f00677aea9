package dev.sluice.bench.train;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is trained on Fashion-MNIST and how, as the report shows it. The constructor refuses what contradicts itself.
 *
 * @param cell the recurrence
 * @param hidden its width, or that of the projection that stands in for it; at least 1
 * @param layers recurrent layers on top of each other, at least 1
 * @param attention what makes one vector of the outputs
 * @param score of soft attention; null with any other
 * @param clip how gradients are clipped
 * @param epochs times the training images are seen, at least 1
 * @param batch images in a step, at least 1
 * @param learningRate of Adam, above 0
 * @param limitTrain how many training images to use, at least 1; null for all
 * @param limitTest how many test images to use, at least 1; null for all
 * @param pixels whether an image is a sequence of 784 single pixels, not of 28 rows of 28
 */
public record FashionConfiguration(
    CellKind cell,
    int hidden,
    int layers,
    AttentionKind attention,
    @Nullable ScoreKind score,
    ClipOption clip,
    int epochs,
    int batch,
    double learningRate,
    @Nullable Integer limitTrain,
    @Nullable Integer limitTest,
    boolean pixels) {
  public FashionConfiguration {
    positive("--hidden", hidden);
    positive("--layers", layers);
    positive("--epochs", epochs);
    positive("--batch", batch);
    positive("--limit-train", limitTrain);
    positive("--limit-test", limitTest);
    require(learningRate > 0 && Double.isFinite(learningRate),
        "--lr is " + learningRate + ", wanted a finite number above 0");
    require(cell != CellKind.NONE || attention == AttentionKind.SOFT,
        "--attention is " + attention + " with --cell none, wanted --attention soft to read the sequence");
    require(cell != CellKind.NONE || layers == 1,
        "--layers is " + layers + " with --cell none, which has no layers; wanted a cell");
    require(attention == AttentionKind.SOFT || score == null,
        "--score is " + score + " with --attention " + attention + ", which has no scores; wanted --attention soft");
    require(attention != AttentionKind.SOFT || score != null, "--attention soft has no score");
  }

  /** The length of the sequence an image is read as. */
  public int steps() {
    return pixels ? 28 * 28 : 28;
  }

  /** The width of one step of that sequence. */
  public int stepWidth() {
    return pixels ? 1 : 28;
  }

  /** The score of soft attention. */
  ScoreKind requireScore() {
    return Objects.requireNonNull(score, "only soft attention has a score");
  }

  private static void positive(String option, @Nullable Integer value) {
    require(value == null || value > 0, option + " is " + value + ", wanted 1 or more");
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
