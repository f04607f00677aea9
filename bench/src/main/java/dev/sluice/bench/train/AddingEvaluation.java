package dev.sluice.bench.train;

import static dev.sluice.autograd.Losses.mseLoss;

import dev.sluice.Scope;
import dev.sluice.Tape;
import dev.sluice.Tensor;
import dev.sluice.data.Prefetcher;
import dev.sluice.spi.Backend;

/**
 * The test of the adding problem.
 *
 * @param problem whose test it is
 * @param backend what computes
 */
record AddingEvaluation(AddingProblem problem, Backend backend) {
  private static final int READ_AHEAD = 4;

  /** The mean squared error over the test's sequences. */
  double loss(AddingModel model) {
    model.eval();
    double sum = 0;
    try (Tape.NoGrad _ = Tape.noGrad(); var batches = new Prefetcher<>(problem.test(), READ_AHEAD)) {
      while (batches.hasNext()) {
        AddingSequences batch = batches.next();
        try (Scope _ = Scope.open()) {
          sum += loss(model, batch).item() * batch.size();
        }
      }
    }
    return sum / AddingProblem.TEST_SEQUENCES;
  }

  /** The mean squared error over a batch. */
  Tensor loss(AddingModel model, AddingSequences batch) {
    Tensor inputs = Tensor.of(backend, batch.inputs(), batch.size(), problem.steps(), AddingSequences.WIDTH);
    return mseLoss(model.forward(inputs), Tensor.of(backend, batch.sums(), batch.size()));
  }
}
