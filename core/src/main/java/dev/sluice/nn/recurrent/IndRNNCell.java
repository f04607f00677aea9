package dev.sluice.nn.recurrent;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.autograd.IndependentRecurrences;
import dev.sluice.autograd.Products;
import dev.sluice.autograd.RecurrentResult;
import dev.sluice.checks.Arguments;
import dev.sluice.nn.recurrent.IndependentRecurrent.Weights;
import dev.sluice.nn.recurrent.RecurrentBatchNorm.Over;
import org.jspecify.annotations.Nullable;

/**
 * One step of an {@link IndRNN}: {@code h_t = act(W x_t + u * h_{t-1} + b)}. Parameters: {@code weight_ih} (H, inputs),
 * {@code weight_hh} (H), which is u, and {@code bias_ih} (H), 0 at first. Every step bounds the recurrent weights; in
 * the circulating code a cell by itself does so only when asked.
 */
public final class IndRNNCell extends Cell {
  private static final String NAME = "indrnnCell";

  private final IndRNNOptions settings;
  private final WeightRules rules;
  private final boolean bias;

  /** With biases. */
  public IndRNNCell(int inputSize, int hiddenSize, Generator generator) {
    this(inputSize, hiddenSize, true, generator);
  }

  /** With biases or without. */
  public IndRNNCell(int inputSize, int hiddenSize, boolean bias, Generator generator) {
    this(inputSize, hiddenSize, bias, IndRNNOptions.DEFAULT, generator);
  }

  /** With settings of its own, among them no normalisation; it starts as the only layer of an IndRNN. */
  public IndRNNCell(int inputSize, int hiddenSize, boolean bias, IndRNNOptions settings, Generator generator) {
    Arguments.require(settings.batchNorm().over() == Over.NONE, NAME,
        "batchNorm is over " + settings.batchNorm().over(), "NONE: a step has no sequence to normalise");
    this(inputSize, hiddenSize, bias, settings, 0, 1, generator);
  }

  /** One direction of a layer of so many. */
  IndRNNCell(int inputSize, int hiddenSize, boolean bias, IndRNNOptions settings, int layer, int layers,
      Generator generator) {
    super(NAME, false, inputSize, hiddenSize);
    this.settings = settings;
    this.rules = new WeightRules(settings);
    this.bias = bias;
    parameter("weight_ih", settings.hiddenWeights(layer, layers, generator, hiddenSize, inputSize));
    rules.recurrent(parameter("weight_hh", settings.recurrentWeights(layer, layers, generator, hiddenSize)));
    if (bias) {
      parameter("bias_ih", Tensor.zeros(hiddenSize));
    }
  }

  /** The parameters, as training and the rules have left them. */
  Weights weights() {
    return new Weights(rules.clipped(parameter("weight_ih")), rules.recurrent(parameter("weight_hh")),
        bias ? rules.clipped(parameter("bias_ih")) : null);
  }

  @Override
  RecurrentResult step(Tensor input, @Nullable Tensor hidden, @Nullable Tensor cell) {
    Weights weights = weights();
    var result = IndependentRecurrences.indRnn(settings.nonlinearity().activation(),
        Products.linear(input, weights.input(), weights.bias()), weights.recurrent(), 1, hidden, null, false);
    return new RecurrentResult(result.output(), result.hidden(), null);
  }
}
