package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.FloatVector.zero;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** What the recurrences do to runs of elements, in place on the first array. Tails are scalar, with a lane's bits. */
final class GateMath {
  private GateMath() {}

  /** {@code x = sigmoid(x + y)}. */
  static void sigmoidOfSum(float[] x, int xAt, float[] y, int yAt, int n) {
    int j = 0;
    for (int end = Lanes.bound(0, n); j < end; j += Lanes.COUNT) {
      VectorMath.sigmoid(fromArray(SPECIES, x, xAt + j).add(fromArray(SPECIES, y, yAt + j))).intoArray(x, xAt + j);
    }
    for (; j < n; j++) {
      x[xAt + j] = VectorMath.sigmoid(x[xAt + j] + y[yAt + j]);
    }
  }

  /** {@code x = tanh(x + y)}. */
  static void tanhOfSum(float[] x, int xAt, float[] y, int yAt, int n) {
    int j = 0;
    for (int end = Lanes.bound(0, n); j < end; j += Lanes.COUNT) {
      VectorMath.tanh(fromArray(SPECIES, x, xAt + j).add(fromArray(SPECIES, y, yAt + j))).intoArray(x, xAt + j);
    }
    for (; j < n; j++) {
      x[xAt + j] = VectorMath.tanh(x[xAt + j] + y[yAt + j]);
    }
  }

  /** {@code x = max(x + y, 0)}; NaN stays. */
  static void rectifySum(float[] x, int xAt, float[] y, int yAt, int n) {
    int j = 0;
    for (int end = Lanes.bound(0, n); j < end; j += Lanes.COUNT) {
      FloatVector sum = fromArray(SPECIES, x, xAt + j).add(fromArray(SPECIES, y, yAt + j));
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

  /** {@code gradX = gradY (y > 0)} by the value {@code y = max(x, 0)}. */
  static void throughMaximum(float[] y, int yAt, float[] gradY, int gradYAt, float[] gradX, int gradXAt, int n) {
    FloatVector one = broadcast(SPECIES, 1);
    int j = 0;
    for (int end = Lanes.bound(0, n); j < end; j += Lanes.COUNT) {
      // y is never negative: only a positive one is replaced, so that 0 and NaN are their own slopes.
      FloatVector value = fromArray(SPECIES, y, yAt + j);
      FloatVector slope = value.blend(one, value.compare(VectorOperators.GT, 0f));
      slope.mul(fromArray(SPECIES, gradY, gradYAt + j)).intoArray(gradX, gradXAt + j);
    }
    for (; j < n; j++) {
      gradX[gradXAt + j] = (y[yAt + j] > 0 ? 1 : y[yAt + j]) * gradY[gradYAt + j];
    }
  }

  /** {@code gradX = gradY (1 - y^2)} by the value {@code y = tanh(x)}. */
  static void throughTanh(float[] y, int yAt, float[] gradY, int gradYAt, float[] gradX, int gradXAt, int n) {
    FloatVector one = broadcast(SPECIES, 1);
    int j = 0;
    for (int end = Lanes.bound(0, n); j < end; j += Lanes.COUNT) {
      FloatVector value = fromArray(SPECIES, y, yAt + j);
      value.neg().fma(value, one).mul(fromArray(SPECIES, gradY, gradYAt + j)).intoArray(gradX, gradXAt + j);
    }
    for (; j < n; j++) {
      gradX[gradXAt + j] = Math.fma(-y[yAt + j], y[yAt + j], 1) * gradY[gradYAt + j];
    }
  }

  /** {@code x = x + y}. */
  static void add(float[] x, int xAt, float[] y, int yAt, int n) {
    int j = 0;
    for (int end = Lanes.bound(0, n); j < end; j += Lanes.COUNT) {
      fromArray(SPECIES, x, xAt + j).add(fromArray(SPECIES, y, yAt + j)).intoArray(x, xAt + j);
    }
    for (; j < n; j++) {
      x[xAt + j] += y[yAt + j];
    }
  }

  /** Adds the sum of rows of n elements, one after the other, to x. */
  static void addRows(float[] x, int xAt, float[] rows, int count, int n) {
    int j = 0;
    for (int end = Lanes.bound(0, n); j < end; j += Lanes.COUNT) {
      FloatVector sum = zero(SPECIES);
      for (int i = 0; i < count; i++) {
        sum = sum.add(fromArray(SPECIES, rows, i * n + j));
      }
      fromArray(SPECIES, x, xAt + j).add(sum).intoArray(x, xAt + j);
    }
    for (; j < n; j++) {
      float sum = 0;
      for (int i = 0; i < count; i++) {
        sum += rows[i * n + j];
      }
      x[xAt + j] += sum;
    }
  }
}
