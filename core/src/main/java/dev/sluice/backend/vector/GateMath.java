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

  /** {@code x = sigmoid(x)}. */
  static void sigmoid(float[] x, int xAt, int n) {
    int j = 0;
    for (int end = Lanes.bound(0, n); j < end; j += Lanes.COUNT) {
      VectorMath.sigmoid(fromArray(SPECIES, x, xAt + j)).intoArray(x, xAt + j);
    }
    for (; j < n; j++) {
      x[xAt + j] = VectorMath.sigmoid(x[xAt + j]);
    }
  }

  /** {@code x = tanh(x)}. */
  static void tanh(float[] x, int xAt, int n) {
    int j = 0;
    for (int end = Lanes.bound(0, n); j < end; j += Lanes.COUNT) {
      VectorMath.tanh(fromArray(SPECIES, x, xAt + j)).intoArray(x, xAt + j);
    }
    for (; j < n; j++) {
      x[xAt + j] = VectorMath.tanh(x[xAt + j]);
    }
  }

  /** {@code x = max(x, 0)}; NaN stays. */
  static void rectify(float[] x, int xAt, int n) {
    int j = 0;
    for (int end = Lanes.bound(0, n); j < end; j += Lanes.COUNT) {
      FloatVector value = fromArray(SPECIES, x, xAt + j);
      value.blend(0f, value.compare(VectorOperators.LE, 0f)).intoArray(x, xAt + j);
    }
    for (; j < n; j++) {
      x[xAt + j] = rectify(x[xAt + j]);
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

  /** Adds the sum of n columns of so many rows, {@code stride} apart from an offset on, to x. */
  static void addRows(float[] x, int xAt, int n, float[] rows, int from, int count, int stride) {
    int j = 0;
    for (; j <= n - 4 * Lanes.COUNT; j += 4 * Lanes.COUNT) {
      addColumns(x, xAt + j, rows, from + j, count, stride);
    }
    for (; j <= n - Lanes.COUNT; j += Lanes.COUNT) {
      FloatVector sum = zero(SPECIES);
      for (int i = 0; i < count; i++) {
        sum = sum.add(fromArray(SPECIES, rows, from + i * stride + j));
      }
      fromArray(SPECIES, x, xAt + j).add(sum).intoArray(x, xAt + j);
    }
    for (; j < n; j++) {
      float sum = 0;
      for (int i = 0; i < count; i++) {
        sum += rows[from + i * stride + j];
      }
      x[xAt + j] += sum;
    }
  }

  /** Four vectors of columns: whole lines of the cache, and enough of them under way at once. */
  private static void addColumns(float[] x, int xAt, float[] rows, int from, int count, int stride) {
    FloatVector s0 = zero(SPECIES);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    for (int i = 0; i < count; i++) {
      int at = from + i * stride;
      s0 = s0.add(fromArray(SPECIES, rows, at));
      s1 = s1.add(fromArray(SPECIES, rows, at + Lanes.COUNT));
      s2 = s2.add(fromArray(SPECIES, rows, at + 2 * Lanes.COUNT));
      s3 = s3.add(fromArray(SPECIES, rows, at + 3 * Lanes.COUNT));
    }
    fromArray(SPECIES, x, xAt).add(s0).intoArray(x, xAt);
    fromArray(SPECIES, x, xAt + Lanes.COUNT).add(s1).intoArray(x, xAt + Lanes.COUNT);
    fromArray(SPECIES, x, xAt + 2 * Lanes.COUNT).add(s2).intoArray(x, xAt + 2 * Lanes.COUNT);
    fromArray(SPECIES, x, xAt + 3 * Lanes.COUNT).add(s3).intoArray(x, xAt + 3 * Lanes.COUNT);
  }
}
