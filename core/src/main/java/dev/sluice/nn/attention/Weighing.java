package dev.sluice.nn.attention;

import static dev.sluice.autograd.Softmax.maskedSoftmax;
import static dev.sluice.autograd.Softmax.maskedSparsemax;

import dev.sluice.Tensor;
import dev.sluice.autograd.Selecting;
import dev.sluice.autograd.Softmax;
import org.jspecify.annotations.Nullable;

/** What makes weights, each 0 to 1, of the scores of the steps that take part. */
public sealed interface Weighing {
  /** Their softmax: soft attention. */
  Weighing SOFT = new BySoftmax(Selecting.ALL);

  /**
   * Their sparsemax: steps whose score is far below the largest weigh exactly 0, how many is learned (Martins and
   * Astudillo: From softmax to sparsemax, arXiv 1602.02068).
   */
  Weighing SPARSE = new BySparsemax();

  /** Those of the softmax that are selected; the others are 0. */
  record BySoftmax(Selecting selecting) implements Weighing {}

  /** The sparsemax. */
  record BySparsemax() implements Weighing {}

  /** Some of the softmax: hard attention. */
  static Weighing hard(Selecting selecting) {
    return new BySoftmax(selecting);
  }

  /** What evaluation takes in its place; see {@link Selecting#evaluating}. */
  default Weighing evaluating() {
    return this instanceof BySoftmax(Selecting selecting) ? new BySoftmax(selecting.evaluating()) : this;
  }

  /**
   * The weights.
   *
   * @param scores REAL (batch, ..., steps)
   * @param lengths INT32 (batch), how many steps of each row take part: others weigh 0, and a row without any has
   *     weights 0; null for all
   * @return of the scores' shape
   */
  default Tensor weights(Tensor scores, @Nullable Tensor lengths) {
    return switch (this) {
      case BySoftmax(Selecting selecting) -> {
        Tensor all = maskedSoftmax(scores, null, lengths);
        yield selecting.equals(Selecting.ALL) ? all : Softmax.select(all, selecting);
      }
      case BySparsemax() -> maskedSparsemax(scores, null, lengths);
    };
  }
}
