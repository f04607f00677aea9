package dev.sluice.bench.train;

import static dev.sluice.autograd.Shaping.squeeze;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.nn.Linear;
import dev.sluice.nn.Module;
import dev.sluice.nn.recurrent.RecurrentOptions;

/** Sequences of the adding problem in, sums out: a recurrence, and a linear layer on its last output. */
final class AddingModel extends Module {
  private final SequenceReader reader;
  private final Linear sum;

  /**
   * Makes the layers, the children {@code recurrence} and {@code sum}.
   *
   * @param generator draws the initial values
   */
  AddingModel(AddingConfiguration configuration, Generator generator) {
    RecurrentOptions options = RecurrentOptions.of(AddingSequences.WIDTH, configuration.hidden())
        .withNumLayers(configuration.layers())
        .withBatchFirst(true);
    reader = SequenceReader.remembering(configuration.cell(), options, configuration.steps(), generator);
    register("recurrence", reader.recurrence());
    sum = register("sum", new Linear(configuration.hidden(), 1, generator));
  }

  /**
   * Adds.
   *
   * @param sequences REAL (batch, steps, 2)
   * @return (batch)
   */
  Tensor forward(Tensor sequences) {
    return squeeze(sum.forward(reader.read(sequences).last()), 1);
  }
}
