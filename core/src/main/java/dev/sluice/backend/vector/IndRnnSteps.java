package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * A step of n neighbouring neurons of an IndRNN, and its way back. Tails are scalar, with a lane's bits.
 *
 * <p>The rectified cell does so little that reading and writing its state takes most of the time: {@link #BLOCK} steps
 * at once keep it in registers. They are the same operations in the same order.
 */
final class IndRnnSteps {
  /** Steps that are taken at once: more would be more streams than a core fetches ahead. */
  static final int BLOCK = 4;

  private IndRnnSteps() {}

  /** {@link #rectify} of four steps, each one stride after the other. */
  static void rectifyBlock(int n, float[] x, int at, int stride, float[] u, int uAt, float[] before, int beforeAt,
      float[] output) {
    int end = Lanes.bound(0, n);
    for (int j = 0; j < end; j += Lanes.COUNT) {
      FloatVector factor = fromArray(SPECIES, u, uAt + j);
      FloatVector h = factor.fma(fromArray(SPECIES, before, beforeAt + j), fromArray(SPECIES, x, at + j));
      h = h.blend(0f, h.compare(VectorOperators.LE, 0f));
      h.intoArray(output, at + j);
      h = factor.fma(h, fromArray(SPECIES, x, at + stride + j));
      h = h.blend(0f, h.compare(VectorOperators.LE, 0f));
      h.intoArray(output, at + stride + j);
      h = factor.fma(h, fromArray(SPECIES, x, at + 2 * stride + j));
      h = h.blend(0f, h.compare(VectorOperators.LE, 0f));
      h.intoArray(output, at + 2 * stride + j);
      h = factor.fma(h, fromArray(SPECIES, x, at + 3 * stride + j));
      h = h.blend(0f, h.compare(VectorOperators.LE, 0f));
      h.intoArray(output, at + 3 * stride + j);
    }
    for (int step = 0; step < BLOCK; step++) {
      rectifyTail(end, n, x, at + step * stride, u, uAt, step == 0 ? before : output,
          step == 0 ? beforeAt : at + (step - 1) * stride, output);
    }
  }

  /** {@code output = max(x + u before, 0)}; NaN stays. */
  static void rectify(int n, float[] x, int at, float[] u, int uAt, float[] before, int beforeAt, float[] output) {
    int j = 0;
    for (int end = Lanes.bound(0, n); j < end; j += Lanes.COUNT) {
      FloatVector sum = fromArray(SPECIES, u, uAt + j)
          .fma(fromArray(SPECIES, before, beforeAt + j), fromArray(SPECIES, x, at + j));
      sum.blend(0f, sum.compare(VectorOperators.LE, 0f)).intoArray(output, at + j);
    }
    rectifyTail(j, n, x, at, u, uAt, before, beforeAt, output);
  }

  private static void rectifyTail(int from, int n, float[] x, int at, float[] u, int uAt, float[] before, int beforeAt,
      float[] output) {
    for (int j = from; j < n; j++) {
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
    throughMaximumTail(j, n, output, at, before, beforeAt, arriving, arrivingAt, u, uAt, carry, sums, stateAt, gradX);
  }

  private static void throughMaximumTail(int from, int n, float[] output, int at, float[] before, int beforeAt,
      float[] arriving, int arrivingAt, float[] u, int uAt, float[] carry, float[] sums, int stateAt, float[] gradX) {
    for (int j = from; j < n; j++) {
      float slope = output[at + j] > 0 ? 1 : output[at + j];
      float grad = carry[stateAt + j] + arriving[arrivingAt + j];
      pass(slope * grad, before, beforeAt + j, u, uAt + j, carry, sums, stateAt + j, gradX, at + j);
    }
  }

  /**
   * {@link #throughMaximum} of four steps, from the last, which is three strides after the one at the offsets, to that.
   *
   * @param before what holds the state before the first of them
   * @param arrivingStride from one step to the next of what arrives; 0 where that is the same zeros
   */
  static void throughMaximumBlock(int n, float[] output, int at, int stride, float[] before, int beforeAt,
      float[] arriving, int arrivingAt, int arrivingStride, float[] u, int uAt, float[] carry, float[] sums,
      int stateAt, float[] gradX) {
    int end = Lanes.bound(0, n);
    for (int j = 0; j < end; j += Lanes.COUNT) {
      FloatVector factor = fromArray(SPECIES, u, uAt + j);
      FloatVector carried = fromArray(SPECIES, carry, stateAt + j);
      FloatVector sum = fromArray(SPECIES, sums, stateAt + j);
      FloatVector value = fromArray(SPECIES, output, at + 3 * stride + j);
      FloatVector earlier = fromArray(SPECIES, output, at + 2 * stride + j);
      FloatVector d = value.blend(1f, value.compare(VectorOperators.GT, 0f))
          .mul(carried.add(fromArray(SPECIES, arriving, arrivingAt + 3 * arrivingStride + j)));
      d.intoArray(gradX, at + 3 * stride + j);
      sum = d.fma(earlier, sum);
      carried = d.mul(factor);
      value = earlier;
      earlier = fromArray(SPECIES, output, at + stride + j);
      d = value.blend(1f, value.compare(VectorOperators.GT, 0f))
          .mul(carried.add(fromArray(SPECIES, arriving, arrivingAt + 2 * arrivingStride + j)));
      d.intoArray(gradX, at + 2 * stride + j);
      sum = d.fma(earlier, sum);
      carried = d.mul(factor);
      value = earlier;
      earlier = fromArray(SPECIES, output, at + j);
      d = value.blend(1f, value.compare(VectorOperators.GT, 0f))
          .mul(carried.add(fromArray(SPECIES, arriving, arrivingAt + arrivingStride + j)));
      d.intoArray(gradX, at + stride + j);
      sum = d.fma(earlier, sum);
      carried = d.mul(factor);
      value = earlier;
      d = value.blend(1f, value.compare(VectorOperators.GT, 0f))
          .mul(carried.add(fromArray(SPECIES, arriving, arrivingAt + j)));
      d.intoArray(gradX, at + j);
      d.fma(fromArray(SPECIES, before, beforeAt + j), sum).intoArray(sums, stateAt + j);
      d.mul(factor).intoArray(carry, stateAt + j);
    }
    for (int step = BLOCK - 1; step >= 0; step--) {
      throughMaximumTail(end, n, output, at + step * stride, step == 0 ? before : output,
          step == 0 ? beforeAt : at + (step - 1) * stride, arriving, arrivingAt + step * arrivingStride, u, uAt, carry,
          sums, stateAt, gradX);
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
