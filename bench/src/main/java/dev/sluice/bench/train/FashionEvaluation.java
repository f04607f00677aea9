package dev.sluice.bench.train;

import static dev.sluice.autograd.Losses.crossEntropy;
import static dev.sluice.autograd.Reductions.argmax;

import dev.sluice.Scope;
import dev.sluice.Tape;
import dev.sluice.Tensor;
import dev.sluice.data.Batch;
import dev.sluice.data.Batches;
import dev.sluice.data.FashionMnist;
import dev.sluice.data.LabelledImages;
import dev.sluice.data.Prefetcher;
import dev.sluice.spi.Backend;
import org.jspecify.annotations.Nullable;

/**
 * The test on Fashion-MNIST.
 *
 * @param configuration how images are read, how many, and how many at once
 * @param backend what computes
 */
record FashionEvaluation(FashionConfiguration configuration, Backend backend) {
  private static final int READ_AHEAD = 4;

  /**
   * What a test says.
   *
   * @param loss mean cross-entropy
   * @param accuracy share of rightly classified images, in [0, 1]
   */
  record Figures(double loss, double accuracy) {}

  /** Classifies the test images; the configuration's limit applies. */
  Figures figures(FashionClassifier model, FashionMnist images) {
    Batches test = batches(images.test(), configuration.limitTest());
    model.eval();
    double sum = 0;
    int right = 0;
    try (Tape.NoGrad _ = Tape.noGrad(); var batches = new Prefetcher<>(test.inOrder(), READ_AHEAD)) {
      while (batches.hasNext()) {
        Batch batch = batches.next();
        try (Scope _ = Scope.open()) {
          Tensor logits = model.forward(images(batch));
          sum += crossEntropy(logits, labels(batch)).item() * batch.size();
          int[] classes = classes(logits);
          for (int i = 0; i < classes.length; i++) {
            right += classes[i] == batch.labels()[i] ? 1 : 0;
          }
        }
      }
    }
    return new Figures(sum / test.data().count(), right / (double) test.data().count());
  }

  /** Images cut into batches, the first of them only if there is a limit. */
  Batches batches(LabelledImages images, @Nullable Integer limit) {
    return new Batches(limit == null ? images : images.first(limit), configuration.batch(), FashionMnist.SCALING);
  }

  /** The images of a batch as sequences (batch, steps, width). */
  Tensor images(Batch batch) {
    return Tensor.of(backend, batch.images(), batch.size(), configuration.steps(), configuration.stepWidth());
  }

  /** The classes that logits (batch, 10) speak for. */
  int[] classes(Tensor logits) {
    return argmax(logits, 1).toInts();
  }

  /** The classes of a batch (batch). */
  Tensor labels(Batch batch) {
    return Tensor.of(backend, batch.labels(), batch.size());
  }
}
