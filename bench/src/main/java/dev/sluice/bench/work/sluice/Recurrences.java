package dev.sluice.bench.work.sluice;

import static dev.sluice.autograd.IndependentRecurrences.indRnn;
import static dev.sluice.autograd.Recurrences.recurrence;

import dev.sluice.Tensor;
import dev.sluice.autograd.RecurrentWeights;
import dev.sluice.bench.work.Work;
import dev.sluice.bench.work.sluice.Step.Output;
import dev.sluice.nn.recurrent.JANET;
import dev.sluice.spi.IndRnnSpec.Activation;
import dev.sluice.spi.RecurrentCell;
import java.util.List;

/** One layer over all time steps. */
final class Recurrences {
  private Recurrences() {}

  static Step of(Work.Recurrent work, Arguments arguments) {
    int hidden = work.hidden();
    int rows = work.cell().rows() * hidden;
    double bound = 1 / Math.sqrt(hidden);
    Tensor input = arguments.uniform("input", 1, work.steps(), work.batch(), work.input());
    var weights = new RecurrentWeights(
        arguments.uniform("weight_ih_l0", bound, rows, work.input()),
        arguments.uniform("weight_hh_l0", bound, rows, hidden),
        arguments.uniform("bias_ih_l0", bound, rows),
        arguments.uniform("bias_hh_l0", bound, rows),
        null);
    List<Tensor> leaves = Arguments.leaves(work.pass().backward(), input, weights.inputWeights(),
        weights.hiddenWeights(), weights.inputBias(), weights.hiddenBias());
    RecurrentCell cell = switch (work.cell()) {
      case LSTM -> RecurrentCell.LSTM;
      case GRU -> RecurrentCell.GRU;
      case JANET -> RecurrentCell.JANET;
    };
    double beta = cell == RecurrentCell.JANET ? JANET.DEFAULT_BETA : 0;
    List<RecurrentWeights> directions = List.of(weights);
    if (!work.pass().backward()) {
      return () -> List.of(
          new Output("output", recurrence(cell, input, directions, null, null, null, false, beta).output()));
    }
    Tensor gradient = arguments.uniform("gradient", 1, work.steps(), work.batch(), hidden);
    return () -> Arguments.backward(
        recurrence(cell, input, directions, null, null, null, false, beta).output(), gradient, leaves);
  }

  static Step of(Work.IndRnn work, Arguments arguments) {
    int[] sizes = {work.steps(), work.batch(), work.hidden()};
    Tensor input = arguments.uniform("input", 1, sizes);
    Tensor recurrent = arguments.uniform("weight_hh_l0", 1, work.hidden());
    Tensor gradient = arguments.uniform("gradient", 1, sizes);
    List<Tensor> leaves = Arguments.leaves(true, input, recurrent);
    return () -> Arguments.backward(
        indRnn(Activation.RELU, input, recurrent, 1, null, null, false).output(), gradient, leaves);
  }
}
