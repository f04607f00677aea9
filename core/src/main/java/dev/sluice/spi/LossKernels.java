package dev.sluice.spi;

import org.jspecify.annotations.Nullable;

/** Cross-entropy of logits against class labels, as one kernel. */
public interface LossKernels {
  /** Elements of the reserve that {@link #crossEntropy} writes for its backward. */
  int crossEntropyReserve(CrossEntropySpec spec);

  /**
   * With {@code l = log_softmax(logits[r])} and smoothing s, the loss of row r is {@code -(1-s) * l[label] - s/classes
   * * sum(l)}; a row whose label is the ignored one has loss 0 and does not count in the mean. The mean over no row is
   * NaN.
   *
   * @param logits REAL (rows, classes)
   * @param labels INT32 (rows), each 0 to classes-1 or the ignored one
   * @param loss REAL (rows) without reduction, else (1)
   * @param reserve null where no backward follows
   * @throws IllegalArgumentException if a label is out of range, before anything is written
   */
  void crossEntropy(CrossEntropySpec spec, Buffer logits, Buffer labels, Buffer loss, @Nullable Buffer reserve);

  /**
   * {@code gradLogits[r] = g * (softmax(logits[r]) - target)} with g from gradLoss, divided by the rows that count for
   * the mean.
   */
  void crossEntropyBackward(CrossEntropySpec spec, Buffer logits, Buffer labels, Buffer gradLoss, Buffer reserve,
      Buffer gradLogits);
}
