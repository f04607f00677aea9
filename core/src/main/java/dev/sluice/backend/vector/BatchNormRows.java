package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;

/** Passes of batch normalisation over one row of n channels. Tails are scalar, with a lane's bits. */
final class BatchNormRows {
  private BatchNormRows() {}

  /** {@code sums[c] += x - centre}, {@code sums[n + c] += (x - centre)^2}. */
  static void addMoments(int n, float[] x, int at, float[] centre, float[] sums) {
    int c = 0;
    for (int end = Lanes.bound(0, n); c < end; c += Lanes.COUNT) {
      FloatVector distance = fromArray(SPECIES, x, at + c).sub(fromArray(SPECIES, centre, c));
      fromArray(SPECIES, sums, c).add(distance).intoArray(sums, c);
      distance.fma(distance, fromArray(SPECIES, sums, n + c)).intoArray(sums, n + c);
    }
    for (; c < n; c++) {
      float distance = x[at + c] - centre[c];
      sums[c] += distance;
      sums[n + c] = Math.fma(distance, distance, sums[n + c]);
    }
  }

  /** {@code sums[c] += gradY}, {@code sums[n + c] += gradY (x - centre) scale}. */
  static void addProducts(int n, float[] x, float[] gradY, int at, float[] centre, float[] scale, float[] sums) {
    int c = 0;
    for (int end = Lanes.bound(0, n); c < end; c += Lanes.COUNT) {
      FloatVector grad = fromArray(SPECIES, gradY, at + c);
      FloatVector distance = fromArray(SPECIES, x, at + c).sub(fromArray(SPECIES, centre, c));
      fromArray(SPECIES, sums, c).add(grad).intoArray(sums, c);
      distance.mul(fromArray(SPECIES, scale, c)).fma(grad, fromArray(SPECIES, sums, n + c)).intoArray(sums, n + c);
    }
    for (; c < n; c++) {
      float grad = gradY[at + c];
      sums[c] += grad;
      sums[n + c] = Math.fma((x[at + c] - centre[c]) * scale[c], grad, sums[n + c]);
    }
  }

  /** {@code y = (x - mean) scale + bias}. */
  static void normalize(int n, float[] x, int at, float[] mean, float[] scale, float[] bias, float[] y) {
    int c = 0;
    for (int end = Lanes.bound(0, n); c < end; c += Lanes.COUNT) {
      FloatVector distance = fromArray(SPECIES, x, at + c).sub(fromArray(SPECIES, mean, c));
      distance.fma(fromArray(SPECIES, scale, c), fromArray(SPECIES, bias, c)).intoArray(y, at + c);
    }
    for (; c < n; c++) {
      y[at + c] = Math.fma(x[at + c] - mean[c], scale[c], bias[c]);
    }
  }

  /** {@code gradX = gradY scale}: the statistics are given. */
  static void scale(int n, float[] gradY, int at, float[] scale, float[] gradX) {
    int c = 0;
    for (int end = Lanes.bound(0, n); c < end; c += Lanes.COUNT) {
      fromArray(SPECIES, gradY, at + c).mul(fromArray(SPECIES, scale, c)).intoArray(gradX, at + c);
    }
    for (; c < n; c++) {
      gradX[at + c] = gradY[at + c] * scale[c];
    }
  }

  /** {@code gradX = (gradY - shift - (x - mean) slope) scale}: the statistics are those of x. */
  static void gradient(int n, float[] x, float[] gradY, int at, float[] mean, float[] shift, float[] slope,
      float[] scale, float[] gradX) {
    int c = 0;
    for (int end = Lanes.bound(0, n); c < end; c += Lanes.COUNT) {
      FloatVector distance = fromArray(SPECIES, x, at + c).sub(fromArray(SPECIES, mean, c));
      FloatVector grad = fromArray(SPECIES, gradY, at + c).sub(fromArray(SPECIES, shift, c));
      distance.neg().fma(fromArray(SPECIES, slope, c), grad).mul(fromArray(SPECIES, scale, c)).intoArray(gradX, at + c);
    }
    for (; c < n; c++) {
      float grad = gradY[at + c] - shift[c];
      gradX[at + c] = Math.fma(-(x[at + c] - mean[c]), slope[c], grad) * scale[c];
    }
  }
}
