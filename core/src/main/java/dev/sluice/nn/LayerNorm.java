package dev.sluice.nn;

import dev.sluice.Tensor;
import dev.sluice.autograd.Normalization;
import dev.sluice.checks.Arguments;
import org.jspecify.annotations.Nullable;

/**
 * {@code y = (x - mean) / sqrt(variance + eps) * weight + bias} over the last dimensions, as torch.nn.LayerNorm (Ba,
 * Kiros and Hinton, arXiv 1607.06450); the variance is the biased one. Parameters: {@code weight}, 1 at first, and
 * {@code bias}, 0 at first, both of the normalized shape.
 */
public final class LayerNorm extends Module implements Layer {
  private final int[] normalizedShape;
  private final double eps;
  private final boolean elementwiseAffine;
  private final boolean bias;

  /** Over the last dimensions, which have these sizes, with eps 1e-5, a weight and a bias. */
  public LayerNorm(int... normalizedShape) {
    this(normalizedShape, 1e-5, true, true);
  }

  /**
   * Over the last dimensions.
   *
   * @param normalizedShape their sizes, one or more, each 1 or more
   * @param eps added to the variance, 0 or more
   * @param elementwiseAffine whether there is a weight
   * @param bias whether there is a bias beside the weight
   */
  public LayerNorm(int[] normalizedShape, double eps, boolean elementwiseAffine, boolean bias) {
    Arguments.require(normalizedShape.length > 0, "layerNorm", "normalizedShape is empty", "one size or more");
    for (int size : normalizedShape) {
      Arguments.positive("layerNorm", "a size of normalizedShape", size);
    }
    Arguments.require(eps >= 0, "layerNorm", "eps is " + eps, "0 or more");
    this.normalizedShape = normalizedShape.clone();
    this.eps = eps;
    this.elementwiseAffine = elementwiseAffine;
    this.bias = bias;
    if (elementwiseAffine) {
      parameter("weight", Tensor.ones(normalizedShape));
      if (bias) {
        parameter("bias", Tensor.zeros(normalizedShape));
      }
    }
  }

  /** Of the normalized shape, or null. */
  public @Nullable Tensor weight() {
    return elementwiseAffine ? parameter("weight") : null;
  }

  /** Of the normalized shape, or null. */
  public @Nullable Tensor bias() {
    return elementwiseAffine && bias ? parameter("bias") : null;
  }

  /**
   * Normalizes.
   *
   * @param input REAL (..., normalizedShape)
   * @return of the input's shape
   */
  @Override
  public Tensor forward(Tensor input) {
    return Normalization.layerNorm(input, normalizedShape, weight(), bias(), eps);
  }
}
