package dev.sluice.backend.vector;

import jdk.incubator.vector.VectorMask;

/** What the recurrences do to runs of elements: each in place, on its first array. */
final class GateMath {
  private GateMath() {}

  /** {@code x = sigmoid(x + y)}. */
  static void sigmoidOfSum(float[] x, int xAt, float[] y, int yAt, int n) {
    int j = 0;
    for (int end = Lanes.bound(0, n); j < end; j += Lanes.COUNT) {
      VectorMath.sigmoid(Lanes.load(x, xAt + j).add(Lanes.load(y, yAt + j))).intoArray(x, xAt + j);
    }
    if (j < n) {
      VectorMask<Float> rest = Lanes.tail(j, n);
      VectorMath.sigmoid(Lanes.load(x, xAt + j, rest).add(Lanes.load(y, yAt + j, rest))).intoArray(x, xAt + j, rest);
    }
  }

  /** {@code x = tanh(x + y)}. */
  static void tanhOfSum(float[] x, int xAt, float[] y, int yAt, int n) {
    int j = 0;
    for (int end = Lanes.bound(0, n); j < end; j += Lanes.COUNT) {
      VectorMath.tanh(Lanes.load(x, xAt + j).add(Lanes.load(y, yAt + j))).intoArray(x, xAt + j);
    }
    if (j < n) {
      VectorMask<Float> rest = Lanes.tail(j, n);
      VectorMath.tanh(Lanes.load(x, xAt + j, rest).add(Lanes.load(y, yAt + j, rest))).intoArray(x, xAt + j, rest);
    }
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
