package dev.sluice.backend.vector;

/**
 * The plain recurrence (Elman 1990), one gate a: {@code h' = tanh(a)} and {@code da = dh' (1 - h'^2)}, or {@code h' =
 * max(a, 0)} and {@code da = dh'} where h' is positive and 0 else.
 *
 * <p>The gate becomes h'; nothing else is saved.
 *
 * @param rectified whether max in place of tanh
 */
record ElmanKernel(boolean rectified) implements CellKernel {
  @Override
  public boolean carriesHidden() {
    return false;
  }

  @Override
  public void forward(int width, float[] gates, int gatesAt, float[] saved, int savedAt, float[] cell, int cellAt,
      float[] hidden, int hiddenAt) {
    if (rectified) {
      GateMath.rectify(gates, gatesAt, width);
    } else {
      GateMath.tanh(gates, gatesAt, width);
    }
    System.arraycopy(gates, gatesAt, hidden, hiddenAt, width);
  }

  @Override
  public void backward(int width, float[] gates, int gatesAt, float[] saved, int savedAt, float[] previous,
      int previousAt, float[] gradHidden, int gradHiddenAt, float[] gradCell, int gradCellAt, float[] gradGates,
      int gradGatesAt) {
    if (rectified) {
      GateMath.throughMaximum(gates, gatesAt, gradHidden, gradHiddenAt, gradGates, gradGatesAt, width);
    } else {
      GateMath.throughTanh(gates, gatesAt, gradHidden, gradHiddenAt, gradGates, gradGatesAt, width);
    }
  }
}
