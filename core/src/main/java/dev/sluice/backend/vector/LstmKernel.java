package dev.sluice.backend.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * LSTM (Hochreiter and Schmidhuber 1997) with the gates i, f, g, o of torch.nn.LSTM, each a row of the hidden width:
 *
 * <pre>
 * i, f, o = sigmoid(.), g = tanh(.);  c' = f c + i g;  h' = o tanh(c')
 * dc' += dh' o (1 - tanh(c')^2);  dc = dc' f
 * di = dc' g i (1 - i);  df = dc' c f (1 - f);  dg = dc' i (1 - g^2);  do = dh' tanh(c') o (1 - o)
 * </pre>
 *
 * <p>It saves c'.
 */
record LstmKernel() implements CellKernel {
  @Override
  public boolean carriesHidden() {
    return false;
  }

  @Override
  public void forward(int width, float[] gates, int gatesAt, float[] recurrent, int recurrentAt, float[] saved,
      int savedAt, float[] cell, int cellAt, float[] hidden, int hiddenAt) {
    GateMath.sigmoidOfSum(gates, gatesAt, recurrent, recurrentAt, 2 * width);
    GateMath.tanhOfSum(gates, gatesAt + 2 * width, recurrent, recurrentAt + 2 * width, width);
    GateMath.sigmoidOfSum(gates, gatesAt + 3 * width, recurrent, recurrentAt + 3 * width, width);
    advance(width, gates, gatesAt, cell, cellAt);
    System.arraycopy(cell, cellAt, saved, savedAt, width);
    hidden(width, gates, gatesAt, saved, savedAt, hidden, hiddenAt);
  }

  private static void advance(int width, float[] gates, int gatesAt, float[] cell, int cellAt) {
    int j = 0;
    for (int end = Lanes.bound(0, width); j < end; j += Lanes.COUNT) {
      FloatVector input = Lanes.load(gates, gatesAt + j);
      FloatVector forget = Lanes.load(gates, gatesAt + width + j);
      FloatVector candidate = Lanes.load(gates, gatesAt + 2 * width + j);
      forget.fma(Lanes.load(cell, cellAt + j), input.mul(candidate)).intoArray(cell, cellAt + j);
    }
    if (j < width) {
      VectorMask<Float> rest = Lanes.tail(j, width);
      FloatVector input = Lanes.load(gates, gatesAt + j, rest);
      FloatVector forget = Lanes.load(gates, gatesAt + width + j, rest);
      FloatVector candidate = Lanes.load(gates, gatesAt + 2 * width + j, rest);
      forget.fma(Lanes.load(cell, cellAt + j, rest), input.mul(candidate)).intoArray(cell, cellAt + j, rest);
    }
  }

  /** {@code h' = o tanh(c')}, before a projection. */
  static void hidden(int width, float[] gates, int gatesAt, float[] saved, int savedAt, float[] hidden, int hiddenAt) {
    int output = gatesAt + 3 * width;
    int j = 0;
    for (int end = Lanes.bound(0, width); j < end; j += Lanes.COUNT) {
      FloatVector tanh = VectorMath.tanh(Lanes.load(saved, savedAt + j));
      Lanes.load(gates, output + j).mul(tanh).intoArray(hidden, hiddenAt + j);
    }
    if (j < width) {
      VectorMask<Float> rest = Lanes.tail(j, width);
      FloatVector tanh = VectorMath.tanh(Lanes.load(saved, savedAt + j, rest));
      Lanes.load(gates, output + j, rest).mul(tanh).intoArray(hidden, hiddenAt + j, rest);
    }
  }

  @Override
  public void backward(int width, float[] gates, int gatesAt, float[] saved, int savedAt, float[] previous,
      int previousAt, float[] gradHidden, int gradHiddenAt, float[] gradCell, int gradCellAt, float[] gradGates,
      int gradGatesAt) {
    backwardThroughOutput(width, gates, gatesAt + 3 * width, saved, savedAt, gradHidden, gradHiddenAt, gradCell,
        gradCellAt, gradGates, gradGatesAt + 3 * width);
    backwardThroughCell(width, gates, gatesAt, previous, previousAt, gradCell, gradCellAt, gradGates, gradGatesAt);
  }

  /** From h' to the output gate and c'. */
  private static void backwardThroughOutput(int width, float[] gates, int output, float[] saved, int savedAt,
      float[] gradHidden, int gradHiddenAt, float[] gradCell, int gradCellAt, float[] gradGates, int gradOutput) {
    FloatVector one = Lanes.broadcast(1);
    int j = 0;
    for (int end = Lanes.bound(0, width); j < end; j += Lanes.COUNT) {
      FloatVector o = Lanes.load(gates, output + j);
      FloatVector tanh = VectorMath.tanh(Lanes.load(saved, savedAt + j));
      FloatVector grad = Lanes.load(gradHidden, gradHiddenAt + j);
      grad.mul(tanh).mul(o.mul(one.sub(o))).intoArray(gradGates, gradOutput + j);
      grad.mul(o).fma(one.sub(tanh.mul(tanh)), Lanes.load(gradCell, gradCellAt + j))
          .intoArray(gradCell, gradCellAt + j);
    }
    if (j < width) {
      VectorMask<Float> rest = Lanes.tail(j, width);
      FloatVector o = Lanes.load(gates, output + j, rest);
      FloatVector tanh = VectorMath.tanh(Lanes.load(saved, savedAt + j, rest));
      FloatVector grad = Lanes.load(gradHidden, gradHiddenAt + j, rest);
      grad.mul(tanh).mul(o.mul(one.sub(o))).intoArray(gradGates, gradOutput + j, rest);
      grad.mul(o).fma(one.sub(tanh.mul(tanh)), Lanes.load(gradCell, gradCellAt + j, rest))
          .intoArray(gradCell, gradCellAt + j, rest);
    }
  }

  /** From c' to the other gates and c. */
  private static void backwardThroughCell(int width, float[] gates, int gatesAt, float[] previous, int previousAt,
      float[] gradCell, int gradCellAt, float[] gradGates, int gradGatesAt) {
    FloatVector one = Lanes.broadcast(1);
    int j = 0;
    for (int end = Lanes.bound(0, width); j < end; j += Lanes.COUNT) {
      FloatVector i = Lanes.load(gates, gatesAt + j);
      FloatVector f = Lanes.load(gates, gatesAt + width + j);
      FloatVector g = Lanes.load(gates, gatesAt + 2 * width + j);
      FloatVector grad = Lanes.load(gradCell, gradCellAt + j);
      FloatVector c = Lanes.load(previous, previousAt + j);
      grad.mul(g).mul(i.mul(one.sub(i))).intoArray(gradGates, gradGatesAt + j);
      grad.mul(c).mul(f.mul(one.sub(f))).intoArray(gradGates, gradGatesAt + width + j);
      grad.mul(i).mul(one.sub(g.mul(g))).intoArray(gradGates, gradGatesAt + 2 * width + j);
      grad.mul(f).intoArray(gradCell, gradCellAt + j);
    }
    if (j < width) {
      VectorMask<Float> rest = Lanes.tail(j, width);
      FloatVector i = Lanes.load(gates, gatesAt + j, rest);
      FloatVector f = Lanes.load(gates, gatesAt + width + j, rest);
      FloatVector g = Lanes.load(gates, gatesAt + 2 * width + j, rest);
      FloatVector grad = Lanes.load(gradCell, gradCellAt + j, rest);
      FloatVector c = Lanes.load(previous, previousAt + j, rest);
      grad.mul(g).mul(i.mul(one.sub(i))).intoArray(gradGates, gradGatesAt + j, rest);
      grad.mul(c).mul(f.mul(one.sub(f))).intoArray(gradGates, gradGatesAt + width + j, rest);
      grad.mul(i).mul(one.sub(g.mul(g))).intoArray(gradGates, gradGatesAt + 2 * width + j, rest);
      grad.mul(f).intoArray(gradCell, gradCellAt + j, rest);
    }
  }
}
