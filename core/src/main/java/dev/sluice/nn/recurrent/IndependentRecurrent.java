package dev.sluice.nn.recurrent;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.autograd.IndependentRecurrences;
import dev.sluice.autograd.Products;
import dev.sluice.autograd.RecurrentResult;
import dev.sluice.autograd.Shaping;
import dev.sluice.checks.Arguments;
import dev.sluice.nn.BatchNorm1d;
import dev.sluice.nn.Module;
import dev.sluice.nn.ModuleList;
import dev.sluice.nn.recurrent.RecurrentBatchNorm.Over;
import dev.sluice.nn.recurrent.RecurrentBatchNorm.Place;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@link IndRNN} and {@link IndRNNv2} have in common, which is all but the names of their parameters: of each
 * layer one product projects all steps for both directions, and one kernel sweeps them.
 */
abstract class IndependentRecurrent extends Recurrent {
  /**
   * The parameters of a layer, of D directions one after the other.
   *
   * @param input (D*H, inputs)
   * @param recurrent (D*H)
   * @param bias (D*H), or null
   */
  record Weights(Tensor input, Tensor recurrent, @Nullable Tensor bias) {}

  private final IndRNNOptions settings;
  private final List<Module> norms = new ArrayList<>();

  IndependentRecurrent(String name, RecurrentOptions options, IndRNNOptions settings, Generator generator) {
    StateChecks.noProjection(name, options);
    super(name, false, options, generator);
    this.settings = settings;
  }

  /** A layer's parameters, as training and the rules have left them. */
  abstract Weights weights(int layer);

  /** What this was made with beyond {@link #options}. */
  public final IndRNNOptions settings() {
    return settings;
  }

  final int inputs(int layer) {
    return layer == 0 ? options().inputSize() : options().outputWidth();
  }

  /** Registers the normalisations, if there are any, as {@code bns.{k}}. */
  final void registerNorms() {
    RecurrentBatchNorm batchNorm = settings.batchNorm();
    if (batchNorm.over() == Over.NONE) {
      return;
    }
    for (int layer = 0; layer < options().numLayers(); layer++) {
      int width = options().outputWidth();
      norms.add(batchNorm.over() == Over.STEP ? new StepBatchNorm(width, batchNorm.maxSteps())
          : new BatchNorm1d(width));
    }
    register("bns", new ModuleList<>(norms));
  }

  @Override
  final RecurrentResult layer(int layer, Tensor input, @Nullable Tensor hidden, @Nullable Tensor cell, Steps steps) {
    requireSteps(steps);
    Weights weights = weights(layer);
    // Outputs of a layer below are 0 past a row's length; of the input nothing is known there.
    Tensor read = layer == 0 ? steps.withoutPadding(input) : input;
    Tensor projected = Products.linear(read, weights.input(), weights.bias());
    var result = IndependentRecurrences.indRnn(settings.nonlinearity().activation(),
        normalized(Place.BEFORE_ACTIVATION, layer, projected, steps), weights.recurrent(), options().directions(),
            hidden,
        steps.lengths(), steps.batchFirst());
    Tensor output = normalized(Place.AFTER_ACTIVATION, layer, result.output(), steps);
    return new RecurrentResult(output, result.hidden(), null);
  }

  private Tensor normalized(Place place, int layer, Tensor sequence, Steps steps) {
    if (norms.isEmpty() || settings.batchNorm().place() != place) {
      return sequence;
    }
    if (norms.get(layer) instanceof StepBatchNorm each) {
      return each.forward(sequence, steps);
    }
    Tensor flat = Shaping.reshape(sequence, steps.steps() * steps.batch(), sequence.size(2));
    Tensor normalized = ((BatchNorm1d) norms.get(layer)).forward(flat, steps.mask());
    return Shaping.reshape(normalized, sequence.shape().toArray());
  }

  private void requireSteps(Steps steps) {
    if (settings.batchNorm().over() == Over.STEP) {
      int most = settings.batchNorm().maxSteps();
      Arguments.require(steps.steps() <= most, name(), "steps are " + steps.steps(),
          "at most " + most + ", for which statistics are kept");
      Arguments.require(!isTraining() || steps.batch() > 1, name(), "batch is " + steps.batch(),
          "2 or more, to take statistics of each step over");
    }
  }
}
