package dev.sluice.spi;

import org.jspecify.annotations.Nullable;

/**
 * The recurrent part of an independently recurrent network (Li et al.: Independently recurrent neural network,
 * arXiv 1803.04831), over all time steps and both directions in one call, on an input that is already projected:
 * {@code h_t = act(x_t + u * h_{t-1})}, element by element. Direction 1 runs backwards in time; its output at step t is
 * the state after reading steps T-1 (or the row's end) down to t.
 *
 * <p>With lengths, row b takes part in its first {@code lengths[b]} steps: later inputs are not read, later outputs are
 * 0, the final state is the one after its last valid step. A row of length 0 keeps its initial state.
 */
public interface IndRnnKernels {
  /**
   * What is read. D directions of width H.
   *
   * @param projected REAL (steps, batch, D * H), or (batch, steps, D * H) if batchFirst: x, the bias included
   * @param recurrent REAL (D * H): u
   * @param hidden REAL (D, batch, H): the initial state; null for 0
   * @param lengths INT32 (batch), each 0 to steps; null for all steps
   */
  record Inputs(Buffer projected, Buffer recurrent, @Nullable Buffer hidden, @Nullable Buffer lengths) {}

  /**
   * Runs all steps. There is no reserve: the backward needs no more than the output.
   *
   * @param output REAL, laid out as the projected input
   * @param finalHidden REAL (D, batch, H)
   * @throws IllegalArgumentException if a length is out of range, before anything is written
   */
  void indRnn(IndRnnSpec spec, Inputs inputs, Buffer output, Buffer finalHidden);

  /**
   * With {@code d_t = (gradOutput_t + u * d_{t+1}) * act'}: {@code gradProjected_t = d_t} (0 past a row's length),
   * {@code gradRecurrent = sum over steps and batch of d_t * h_{t-1}}, {@code gradHidden = u * d_1}.
   *
   * @param output as the forward wrote it
   * @param gradOutput laid out as the output; null for 0. Not read past a row's length.
   * @param gradFinalHidden (D, batch, H); null for 0
   * @param gradHidden (D, batch, H); null where not wanted
   */
  void indRnnBackward(IndRnnSpec spec, Inputs inputs, Buffer output, @Nullable Buffer gradOutput,
      @Nullable Buffer gradFinalHidden, Buffer gradProjected, Buffer gradRecurrent, @Nullable Buffer gradHidden);
}
