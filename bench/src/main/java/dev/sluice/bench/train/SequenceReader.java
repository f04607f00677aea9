package dev.sluice.bench.train;

import static dev.sluice.autograd.Shaping.cat;
import static dev.sluice.autograd.Shaping.narrow;
import static dev.sluice.autograd.Shaping.select;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.nn.recurrent.GRU;
import dev.sluice.nn.recurrent.IndRNN;
import dev.sluice.nn.recurrent.IndRNNOptions;
import dev.sluice.nn.recurrent.IndRNNv2;
import dev.sluice.nn.recurrent.JANET;
import dev.sluice.nn.recurrent.LSTM;
import dev.sluice.nn.recurrent.RNN;
import dev.sluice.nn.recurrent.Recurrent;
import dev.sluice.nn.recurrent.RecurrentBatchNorm;
import dev.sluice.nn.recurrent.RecurrentOptions;
import java.util.List;

/**
 * The recurrence that a {@link CellKind} names, and what it makes of a sequence.
 *
 * @param recurrence batch first
 * @param normalizes whether its outputs are normalized, which its state never is
 */
record SequenceReader(Recurrent recurrence, boolean normalizes) {
  /** Over a whole sequence an independent recurrence lets nothing grow by more than this. */
  private static final double MAGNITUDE = 2;

  /**
   * What was read.
   *
   * @param outputs (batch, steps, directions * hidden)
   * @param last (batch, directions * hidden), the outputs of each direction after all steps
   */
  record Reading(Tensor outputs, Tensor last) {}

  /**
   * Makes a recurrence with its usual start; an independent one by the recipe of its paper.
   *
   * @param options batch first
   * @param batchNorm of an independent recurrence
   * @param steps length of a sequence
   * @param generator draws the initial values, and what is dropped
   */
  static SequenceReader make(CellKind cell, RecurrentOptions options, BatchNormKind batchNorm, int steps,
      Generator generator) {
    return new SequenceReader(switch (cell) {
      case LSTM -> new LSTM(options, generator);
      case GRU -> new GRU(options, generator);
      case RNN -> new RNN(options, generator);
      case JANET -> new JANET(options, generator);
      case INDRNN -> new IndRNN(options, recipe(batchNorm, steps), generator);
      case INDRNN2 -> new IndRNNv2(options, recipe(batchNorm, steps), generator);
      case NONE -> throw new IllegalStateException("no recurrence was asked for");
    }, batchNorm != BatchNormKind.NONE);
  }

  /** The same with gates that start by remembering, without normalization. */
  static SequenceReader remembering(CellKind cell, RecurrentOptions options, int steps, Generator generator) {
    return switch (cell) {
      case LSTM -> new SequenceReader(Chrono.lstm(options, steps, generator), false);
      case GRU -> new SequenceReader(Chrono.gru(options, steps, generator), false);
      case JANET -> new SequenceReader(Chrono.janet(options, steps, generator), false);
      case RNN, INDRNN, INDRNN2, NONE -> make(cell, options, BatchNormKind.NONE, steps, generator);
    };
  }

  private static IndRNNOptions recipe(BatchNormKind batchNorm, int steps) {
    return IndRNNOptions.recipe(steps, MAGNITUDE).withBatchNorm(switch (batchNorm) {
      case NONE -> RecurrentBatchNorm.NONE;
      case TIME -> RecurrentBatchNorm.overSequence();
      case STEP -> RecurrentBatchNorm.perStep(steps);
    });
  }

  /**
   * Reads sequences.
   *
   * @param sequence REAL (batch, steps, width)
   */
  Reading read(Tensor sequence) {
    Recurrent.Output read = recurrence.forward(sequence);
    return new Reading(read.output(), normalizes ? lastOutput(read.output()) : lastState(read.state().hidden()));
  }

  /** Of outputs (batch, steps, directions * hidden). */
  private Tensor lastOutput(Tensor outputs) {
    Tensor atEnd = select(outputs, 1, outputs.size(1) - 1);
    if (!isBidirectional()) {
      return atEnd;
    }
    int width = recurrence.options().outputSize();
    return cat(List.of(narrow(atEnd, 1, 0, width), narrow(select(outputs, 1, 0), 1, width, width)), 1);
  }

  /** Of a state (layers * directions, batch, hidden). */
  private Tensor lastState(Tensor hidden) {
    int rows = hidden.size(0);
    Tensor top = select(hidden, 0, rows - 1);
    return isBidirectional() ? cat(List.of(select(hidden, 0, rows - 2), top), 1) : top;
  }

  private boolean isBidirectional() {
    return recurrence.options().bidirectional();
  }
}
