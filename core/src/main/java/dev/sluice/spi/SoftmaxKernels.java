package dev.sluice.spi;

import org.jspecify.annotations.Nullable;

/** Softmax and log-softmax of rows, over all elements or over those that take part. */
public interface SoftmaxKernels {
  /**
   * {@code y = exp(x - max) / sum exp(x - max)} of each row, or its logarithm {@code x - max - log sum exp(x - max)}.
   * Elements that do not take part are not read and give 0 (log: negative infinity); so does a row in which none does,
   * and one whose elements are all negative infinity.
   *
   * @param mask BOOL (rows, width), true takes part; null for all
   * @param lengths INT32 (rows / rowsPerLength), each 0 to width: how many leading elements take part; null for all
   * @throws IllegalArgumentException if a length is out of range, before anything is written
   */
  void softmax(SoftmaxSpec spec, Buffer x, @Nullable Buffer mask, @Nullable Buffer lengths, Buffer y);

  /**
   * {@code gradX = y * (gradY - sum(y * gradY))}, or for the logarithm {@code gradY - exp(y) * sum(gradY)}; elements
   * that do not take part get 0 and their gradY is not read.
   */
  void softmaxBackward(SoftmaxSpec spec, Buffer y, @Nullable Buffer mask, @Nullable Buffer lengths, Buffer gradY,
      Buffer gradX);
}
