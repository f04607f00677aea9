package dev.sluice.backend.reference;

import dev.sluice.spi.RecurrentSpec;

/**
 * What one recurrence does in one time step of one batch row, after the matrix products; each cell's forward and
 * backward side by side.
 *
 * <p>Numbers of the spec enter by lines of their own, where the float twin rounds them.
 */
sealed interface ReferenceCell permits ReferenceLstm, ReferenceJanet, ReferenceGru, ReferenceElman {
  /** The cell of a spec. */
  static ReferenceCell of(RecurrentSpec spec) {
    double beta = spec.beta();
    return switch (spec.cell()) {
      case LSTM -> new ReferenceLstm(spec.hiddenWidth());
      case JANET -> new ReferenceJanet(spec.hiddenWidth(), beta);
      case GRU -> new ReferenceGru(spec.hiddenWidth());
      case RNN_TANH -> new ReferenceElman(spec.hiddenWidth(), false);
      case RNN_RELU -> new ReferenceElman(spec.hiddenWidth(), true);
    };
  }

  /**
   * How many of the last pre-activations keep what comes from the input, {@code W x + b_input}, apart from what comes
   * from the hidden state, {@code U h + b_hidden}. The latter follow after all gates.
   */
  default int apart() {
    return 0;
  }

  /** How many numbers {@link #forward} saves for {@link #backward}. */
  int saves();

  /**
   * Makes a step.
   *
   * @param gates (gates, width), then {@link #apart}: the pre-activations
   * @param cell (width): the cell state, updated; not used by a recurrence without
   * @param hidden (width): the hidden state, replaced by the new one, before any projection
   * @param saved takes the numbers saved, from {@code at} on
   */
  void forward(double[] gates, double[] cell, double[] hidden, double[] saved, int at);

  /**
   * Goes back one step.
   *
   * @param gradHidden (width): the gradient of the step's hidden state, before any projection
   * @param gradCell (width): the gradient of the step's cell state, replaced by that of the cell state before it
   * @param gradGates (gates, width), then {@link #apart}: written, the gradients of the pre-activations
   * @param gradHiddenBefore (width): added to, the gradient that reaches the hidden state before the step without
   *     passing a gate
   */
  void backward(double[] saved, int at, double[] gradHidden, double[] gradCell, double[] gradGates,
      double[] gradHiddenBefore);
}
