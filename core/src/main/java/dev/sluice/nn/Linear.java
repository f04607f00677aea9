package dev.sluice.nn;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.autograd.Products;
import dev.sluice.checks.Arguments;
import org.jspecify.annotations.Nullable;

/**
 * {@code y = x W^T + b}, as torch.nn.Linear: (..., inFeatures) to (..., outFeatures). Parameters: {@code weight}
 * (outFeatures, inFeatures) and {@code bias} (outFeatures), all drawn from U(-1/sqrt(inFeatures), 1/sqrt(inFeatures)).
 */
public final class Linear extends Module implements Layer {
  private final boolean bias;

  /** With a bias. */
  public Linear(int inFeatures, int outFeatures, Generator generator) {
    this(inFeatures, outFeatures, true, generator);
  }

  /**
   * With a bias or without.
   *
   * @param inFeatures width of the input, 1 or more
   * @param outFeatures width of the output, 1 or more
   */
  public Linear(int inFeatures, int outFeatures, boolean bias, Generator generator) {
    Arguments.positive("linear", "inFeatures", inFeatures);
    Arguments.positive("linear", "outFeatures", outFeatures);
    this.bias = bias;
    double bound = 1 / Math.sqrt(inFeatures);
    parameter("weight", Init.uniform(Tensor.zeros(outFeatures, inFeatures), -bound, bound, generator));
    if (bias) {
      parameter("bias", Init.uniform(Tensor.zeros(outFeatures), -bound, bound, generator));
    }
  }

  /** (outFeatures, inFeatures). */
  public Tensor weight() {
    return parameter("weight");
  }

  /** (outFeatures), or null. */
  public @Nullable Tensor bias() {
    return bias ? parameter("bias") : null;
  }

  /**
   * Computes.
   *
   * @param input REAL (..., inFeatures)
   * @return (..., outFeatures)
   */
  @Override
  public Tensor forward(Tensor input) {
    return Products.linear(input, weight(), bias());
  }
}
