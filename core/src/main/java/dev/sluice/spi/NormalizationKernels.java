package dev.sluice.spi;

import org.jspecify.annotations.Nullable;

/**
 * Layer normalisation (Ba, Kiros, Hinton: Layer normalization, arXiv 1607.06450) and batch normalisation (Ioffe,
 * Szegedy: Batch normalization, arXiv 1502.03167).
 */
public interface NormalizationKernels {
  /** Elements of the reserve that {@link #layerNorm} writes for its backward. */
  int layerNormReserve(LayerNormSpec spec);

  /**
   * {@code y = (x - mean) / sqrt(variance + epsilon) * weight + bias} of each row, with the biased variance.
   *
   * @param weight REAL (width); null for 1
   * @param bias REAL (width); null for 0
   * @param reserve null where no backward follows
   */
  void layerNorm(LayerNormSpec spec, Buffer x, @Nullable Buffer weight, @Nullable Buffer bias, Buffer y,
      @Nullable Buffer reserve);

  /**
   * With {@code n = (x - mean) / sigma} and {@code g = gradY * weight}: {@code gradX = (g - mean(g) - n * mean(g * n))
   * / sigma}, {@code gradWeight = sum_rows gradY * n}, {@code gradBias = sum_rows gradY}; a null gradient is not
   * computed.
   */
  void layerNormBackward(LayerNormSpec spec, Buffer x, @Nullable Buffer weight, Buffer reserve, Buffer gradY,
      Buffer gradX, @Nullable Buffer gradWeight, @Nullable Buffer gradBias);

  /**
   * The mean and the biased variance of each channel of x (outer, channels, inner), over outer and inner. Where running
   * statistics are given, each becomes {@code (1 - momentum) * running + momentum * statistic}, the variance's with the
   * unbiased variance (divisor n-1; NaN of one element).
   *
   * @param mask BOOL (outer, inner), true takes part; null for all. Of no element, mean and variance are NaN and
   *     running statistics stay.
   * @param mean REAL (channels)
   * @param variance REAL (channels)
   * @param runningMean REAL (channels), updated in place; null exactly where runningVariance is
   */
  void batchStatistics(BatchStatisticsSpec spec, Buffer x, @Nullable Buffer mask, Buffer mean, Buffer variance,
      @Nullable Buffer runningMean, @Nullable Buffer runningVariance);

  /**
   * {@code y = (x - mean) / sqrt(variance + epsilon) * weight + bias} of each channel with the statistics given; 0 at
   * positions that take no part, which are not read.
   *
   * @param mean REAL (channels): the batch's statistics in training, the running ones else
   * @param variance REAL (channels)
   * @param weight REAL (channels); null for 1
   * @param bias REAL (channels); null for 0
   */
  void batchNorm(BatchNormSpec spec, Buffer x, @Nullable Buffer mask, Buffer mean, Buffer variance,
      @Nullable Buffer weight, @Nullable Buffer bias, Buffer y);

  /**
   * With {@code n = (x - mean) / sigma} and {@code g = gradY * weight}, in training {@code gradX = (g - mean(g) - n *
   * mean(g * n)) / sigma} with means over the positions that take part, else {@code gradX = g / sigma};
   * {@code gradWeight = sum gradY * n}, {@code gradBias = sum gradY}. Positions that take no part get 0 and are not
   * read; a null gradient is not computed.
   */
  void batchNormBackward(BatchNormSpec spec, Buffer x, @Nullable Buffer mask, Buffer mean, Buffer variance,
      @Nullable Buffer weight, Buffer gradY, Buffer gradX, @Nullable Buffer gradWeight, @Nullable Buffer gradBias);
}
