package dev.sluice.spi;

import org.jspecify.annotations.Nullable;

/** Softmax, its logarithm and sparsemax of rows, over all elements or those that take part; selections from weights. */
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

  /**
   * {@code y = max(x - tau, 0)} with tau such that y sums to 1: the point of the simplex next to x (Martins and
   * Astudillo: From softmax to sparsemax, arXiv 1602.02068). Elements that do not take part are not read and give 0; so
   * does a row in which none does, and one whose elements are all negative infinity. A row with NaN or positive
   * infinity gives NaN wherever an element takes part.
   *
   * @param spec not of a logarithm
   * @param mask as of {@link #softmax}
   * @param lengths as of {@link #softmax}
   */
  void sparsemax(SoftmaxSpec spec, Buffer x, @Nullable Buffer mask, @Nullable Buffer lengths, Buffer y);

  /**
   * {@code gradX = gradY - mean(gradY over the support)} on the support, where y is not 0; elsewhere 0 and gradY is not
   * read. An element at which y just becomes 0 is not of the support.
   */
  void sparsemaxBackward(SoftmaxSpec spec, Buffer y, @Nullable Buffer mask, @Nullable Buffer lengths, Buffer gradY,
      Buffer gradX);

  /**
   * Weights (rows, width), those of no part being 0, on which a {@link Selection} acts as on a softmax's: kept ones as
   * they are or divided by their sum, a picked one 1, all others 0. Weights are compared as they are, NaN above all
   * others; a picked one of NaN stays NaN, and nothing is picked of a row of zeros.
   *
   * @param predicate BOOL, by the row step of {@link Selection.Predicate}; null without one
   * @param kept BOOL (rows, width), written: which weights count
   */
  void select(SelectionSpec spec, Buffer weights, @Nullable Buffer predicate, Buffer selected, Buffer kept);

  /**
   * With the selection held fixed: {@code gradWeights = gradSelected} where kept and else 0; renormalised by s, the sum
   * of kept weights, {@code (gradSelected - sum(weights/s * gradSelected)) / s} where kept and else 0; of a picked key
   * {@code gradWeights = gradSelected} everywhere.
   */
  void selectBackward(SelectionSpec spec, Buffer weights, Buffer kept, Buffer gradSelected, Buffer gradWeights);
}
