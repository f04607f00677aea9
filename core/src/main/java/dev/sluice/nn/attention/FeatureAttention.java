package dev.sluice.nn.attention;

import static dev.sluice.autograd.Arithmetic.mul;
import static dev.sluice.autograd.Softmax.select;
import static dev.sluice.autograd.Softmax.softmax;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.autograd.Selecting;
import dev.sluice.checks.Arguments;
import dev.sluice.nn.Layer;
import dev.sluice.nn.Linear;
import dev.sluice.nn.Module;

/**
 * Attention over the F features of a vector: {@code a = softmax(W x + b)}, {@code y = F * a * x} element by element, so
 * that uniform weights leave the vector as it is. With a {@link Selecting}, features that are not selected are 0; an
 * evaluating module takes the feature of the largest weight where a training one draws. Parameters: {@code
 * scores.weight} (F, F) and {@code scores.bias} (F), as of {@link Linear}.
 */
public final class FeatureAttention extends Module implements Layer {
  private final int features;
  private final Selecting selecting;
  private final Linear scores;

  /**
   * Over so many features.
   *
   * @param features F, 1 or more
   */
  public FeatureAttention(int features, Generator generator) {
    this(features, Selecting.ALL, generator);
  }

  /**
   * Over so many features, of which some are selected.
   *
   * @param features F, 1 or more
   */
  public FeatureAttention(int features, Selecting selecting, Generator generator) {
    Arguments.positive("featureAttention", "features", features);
    this.features = features;
    this.selecting = selecting;
    this.scores = register("scores", new Linear(features, features, generator));
  }

  /** The output of {@link #attend}. */
  @Override
  public Tensor forward(Tensor input) {
    return attend(input).output();
  }

  /**
   * Weighs features.
   *
   * @param input REAL (..., F)
   * @return output and weights, both (..., F)
   */
  public Attended attend(Tensor input) {
    Arguments.require(input.rank() >= 1 && input.size(-1) == features, "featureAttention",
        "input has shape " + input.shape(), "(..., " + features + ")");
    Tensor all = softmax(scores.forward(input), -1);
    Selecting now = isTraining() ? selecting : selecting.evaluating();
    Tensor weights = now.equals(Selecting.ALL) ? all : select(all, now);
    return new Attended(mul(mul(weights, input), features), weights);
  }
}
