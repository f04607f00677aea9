package dev.sluice.backend.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The plain recurrence (Elman 1990), one gate a: {@code h' = tanh(a)} and {@code da = dh' (1 - h'^2)}, or {@code h' =
 * max(a, 0)} and {@code da = dh'} where h' is positive and 0 else.
 *
 * <p>The gate becomes h'; nothing else is saved. Tails are scalar, with the operations of a lane.
 *
 * @param rectified whether max in place of tanh
 */
record ElmanKernel(boolean rectified) implements CellKernel {
  @Override
  public boolean carriesHidden() {
    return false;
  }

  @Override
  public void forward(int width, float[] gates, int gatesAt, float[] recurrent, int recurrentAt, float[] saved,
      int savedAt, float[] cell, int cellAt, float[] hidden, int hiddenAt) {
    if (rectified) {
      GateMath.rectifySum(gates, gatesAt, recurrent, recurrentAt, width);
    } else {
      GateMath.tanhOfSum(gates, gatesAt, recurrent, recurrentAt, width);
    }
    System.arraycopy(gates, gatesAt, hidden, hiddenAt, width);
  }

  @Override
  public void backward(int width, float[] gates, int gatesAt, float[] saved, int savedAt, float[] previous,
      int previousAt, float[] gradHidden, int gradHiddenAt, float[] gradCell, int gradCellAt, float[] gradGates,
      int gradGatesAt) {
    if (rectified) {
      throughMaximum(width, gates, gatesAt, gradHidden, gradHiddenAt, gradGates, gradGatesAt);
    } else {
      throughTanh(width, gates, gatesAt, gradHidden, gradHiddenAt, gradGates, gradGatesAt);
    }
  }

  private static void throughTanh(int width, float[] gates, int gatesAt, float[] gradHidden, int gradHiddenAt,
      float[] gradGates, int gradGatesAt) {
    FloatVector one = Lanes.broadcast(1);
    int j = 0;
    for (int end = Lanes.bound(0, width); j < end; j += Lanes.COUNT) {
      FloatVector h = Lanes.load(gates, gatesAt + j);
      h.neg().fma(h, one).mul(Lanes.load(gradHidden, gradHiddenAt + j)).intoArray(gradGates, gradGatesAt + j);
    }
    for (; j < width; j++) {
      float h = gates[gatesAt + j];
      gradGates[gradGatesAt + j] = Math.fma(-h, h, 1) * gradHidden[gradHiddenAt + j];
    }
  }

  private static void throughMaximum(int width, float[] gates, int gatesAt, float[] gradHidden, int gradHiddenAt,
      float[] gradGates, int gradGatesAt) {
    FloatVector one = Lanes.broadcast(1);
    int j = 0;
    for (int end = Lanes.bound(0, width); j < end; j += Lanes.COUNT) {
      // h' is never negative: only a positive one is replaced, so that 0 and NaN are their own slopes.
      FloatVector h = Lanes.load(gates, gatesAt + j);
      h.blend(one, h.compare(VectorOperators.GT, 0)).mul(Lanes.load(gradHidden, gradHiddenAt + j))
          .intoArray(gradGates, gradGatesAt + j);
    }
    for (; j < width; j++) {
      gradGates[gradGatesAt + j] = GateMath.rectifierSlope(gates[gatesAt + j]) * gradHidden[gradHiddenAt + j];
    }
  }
}
