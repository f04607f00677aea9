package dev.sluice.backend.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * JANET (van der Westhuizen and Lasenby, arXiv 1804.04849) with the gates s (forget) and g (candidate), each a row of
 * the hidden width:
 *
 * <pre>
 * f = sigmoid(s), k = 1 - sigmoid(s - beta) = sigmoid(beta - s), g = tanh(.);  h' = f h + k g
 * ds = dh' (h f (1 - f) - g k (1 - k));  dg = dh' k (1 - g^2);  dh = dh' f
 * </pre>
 *
 * <p>The gates become f and g; k is saved.
 *
 * @param beta the surplus of accumulation over forgetting
 */
record JanetKernel(float beta) implements CellKernel {
  @Override
  public boolean carriesHidden() {
    return true;
  }

  @Override
  public void forward(int width, float[] gates, int gatesAt, float[] recurrent, int recurrentAt, float[] saved,
      int savedAt, float[] cell, int cellAt, float[] hidden, int hiddenAt) {
    accumulate(width, beta, gates, gatesAt, recurrent, recurrentAt, saved, savedAt);
    GateMath.sigmoidOfSum(gates, gatesAt, recurrent, recurrentAt, width);
    GateMath.tanhOfSum(gates, gatesAt + width, recurrent, recurrentAt + width, width);
    advance(width, gates, gatesAt, saved, savedAt, hidden, hiddenAt);
  }

  /** {@code k = sigmoid(beta - s)}. */
  private static void accumulate(int width, float beta, float[] gates, int gatesAt, float[] recurrent, int recurrentAt,
      float[] saved, int savedAt) {
    FloatVector surplus = Lanes.broadcast(beta);
    int j = 0;
    for (int end = Lanes.bound(0, width); j < end; j += Lanes.COUNT) {
      FloatVector s = Lanes.load(gates, gatesAt + j).add(Lanes.load(recurrent, recurrentAt + j));
      VectorMath.sigmoid(surplus.sub(s)).intoArray(saved, savedAt + j);
    }
    if (j < width) {
      VectorMask<Float> rest = Lanes.tail(j, width);
      FloatVector s = Lanes.load(gates, gatesAt + j, rest).add(Lanes.load(recurrent, recurrentAt + j, rest));
      VectorMath.sigmoid(surplus.sub(s)).intoArray(saved, savedAt + j, rest);
    }
  }

  private static void advance(int width, float[] gates, int gatesAt, float[] saved, int savedAt, float[] hidden,
      int hiddenAt) {
    int j = 0;
    for (int end = Lanes.bound(0, width); j < end; j += Lanes.COUNT) {
      FloatVector added = Lanes.load(saved, savedAt + j).mul(Lanes.load(gates, gatesAt + width + j));
      Lanes.load(gates, gatesAt + j).fma(Lanes.load(hidden, hiddenAt + j), added).intoArray(hidden, hiddenAt + j);
    }
    if (j < width) {
      VectorMask<Float> rest = Lanes.tail(j, width);
      FloatVector added = Lanes.load(saved, savedAt + j, rest).mul(Lanes.load(gates, gatesAt + width + j, rest));
      Lanes.load(gates, gatesAt + j, rest).fma(Lanes.load(hidden, hiddenAt + j, rest), added)
          .intoArray(hidden, hiddenAt + j, rest);
    }
  }

  @Override
  public void backward(int width, float[] gates, int gatesAt, float[] saved, int savedAt, float[] previous,
      int previousAt, float[] gradHidden, int gradHiddenAt, float[] gradCell, int gradCellAt, float[] gradGates,
      int gradGatesAt) {
    FloatVector one = Lanes.broadcast(1);
    int j = 0;
    for (int end = Lanes.bound(0, width); j < end; j += Lanes.COUNT) {
      FloatVector f = Lanes.load(gates, gatesAt + j);
      FloatVector g = Lanes.load(gates, gatesAt + width + j);
      FloatVector k = Lanes.load(saved, savedAt + j);
      FloatVector grad = Lanes.load(gradHidden, gradHiddenAt + j);
      FloatVector kept = Lanes.load(previous, previousAt + j).mul(f.mul(one.sub(f)));
      grad.mul(kept.sub(g.mul(k.mul(one.sub(k))))).intoArray(gradGates, gradGatesAt + j);
      grad.mul(k).mul(one.sub(g.mul(g))).intoArray(gradGates, gradGatesAt + width + j);
      grad.mul(f).intoArray(gradHidden, gradHiddenAt + j);
    }
    if (j < width) {
      VectorMask<Float> rest = Lanes.tail(j, width);
      FloatVector f = Lanes.load(gates, gatesAt + j, rest);
      FloatVector g = Lanes.load(gates, gatesAt + width + j, rest);
      FloatVector k = Lanes.load(saved, savedAt + j, rest);
      FloatVector grad = Lanes.load(gradHidden, gradHiddenAt + j, rest);
      FloatVector kept = Lanes.load(previous, previousAt + j, rest).mul(f.mul(one.sub(f)));
      grad.mul(kept.sub(g.mul(k.mul(one.sub(k))))).intoArray(gradGates, gradGatesAt + j, rest);
      grad.mul(k).mul(one.sub(g.mul(g))).intoArray(gradGates, gradGatesAt + width + j, rest);
      grad.mul(f).intoArray(gradHidden, gradHiddenAt + j, rest);
    }
  }
}
