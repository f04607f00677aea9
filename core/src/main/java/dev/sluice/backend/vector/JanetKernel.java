package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;

/**
 * JANET (van der Westhuizen and Lasenby, arXiv 1804.04849) with the gates s (forget) and g (candidate), each a row of
 * the hidden width:
 *
 * <pre>
 * f = sigmoid(s), k = 1 - sigmoid(s - beta) = sigmoid(beta - s), g = tanh(.);  h' = f h + k g
 * ds = dh' (h f (1 - f) - g k (1 - k));  dg = dh' k (1 - g^2);  dh = dh' f
 * </pre>
 *
 * <p>The gates become f and g; k is saved. Tails are scalar, with the operations of a lane.
 *
 * @param beta the surplus of accumulation over forgetting
 */
record JanetKernel(float beta) implements CellKernel {
  @Override
  public boolean carriesHidden() {
    return true;
  }

  @Override
  public void forward(int width, float[] gates, int gatesAt, float[] saved, int savedAt, float[] cell, int cellAt,
      float[] hidden, int hiddenAt) {
    accumulate(width, beta, gates, gatesAt, saved, savedAt);
    GateMath.sigmoid(gates, gatesAt, width);
    GateMath.tanh(gates, gatesAt + width, width);
    advance(width, gates, gatesAt, saved, savedAt, hidden, hiddenAt);
  }

  /** {@code k = sigmoid(beta - s)}. */
  private static void accumulate(int width, float beta, float[] gates, int gatesAt, float[] saved, int savedAt) {
    FloatVector surplus = broadcast(SPECIES, beta);
    int j = 0;
    for (int end = Lanes.bound(0, width); j < end; j += Lanes.COUNT) {
      VectorMath.sigmoid(surplus.sub(fromArray(SPECIES, gates, gatesAt + j))).intoArray(saved, savedAt + j);
    }
    for (; j < width; j++) {
      saved[savedAt + j] = VectorMath.sigmoid(beta - gates[gatesAt + j]);
    }
  }

  private static void advance(int width, float[] gates, int gatesAt, float[] saved, int savedAt, float[] hidden,
      int hiddenAt) {
    int j = 0;
    for (int end = Lanes.bound(0, width); j < end; j += Lanes.COUNT) {
      FloatVector added = fromArray(SPECIES, saved, savedAt + j).mul(fromArray(SPECIES, gates, gatesAt + width + j));
      fromArray(SPECIES, gates, gatesAt + j).fma(fromArray(SPECIES, hidden, hiddenAt + j), added)
          .intoArray(hidden, hiddenAt + j);
    }
    for (; j < width; j++) {
      float added = saved[savedAt + j] * gates[gatesAt + width + j];
      hidden[hiddenAt + j] = Math.fma(gates[gatesAt + j], hidden[hiddenAt + j], added);
    }
  }

  @Override
  public void backward(int width, float[] gates, int gatesAt, float[] saved, int savedAt, float[] previous,
      int previousAt, float[] gradHidden, int gradHiddenAt, float[] gradCell, int gradCellAt, float[] gradGates,
      int gradGatesAt) {
    FloatVector one = broadcast(SPECIES, 1);
    int j = 0;
    for (int end = Lanes.bound(0, width); j < end; j += Lanes.COUNT) {
      FloatVector f = fromArray(SPECIES, gates, gatesAt + j);
      FloatVector g = fromArray(SPECIES, gates, gatesAt + width + j);
      FloatVector k = fromArray(SPECIES, saved, savedAt + j);
      FloatVector grad = fromArray(SPECIES, gradHidden, gradHiddenAt + j);
      FloatVector kept = fromArray(SPECIES, previous, previousAt + j).mul(f.mul(one.sub(f)));
      grad.mul(kept.sub(g.mul(k.mul(one.sub(k))))).intoArray(gradGates, gradGatesAt + j);
      grad.mul(k).mul(one.sub(g.mul(g))).intoArray(gradGates, gradGatesAt + width + j);
      grad.mul(f).intoArray(gradHidden, gradHiddenAt + j);
    }
    for (; j < width; j++) {
      float f = gates[gatesAt + j];
      float g = gates[gatesAt + width + j];
      float k = saved[savedAt + j];
      float grad = gradHidden[gradHiddenAt + j];
      float kept = previous[previousAt + j] * (f * (1 - f));
      gradGates[gradGatesAt + j] = grad * (kept - g * (k * (1 - k)));
      gradGates[gradGatesAt + width + j] = grad * k * (1 - g * g);
      gradHidden[gradHiddenAt + j] = grad * f;
    }
  }
}
