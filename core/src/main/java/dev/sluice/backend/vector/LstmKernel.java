package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;

/**
 * LSTM (Hochreiter and Schmidhuber 1997) with the gates i, f, g, o of torch.nn.LSTM, each a row of the hidden width:
 *
 * <pre>
 * i, f, o = sigmoid(.), g = tanh(.);  c' = f c + i g;  h' = o tanh(c')
 * dc' += dh' o (1 - tanh(c')^2);  dc = dc' f
 * di = dc' g i (1 - i);  df = dc' c f (1 - f);  dg = dc' i (1 - g^2);  do = dh' tanh(c') o (1 - o)
 * </pre>
 *
 * <p>It saves c'. Tails are scalar, with the operations of a lane.
 */
record LstmKernel() implements CellKernel {
  @Override
  public boolean carriesHidden() {
    return false;
  }

  @Override
  public void forward(int width, float[] gates, int gatesAt, float[] saved, int savedAt, float[] cell, int cellAt,
      float[] hidden, int hiddenAt) {
    GateMath.sigmoid(gates, gatesAt, 2 * width);
    GateMath.tanh(gates, gatesAt + 2 * width, width);
    GateMath.sigmoid(gates, gatesAt + 3 * width, width);
    advance(width, gates, gatesAt, cell, cellAt);
    System.arraycopy(cell, cellAt, saved, savedAt, width);
    hidden(width, gates, gatesAt, saved, savedAt, hidden, hiddenAt);
  }

  private static void advance(int width, float[] gates, int gatesAt, float[] cell, int cellAt) {
    int j = 0;
    for (int end = Lanes.bound(0, width); j < end; j += Lanes.COUNT) {
      FloatVector input = fromArray(SPECIES, gates, gatesAt + j);
      FloatVector forget = fromArray(SPECIES, gates, gatesAt + width + j);
      FloatVector candidate = fromArray(SPECIES, gates, gatesAt + 2 * width + j);
      forget.fma(fromArray(SPECIES, cell, cellAt + j), input.mul(candidate)).intoArray(cell, cellAt + j);
    }
    for (; j < width; j++) {
      float added = gates[gatesAt + j] * gates[gatesAt + 2 * width + j];
      cell[cellAt + j] = Math.fma(gates[gatesAt + width + j], cell[cellAt + j], added);
    }
  }

  /** {@code h' = o tanh(c')}, before a projection. */
  static void hidden(int width, float[] gates, int gatesAt, float[] saved, int savedAt, float[] hidden, int hiddenAt) {
    int output = gatesAt + 3 * width;
    int j = 0;
    for (int end = Lanes.bound(0, width); j < end; j += Lanes.COUNT) {
      // All loads come first: after tanh has been inlined, the compiler inlines nothing but the vector class itself.
      FloatVector o = fromArray(SPECIES, gates, output + j);
      o.mul(VectorMath.tanh(fromArray(SPECIES, saved, savedAt + j))).intoArray(hidden, hiddenAt + j);
    }
    for (; j < width; j++) {
      hidden[hiddenAt + j] = gates[output + j] * VectorMath.tanh(saved[savedAt + j]);
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
    FloatVector one = broadcast(SPECIES, 1);
    int j = 0;
    for (int end = Lanes.bound(0, width); j < end; j += Lanes.COUNT) {
      FloatVector o = fromArray(SPECIES, gates, output + j);
      FloatVector grad = fromArray(SPECIES, gradHidden, gradHiddenAt + j);
      FloatVector later = fromArray(SPECIES, gradCell, gradCellAt + j);
      FloatVector tanh = VectorMath.tanh(fromArray(SPECIES, saved, savedAt + j));
      grad.mul(tanh).mul(o.mul(one.sub(o))).intoArray(gradGates, gradOutput + j);
      grad.mul(o).fma(one.sub(tanh.mul(tanh)), later).intoArray(gradCell, gradCellAt + j);
    }
    for (; j < width; j++) {
      float o = gates[output + j];
      float tanh = VectorMath.tanh(saved[savedAt + j]);
      float grad = gradHidden[gradHiddenAt + j];
      gradGates[gradOutput + j] = grad * tanh * (o * (1 - o));
      gradCell[gradCellAt + j] = Math.fma(grad * o, 1 - tanh * tanh, gradCell[gradCellAt + j]);
    }
  }

  /** From c' to the other gates and c. */
  private static void backwardThroughCell(int width, float[] gates, int gatesAt, float[] previous, int previousAt,
      float[] gradCell, int gradCellAt, float[] gradGates, int gradGatesAt) {
    FloatVector one = broadcast(SPECIES, 1);
    int j = 0;
    for (int end = Lanes.bound(0, width); j < end; j += Lanes.COUNT) {
      FloatVector i = fromArray(SPECIES, gates, gatesAt + j);
      FloatVector f = fromArray(SPECIES, gates, gatesAt + width + j);
      FloatVector g = fromArray(SPECIES, gates, gatesAt + 2 * width + j);
      FloatVector grad = fromArray(SPECIES, gradCell, gradCellAt + j);
      FloatVector c = fromArray(SPECIES, previous, previousAt + j);
      grad.mul(g).mul(i.mul(one.sub(i))).intoArray(gradGates, gradGatesAt + j);
      grad.mul(c).mul(f.mul(one.sub(f))).intoArray(gradGates, gradGatesAt + width + j);
      grad.mul(i).mul(one.sub(g.mul(g))).intoArray(gradGates, gradGatesAt + 2 * width + j);
      grad.mul(f).intoArray(gradCell, gradCellAt + j);
    }
    for (; j < width; j++) {
      float i = gates[gatesAt + j];
      float f = gates[gatesAt + width + j];
      float g = gates[gatesAt + 2 * width + j];
      float grad = gradCell[gradCellAt + j];
      gradGates[gradGatesAt + j] = grad * g * (i * (1 - i));
      gradGates[gradGatesAt + width + j] = grad * previous[previousAt + j] * (f * (1 - f));
      gradGates[gradGatesAt + 2 * width + j] = grad * i * (1 - g * g);
      gradCell[gradCellAt + j] = grad * f;
    }
  }
}
