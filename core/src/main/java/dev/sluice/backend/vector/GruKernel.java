package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;

/**
 * GRU (Cho et al. 2014) as torch.nn.GRU, with the gates r, z, n, each a row of the hidden width; x is what a gate gets
 * from the input, its bias included:
 *
 * <pre>
 * r, z = sigmoid(.);  m = U_n h + b_hn, n = tanh(x_n + r m);  h' = (1 - z) n + z h
 * dn = dh' (1 - z) (1 - n^2);  dr = dn m r (1 - r);  dz = dh' (h - n) z (1 - z);  dm = dn r;  dh = dh' z
 * </pre>
 *
 * <p>n is kept apart: m is saved. Tails are scalar, with the operations of a lane.
 */
record GruKernel() implements CellKernel {
  @Override
  public boolean carriesHidden() {
    return true;
  }

  @Override
  public boolean keepsApart() {
    return true;
  }

  @Override
  public void forward(int width, float[] gates, int gatesAt, float[] saved, int savedAt, float[] cell, int cellAt,
      float[] hidden, int hiddenAt) {
    GateMath.sigmoid(gates, gatesAt, 2 * width);
    propose(width, gates, gatesAt, saved, savedAt);
    advance(width, gates, gatesAt + width, hidden, hiddenAt);
  }

  /** {@code n = tanh(x_n + r m)}. */
  private static void propose(int width, float[] gates, int gatesAt, float[] saved, int savedAt) {
    int candidate = gatesAt + 2 * width;
    int j = 0;
    for (int end = Lanes.bound(0, width); j < end; j += Lanes.COUNT) {
      FloatVector r = fromArray(SPECIES, gates, gatesAt + j);
      FloatVector x = fromArray(SPECIES, gates, candidate + j);
      VectorMath.tanh(r.fma(fromArray(SPECIES, saved, savedAt + j), x)).intoArray(gates, candidate + j);
    }
    for (; j < width; j++) {
      gates[candidate + j] = VectorMath.tanh(Math.fma(gates[gatesAt + j], saved[savedAt + j], gates[candidate + j]));
    }
  }

  /** {@code h' = (1 - z) n + z h}; n follows z. */
  private static void advance(int width, float[] gates, int update, float[] hidden, int hiddenAt) {
    FloatVector one = broadcast(SPECIES, 1);
    int j = 0;
    for (int end = Lanes.bound(0, width); j < end; j += Lanes.COUNT) {
      FloatVector z = fromArray(SPECIES, gates, update + j);
      FloatVector added = one.sub(z).mul(fromArray(SPECIES, gates, update + width + j));
      z.fma(fromArray(SPECIES, hidden, hiddenAt + j), added).intoArray(hidden, hiddenAt + j);
    }
    for (; j < width; j++) {
      float z = gates[update + j];
      float added = (1 - z) * gates[update + width + j];
      hidden[hiddenAt + j] = Math.fma(z, hidden[hiddenAt + j], added);
    }
  }

  @Override
  public void backward(int width, float[] gates, int gatesAt, float[] saved, int savedAt, float[] previous,
      int previousAt, float[] gradHidden, int gradHiddenAt, float[] gradCell, int gradCellAt, float[] gradGates,
      int gradGatesAt) {
    FloatVector one = broadcast(SPECIES, 1);
    int j = 0;
    for (int end = Lanes.bound(0, width); j < end; j += Lanes.COUNT) {
      FloatVector r = fromArray(SPECIES, gates, gatesAt + j);
      FloatVector z = fromArray(SPECIES, gates, gatesAt + width + j);
      FloatVector n = fromArray(SPECIES, gates, gatesAt + 2 * width + j);
      FloatVector grad = fromArray(SPECIES, gradHidden, gradHiddenAt + j);
      FloatVector proposed = grad.mul(one.sub(z)).mul(n.neg().fma(n, one));
      proposed.mul(fromArray(SPECIES, saved, savedAt + j)).mul(r.mul(one.sub(r))).intoArray(gradGates, gradGatesAt + j);
      grad.mul(fromArray(SPECIES, previous, previousAt + j).sub(n)).mul(z.mul(one.sub(z)))
          .intoArray(gradGates, gradGatesAt + width + j);
      proposed.intoArray(gradGates, gradGatesAt + 2 * width + j);
      proposed.mul(r).intoArray(gradGates, gradGatesAt + 3 * width + j);
      grad.mul(z).intoArray(gradHidden, gradHiddenAt + j);
    }
    for (; j < width; j++) {
      float r = gates[gatesAt + j];
      float z = gates[gatesAt + width + j];
      float n = gates[gatesAt + 2 * width + j];
      float grad = gradHidden[gradHiddenAt + j];
      float proposed = grad * (1 - z) * Math.fma(-n, n, 1);
      gradGates[gradGatesAt + j] = proposed * saved[savedAt + j] * (r * (1 - r));
      gradGates[gradGatesAt + width + j] = grad * (previous[previousAt + j] - n) * (z * (1 - z));
      gradGates[gradGatesAt + 2 * width + j] = proposed;
      gradGates[gradGatesAt + 3 * width + j] = proposed * r;
      gradHidden[gradHiddenAt + j] = grad * z;
    }
  }
}
