package dev.sluice.nn.recurrent;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.autograd.RecurrentResult;
import dev.sluice.autograd.RecurrentWeights;
import dev.sluice.autograd.Recurrences;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A recurrence with torch.nn.LSTM's parameter names: per layer k and then direction {@code weight_ih_l{k}},
 * {@code weight_hh_l{k}}, {@code bias_ih_l{k}}, {@code bias_hh_l{k}} and, with a projection, {@code weight_hr_l{k}},
 * the reverse direction's with suffix {@code _reverse}.
 */
abstract class GatedRecurrent extends Recurrent {
  private final GatedWeights weights;

  GatedRecurrent(Recurrence recurrence, RecurrentOptions options, Generator generator) {
    recurrence.requireMeaningful(options);
    super(recurrence.name(), recurrence.cell().hasCellState(), options, generator);
    this.weights = new GatedWeights(recurrence, options.hiddenSize(), options.bias(), options.projSize());
    for (int layer = 0; layer < options.numLayers(); layer++) {
      int inputs = layer == 0 ? options.inputSize() : options.outputWidth();
      for (int direction = 0; direction < options.directions(); direction++) {
        weights.register(suffix(layer, direction), inputs, generator, this::parameter);
      }
    }
  }

  final Recurrence recurrence() {
    return weights.recurrence();
  }

  @Override
  final RecurrentResult layer(int layer, Tensor input, @Nullable Tensor hidden, @Nullable Tensor cell, Steps steps) {
    List<RecurrentWeights> directions = new ArrayList<>();
    for (int direction = 0; direction < options().directions(); direction++) {
      directions.add(weights.read(suffix(layer, direction), this::parameter));
    }
    return Recurrences.recurrence(recurrence().cell(), input, directions, hidden, cell, steps.lengths(),
        steps.batchFirst(), recurrence().beta());
  }

  private static String suffix(int layer, int direction) {
    return "_l" + layer + (direction == 0 ? "" : "_reverse");
  }
}
