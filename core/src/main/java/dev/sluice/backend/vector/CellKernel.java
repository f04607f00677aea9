package dev.sluice.backend.vector;

/**
 * What a recurrence does to one batch row at one step, beside its matrix products. Arrays come with the offset of the
 * row; gates lie one after the other, each as wide as the cell.
 */
sealed interface CellKernel permits LstmKernel, JanetKernel, GruKernel, ElmanKernel {
  /**
   * One step.
   *
   * @param width hidden width
   * @param gates on entry {@code W x + U h} with both biases, of the last gate if it {@link #keepsApart} only {@code
   *     W x} with its bias; on return the gates after their functions, which the backward needs
   * @param saved a row of the hidden width that the backward needs, which it receives; where a gate is kept apart, on
   *     entry {@code U h} of that gate with its bias
   * @param cell the cell state, updated; not touched by a cell without one
   * @param hidden the hidden state before a projection; where it is the cell's only state, on entry that of the step
   *     before
   */
  void forward(int width, float[] gates, int gatesAt, float[] saved, int savedAt, float[] cell, int cellAt,
      float[] hidden, int hiddenAt);

  /**
   * The gradients of one step.
   *
   * @param width hidden width
   * @param gates as the forward left them
   * @param saved as the forward wrote it
   * @param previous the state before the step: the cell state, or the hidden state where it is the only one
   * @param gradHidden the whole gradient of the hidden state; with {@link #carriesHidden} replaced by what goes to the
   * step before
   *     other than through the gates
   * @param gradCell on entry the gradient of the cell state from the steps after; on return that for the step before
   * @param gradGates receives the gradient of the gates before their functions; if the last {@link #keepsApart}, of
   *     what it gets from the input, and behind it of what it gets from the hidden state
   */
  void backward(int width, float[] gates, int gatesAt, float[] saved, int savedAt, float[] previous, int previousAt,
      float[] gradHidden, int gradHiddenAt, float[] gradCell, int gradCellAt, float[] gradGates, int gradGatesAt);

  /**
   * Whether the last gate keeps what comes from the hidden state, {@code U h + b_hidden}, apart from what comes from
   * the input.
   */
  default boolean keepsApart() {
    return false;
  }

  /** Whether the hidden state goes from step to step other than through the gates. */
  boolean carriesHidden();
}
