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
   * @param gates on entry {@code W x + b}, with both biases but for the gates kept {@link #apart}; on return the gates
   *     after their functions, which the backward needs
   * @param recurrent {@code U h} of the step before
   * @param saved receives a row of the hidden width that the backward needs
   * @param cell the cell state, updated; not touched by a cell without one
   * @param hidden the hidden state before a projection; where it is the cell's only state, on entry that of the step
   *     before
   */
  void forward(int width, float[] gates, int gatesAt, float[] recurrent, int recurrentAt, float[] saved, int savedAt,
      float[] cell, int cellAt, float[] hidden, int hiddenAt);

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
   * @param gradGates receives the gradient of the gates before their functions; of those kept {@link #apart}, of what
   *     comes from the input
   */
  void backward(int width, float[] gates, int gatesAt, float[] saved, int savedAt, float[] previous, int previousAt,
      float[] gradHidden, int gradHiddenAt, float[] gradCell, int gradCellAt, float[] gradGates, int gradGatesAt);

  /**
   * How many of the last gates keep what comes from the hidden state, {@code U h + b_hidden}, apart from what comes
   * from the input.
   */
  default int apart() {
    return 0;
  }

  /** Turns the gradient of the gates into that of what comes from the hidden state, which differs where kept apart. */
  default void toHiddenPart(int width, float[] gates, int gatesAt, float[] gradGates, int gradGatesAt) {}

  /** Whether the hidden state goes from step to step other than through the gates. */
  boolean carriesHidden();
}
