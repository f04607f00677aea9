package dev.sluice.spi;

import org.jspecify.annotations.Nullable;

/**
 * One direction of one layer of a recurrence, over all time steps in one call; {@link RecurrentCell} gives each cell's
 * equations.
 *
 * <p>With lengths, row b takes part in its first {@code lengths[b]} steps: later inputs are not read, later outputs are
 * 0, the final state is the one after its last valid step, and the reverse direction starts at the row's own end. A row
 * of length 0 keeps its initial state. The reverse direction's output at step t is the state after reading steps T-1
 * (or the row's end) down to t.
 */
public interface RecurrentKernels {
  /**
   * The parameters, or their gradients. G is the cell's number of gates, R the output width.
   *
   * @param inputWeights REAL (G * hiddenWidth, inputWidth)
   * @param hiddenWeights REAL (G * hiddenWidth, R)
   * @param inputBias REAL (G * hiddenWidth); null without bias
   * @param hiddenBias REAL (G * hiddenWidth); null without bias
   * @param projection REAL (projectionWidth, hiddenWidth); null without projection
   */
  record Weights(Buffer inputWeights, Buffer hiddenWeights, @Nullable Buffer inputBias, @Nullable Buffer hiddenBias,
      @Nullable Buffer projection) {}

  /**
   * What a direction reads beside its parameters.
   *
   * @param input REAL (steps, batch, inputWidth), or (batch, steps, inputWidth) if batchFirst
   * @param hidden REAL (directions, batch, R): the initial hidden state; null for 0
   * @param cell REAL (directions, batch, hiddenWidth): the initial cell state; null for 0 or without cell state
   * @param lengths INT32 (batch), each 0 to steps; null for all steps
   */
  record Inputs(Buffer input, @Nullable Buffer hidden, @Nullable Buffer cell, @Nullable Buffer lengths) {}

  /**
   * What a direction writes, or the gradients that arrive for it (then each may be null for 0).
   *
   * @param output REAL (steps, batch, directions * R), or (batch, steps, directions * R) if batchFirst: this
   *     direction's columns only
   * @param hidden REAL (directions, batch, R): this direction's row of the final hidden state
   * @param cell REAL (directions, batch, hiddenWidth): this direction's row of the final cell state; null without cell
   *     state
   */
  record Outputs(@Nullable Buffer output, @Nullable Buffer hidden, @Nullable Buffer cell) {}

  /**
   * The gradients of the inputs; a null one is not computed.
   *
   * @param input laid out as the input; accumulated into where the spec says so
   * @param hidden this direction's row of (directions, batch, R)
   * @param cell this direction's row of (directions, batch, hiddenWidth)
   */
  record InputGradients(@Nullable Buffer input, @Nullable Buffer hidden, @Nullable Buffer cell) {}

  /** Elements of the reserve that {@link #recurrence} writes for its backward. */
  int recurrenceReserve(RecurrentSpec spec);

  /**
   * Runs all steps.
   *
   * @param reserve null where no backward follows
   * @throws IllegalArgumentException if a length is out of range, before anything is written
   */
  void recurrence(RecurrentSpec spec, Inputs inputs, Weights weights, Outputs outputs, @Nullable Buffer reserve);

  /**
   * Runs all steps backwards.
   *
   * @param outputs as the forward wrote them
   * @param gradOutputs the gradients that arrive, null for 0
   * @param inputGradients what to compute for the inputs; with {@link RecurrentSpec#accumulateInput} the input's is
   *     added to
   * @param weightGradients written; its buffers are null exactly where those of the weights are
   */
  void recurrenceBackward(RecurrentSpec spec, Inputs inputs, Weights weights, Outputs outputs, Buffer reserve,
      Outputs gradOutputs, InputGradients inputGradients, Weights weightGradients);
}
