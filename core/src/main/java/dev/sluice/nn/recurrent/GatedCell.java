package dev.sluice.nn.recurrent;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.autograd.RecurrentResult;
import dev.sluice.autograd.Recurrences;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A cell with torch.nn.LSTMCell's parameter names: {@code weight_ih}, {@code weight_hh}, {@code bias_ih},
 * {@code bias_hh}.
 */
abstract class GatedCell extends Cell {
  private final GatedWeights weights;

  GatedCell(Recurrence recurrence, int inputSize, int hiddenSize, boolean bias, Generator generator) {
    super(recurrence.name() + "Cell", recurrence.cell().hasCellState(), inputSize, hiddenSize);
    this.weights = new GatedWeights(recurrence, hiddenSize, bias, 0);
    weights.register("", inputSize, generator, this::parameter);
  }

  final Recurrence recurrence() {
    return weights.recurrence();
  }

  @Override
  final RecurrentResult step(Tensor input, @Nullable Tensor hidden, @Nullable Tensor cell) {
    return Recurrences.recurrence(recurrence().cell(), input, List.of(weights.read("", this::parameter)), hidden, cell,
        null, false, recurrence().beta());
  }
}
