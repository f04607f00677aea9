package dev.sluice.nn.recurrent;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.checks.Arguments;
import dev.sluice.nn.Initializer;
import org.jspecify.annotations.Nullable;

/**
 * What an IndRNN has beyond {@link RecurrentOptions}. The names are those of the circulating code, where "hidden"
 * stands for the recurrent weights in the bounds, and for the input weights in the initialisers.
 *
 * @param nonlinearity what closes a step; ReLU
 * @param hiddenMinAbs the least magnitude of a recurrent weight, 0 or more; a weight that is 0 stays; 0
 * @param hiddenMaxAbs the largest magnitude of a recurrent weight, not below hiddenMinAbs; infinity for none
 * @param hiddenInit initial input weights; N(0, 0.01)
 * @param recurrentInit initial recurrent weights, which are then bounded; 1
 * @param batchNorm whether and how layers are normalised; not
 * @param gradientClip bounds on the gradients of weights and biases, by hook; null for none
 */
public record IndRNNOptions(Nonlinearity nonlinearity, double hiddenMinAbs, double hiddenMaxAbs,
    LayerInitializer hiddenInit, LayerInitializer recurrentInit, RecurrentBatchNorm batchNorm,
    @Nullable GradientClip gradientClip) {
  /** Initial input weights: N(0, 0.01). */
  public static final LayerInitializer DEFAULT_HIDDEN_INIT = LayerInitializer.all(Initializer.normal(0, 0.01));

  /** Initial recurrent weights: 1. */
  public static final LayerInitializer DEFAULT_RECURRENT_INIT = LayerInitializer.all(Initializer.constant(1));

  /** ReLU, without bounds, normalisation or clipping. */
  public static final IndRNNOptions DEFAULT = new IndRNNOptions(Nonlinearity.RELU, 0, Double.POSITIVE_INFINITY,
      DEFAULT_HIDDEN_INIT, DEFAULT_RECURRENT_INIT, RecurrentBatchNorm.NONE, null);

  public IndRNNOptions {
    Arguments.require(hiddenMaxAbs > 0, "indrnn", "hiddenMaxAbs is " + hiddenMaxAbs, "more than 0");
    Arguments.require(hiddenMinAbs >= 0 && hiddenMinAbs <= hiddenMaxAbs, "indrnn", "hiddenMinAbs is " + hiddenMinAbs,
        "0 to hiddenMaxAbs " + hiddenMaxAbs);
  }

  /**
   * The paper's recipe for ReLU (Li et al., arXiv 1803.04831 and 1910.06251): recurrent weights start from U(0, b),
   * those of the last layer from U(1/b, b), and never exceed {@code b = mag^(1/sequenceLength)}, so that over a whole
   * sequence nothing grows by more than mag; the last layer remembers all of it from the start.
   *
   * @param sequenceLength steps of the longest sequence, 1 or more
   * @param mag 1 or more; 2 in the paper, 5 and 10 in the authors' code
   */
  public static IndRNNOptions recipe(int sequenceLength, double mag) {
    Arguments.positive("indrnn", "sequenceLength", sequenceLength);
    Arguments.require(mag >= 1 && mag < Double.POSITIVE_INFINITY, "indrnn", "mag is " + mag, "1 or more");
    double bound = Math.pow(mag, 1.0 / sequenceLength);
    return DEFAULT.withHiddenMaxAbs(bound).withRecurrentInit(
        (layer, layers) -> Initializer.uniform(layer == layers - 1 ? 1 / bound : 0, bound));
  }

  /** The same with another closing of a step. */
  public IndRNNOptions withNonlinearity(Nonlinearity nonlinearity) {
    return new IndRNNOptions(nonlinearity, hiddenMinAbs, hiddenMaxAbs, hiddenInit, recurrentInit, batchNorm,
        gradientClip);
  }

  /** The same with another least magnitude of recurrent weights. */
  public IndRNNOptions withHiddenMinAbs(double hiddenMinAbs) {
    return new IndRNNOptions(nonlinearity, hiddenMinAbs, hiddenMaxAbs, hiddenInit, recurrentInit, batchNorm,
        gradientClip);
  }

  /** The same with another largest magnitude of recurrent weights. */
  public IndRNNOptions withHiddenMaxAbs(double hiddenMaxAbs) {
    return new IndRNNOptions(nonlinearity, hiddenMinAbs, hiddenMaxAbs, hiddenInit, recurrentInit, batchNorm,
        gradientClip);
  }

  /** The same with other initial input weights. */
  public IndRNNOptions withHiddenInit(LayerInitializer hiddenInit) {
    return new IndRNNOptions(nonlinearity, hiddenMinAbs, hiddenMaxAbs, hiddenInit, recurrentInit, batchNorm,
        gradientClip);
  }

  /** The same with other initial recurrent weights. */
  public IndRNNOptions withRecurrentInit(LayerInitializer recurrentInit) {
    return new IndRNNOptions(nonlinearity, hiddenMinAbs, hiddenMaxAbs, hiddenInit, recurrentInit, batchNorm,
        gradientClip);
  }

  /** The same with another normalisation of layers. */
  public IndRNNOptions withBatchNorm(RecurrentBatchNorm batchNorm) {
    return new IndRNNOptions(nonlinearity, hiddenMinAbs, hiddenMaxAbs, hiddenInit, recurrentInit, batchNorm,
        gradientClip);
  }

  /** The same with other bounds on gradients, or none. */
  public IndRNNOptions withGradientClip(@Nullable GradientClip gradientClip) {
    return new IndRNNOptions(nonlinearity, hiddenMinAbs, hiddenMaxAbs, hiddenInit, recurrentInit, batchNorm,
        gradientClip);
  }

  /** Initial input weights of a layer. */
  Tensor hiddenWeights(int layer, int layers, Generator generator, int... sizes) {
    return hiddenInit.of(layer, layers).initialize(Tensor.zeros(sizes), generator);
  }

  /** Initial recurrent weights of a layer, before they are bounded. */
  Tensor recurrentWeights(int layer, int layers, Generator generator, int size) {
    return recurrentInit.of(layer, layers).initialize(Tensor.zeros(size), generator);
  }
}
