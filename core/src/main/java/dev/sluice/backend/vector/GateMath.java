package dev.sluice.backend.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** What the recurrences do to runs of elements, in place on the first array. Tails are scalar, with a lane's bits. */
final class GateMath {
  private GateMath() {}

  /** {@code x = sigmoid(x + y)}. */
  static void sigmoidOfSum(float[] x, int xAt, float[] y, int yAt, int n) {
    int j = 0;
    for (int end = Lanes.bound(0, n); j < end; j += Lanes.COUNT) {
      VectorMath.sigmoid(Lanes.load(x, xAt + j).add(Lanes.load(y, yAt + j))).intoArray(x, xAt + j);
    }
    for (; j < n; j++) {
      x[xAt + j] = VectorMath.sigmoid(x[xAt + j] + y[yAt + j]);
    }
  }

  /** {@code x = tanh(x + y)}. */
  static void tanhOfSum(float[] x, int xAt, float[] y, int yAt, int n) {
    int j = 0;
    for (int end = Lanes.bound(0, n); j < end; j += Lanes.COUNT) {
      VectorMath.tanh(Lanes.load(x, xAt + j).add(Lanes.load(y, yAt + j))).intoArray(x, xAt + j);
    }
    for (; j < n; j++) {
      x[xAt + j] = VectorMath.tanh(x[xAt + j] + y[yAt + j]);
    }
  }

  /** {@code x = max(x + y, 0)}; NaN stays. */
  static void rectifySum(float[] x, int xAt, float[] y, int yAt, int n) {
    int j = 0;
    for (int end = Lanes.bound(0, n); j < end; j += Lanes.COUNT) {
      FloatVector sum = Lanes.load(x, xAt + j).add(Lanes.load(y, yAt + j));
      sum.blend(0f, sum.compare(VectorOperators.LE, 0f)).intoArray(x, xAt + j);
    }
    for (; j < n; j++) {
      x[xAt + j] = rectify(x[xAt + j] + y[yAt + j]);
    }
  }

  /** {@code max(x, 0)}; NaN stays. */
  static float rectify(float x) {
    return x <= 0 ? 0 : x;
  }

  /** The derivative of {@code max(x, 0)} by its value: 1 above 0, 0 at 0, NaN of NaN. */
  static float rectifierSlope(float value) {
    return value > 0 ? 1 : value;
  }

  /** {@code x = x + y}. */
  static void add(float[] x, int xAt, float[] y, int yAt, int n) {
    int j = 0;
    for (int end = Lanes.bound(0, n); j < end; j += Lanes.COUNT) {
      Lanes.load(x, xAt + j).add(Lanes.load(y, yAt + j)).intoArray(x, xAt + j);
    }
    for (; j < n; j++) {
      x[xAt + j] += y[yAt + j];
    }
  }
}
