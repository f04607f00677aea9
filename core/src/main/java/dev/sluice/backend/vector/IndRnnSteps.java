package dev.sluice.backend.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** One step of n neighbouring neurons of an IndRNN, and its way back. Tails are scalar, with a lane's bits. */
final class IndRnnSteps {
  private IndRnnSteps() {}

  /** {@code output = max(x + u before, 0)}; NaN stays. */
  static void rectify(int n, float[] x, int at, float[] u, int uAt, float[] before, int beforeAt, float[] output) {
    int j = 0;
    for (int end = Lanes.bound(0, n); j < end; j += Lanes.COUNT) {
      FloatVector sum = Lanes.load(u, uAt + j).fma(Lanes.load(before, beforeAt + j), Lanes.load(x, at + j));
      sum.blend(0f, sum.compare(VectorOperators.LE, 0f)).intoArray(output, at + j);
    }
    for (; j < n; j++) {
      output[at + j] = GateMath.rectify(Math.fma(u[uAt + j], before[beforeAt + j], x[at + j]));
    }
  }

  /** {@code output = tanh(x + u before)}. */
  static void squash(int n, float[] x, int at, float[] u, int uAt, float[] before, int beforeAt, float[] output) {
    int j = 0;
    for (int end = Lanes.bound(0, n); j < end; j += Lanes.COUNT) {
      FloatVector sum = Lanes.load(u, uAt + j).fma(Lanes.load(before, beforeAt + j), Lanes.load(x, at + j));
      VectorMath.tanh(sum).intoArray(output, at + j);
    }
    for (; j < n; j++) {
      output[at + j] = VectorMath.tanh(Math.fma(u[uAt + j], before[beforeAt + j], x[at + j]));
    }
  }

  /** {@code sums += gradX before}, {@code carry = u gradX}. */
  static void carry(int n, float[] gradX, int at, float[] u, int uAt, float[] before, int beforeAt, float[] carry,
      float[] sums, int stateAt) {
    int j = 0;
    for (int end = Lanes.bound(0, n); j < end; j += Lanes.COUNT) {
      FloatVector d = Lanes.load(gradX, at + j);
      d.fma(Lanes.load(before, beforeAt + j), Lanes.load(sums, stateAt + j)).intoArray(sums, stateAt + j);
      d.mul(Lanes.load(u, uAt + j)).intoArray(carry, stateAt + j);
    }
    for (; j < n; j++) {
      float d = gradX[at + j];
      sums[stateAt + j] = Math.fma(d, before[beforeAt + j], sums[stateAt + j]);
      carry[stateAt + j] = d * u[uAt + j];
    }
  }
}
