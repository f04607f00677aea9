package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** One step of n neighbouring neurons of an IndRNN, and its way back. Tails are scalar, with a lane's bits. */
final class IndRnnSteps {
  private IndRnnSteps() {}

  /** {@code output = max(x + u before, 0)}; NaN stays. */
  static void rectify(int n, float[] x, int at, float[] u, int uAt, float[] before, int beforeAt, float[] output) {
    int j = 0;
    for (int end = Lanes.bound(0, n); j < end; j += Lanes.COUNT) {
      FloatVector sum = fromArray(SPECIES, u, uAt + j)
          .fma(fromArray(SPECIES, before, beforeAt + j), fromArray(SPECIES, x, at + j));
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
      FloatVector sum = fromArray(SPECIES, u, uAt + j)
          .fma(fromArray(SPECIES, before, beforeAt + j), fromArray(SPECIES, x, at + j));
      VectorMath.tanh(sum).intoArray(output, at + j);
    }
    for (; j < n; j++) {
      output[at + j] = VectorMath.tanh(Math.fma(u[uAt + j], before[beforeAt + j], x[at + j]));
    }
  }

  /**
   * The way back through max: {@code d = (carry + arriving) (output > 0)}, {@code gradX = d}, {@code sums += d before},
   * {@code carry = u d}.
   */
  static void throughMaximum(int n, float[] output, int at, float[] before, int beforeAt, float[] arriving,
      int arrivingAt, float[] u, int uAt, float[] carry, float[] sums, int stateAt, float[] gradX) {
    int j = 0;
    for (int end = Lanes.bound(0, n); j < end; j += Lanes.COUNT) {
      // The output is never negative: only a positive one is replaced, so that 0 and NaN are their own slopes.
      FloatVector value = fromArray(SPECIES, output, at + j);
      FloatVector slope = value.blend(1f, value.compare(VectorOperators.GT, 0f));
      FloatVector grad = fromArray(SPECIES, carry, stateAt + j).add(fromArray(SPECIES, arriving, arrivingAt + j));
      pass(slope.mul(grad), before, beforeAt + j, u, uAt + j, carry, sums, stateAt + j, gradX, at + j);
    }
    for (; j < n; j++) {
      float slope = output[at + j] > 0 ? 1 : output[at + j];
      float grad = carry[stateAt + j] + arriving[arrivingAt + j];
      pass(slope * grad, before, beforeAt + j, u, uAt + j, carry, sums, stateAt + j, gradX, at + j);
    }
  }

  /** The way back through tanh: the same with {@code d = (carry + arriving) (1 - output^2)}. */
  static void throughTanh(int n, float[] output, int at, float[] before, int beforeAt, float[] arriving,
      int arrivingAt, float[] u, int uAt, float[] carry, float[] sums, int stateAt, float[] gradX) {
    FloatVector one = broadcast(SPECIES, 1f);
    int j = 0;
    for (int end = Lanes.bound(0, n); j < end; j += Lanes.COUNT) {
      FloatVector value = fromArray(SPECIES, output, at + j);
      FloatVector slope = value.neg().fma(value, one);
      FloatVector grad = fromArray(SPECIES, carry, stateAt + j).add(fromArray(SPECIES, arriving, arrivingAt + j));
      pass(slope.mul(grad), before, beforeAt + j, u, uAt + j, carry, sums, stateAt + j, gradX, at + j);
    }
    for (; j < n; j++) {
      float slope = Math.fma(-output[at + j], output[at + j], 1);
      float grad = carry[stateAt + j] + arriving[arrivingAt + j];
      pass(slope * grad, before, beforeAt + j, u, uAt + j, carry, sums, stateAt + j, gradX, at + j);
    }
  }

  private static void pass(FloatVector d, float[] before, int beforeAt, float[] u, int uAt, float[] carry,
      float[] sums, int stateAt, float[] gradX, int at) {
    d.intoArray(gradX, at);
    d.fma(fromArray(SPECIES, before, beforeAt), fromArray(SPECIES, sums, stateAt)).intoArray(sums, stateAt);
    d.mul(fromArray(SPECIES, u, uAt)).intoArray(carry, stateAt);
  }

  private static void pass(float d, float[] before, int beforeAt, float[] u, int uAt, float[] carry, float[] sums,
      int stateAt, float[] gradX, int at) {
    gradX[at] = d;
    sums[stateAt] = Math.fma(d, before[beforeAt], sums[stateAt]);
    carry[stateAt] = d * u[uAt];
  }
}
