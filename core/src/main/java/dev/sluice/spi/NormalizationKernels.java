package dev.sluice.spi;

import org.jspecify.annotations.Nullable;

/** Layer normalisation (Ba, Kiros, Hinton: Layer normalization, arXiv 1607.06450). */
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
}
