package dev.sluice.backend.vector;

import jdk.incubator.vector.FloatVector;

/** Passes of batch normalisation over one row of n channels. Tails are scalar, with a lane's bits. */
final class BatchNormRows {
  private BatchNormRows() {}

  /** {@code sums[c] += x - centre}, {@code sums[n + c] += (x - centre)^2}. */
  static void addMoments(int n, float[] x, int at, float[] centre, float[] sums) {
    int c = 0;
    for (int end = Lanes.bound(0, n); c < end; c += Lanes.COUNT) {
      FloatVector distance = Lanes.load(x, at + c).sub(Lanes.load(centre, c));
      Lanes.load(sums, c).add(distance).intoArray(sums, c);
      distance.fma(distance, Lanes.load(sums, n + c)).intoArray(sums, n + c);
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
      FloatVector grad = Lanes.load(gradY, at + c);
      FloatVector distance = Lanes.load(x, at + c).sub(Lanes.load(centre, c));
      Lanes.load(sums, c).add(grad).intoArray(sums, c);
      distance.mul(Lanes.load(scale, c)).fma(grad, Lanes.load(sums, n + c)).intoArray(sums, n + c);
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
      FloatVector distance = Lanes.load(x, at + c).sub(Lanes.load(mean, c));
      distance.fma(Lanes.load(scale, c), Lanes.load(bias, c)).intoArray(y, at + c);
    }
    for (; c < n; c++) {
      y[at + c] = Math.fma(x[at + c] - mean[c], scale[c], bias[c]);
    }
  }

  /** {@code gradX = gradY scale}: the statistics are given. */
  static void scale(int n, float[] gradY, int at, float[] scale, float[] gradX) {
    int c = 0;
    for (int end = Lanes.bound(0, n); c < end; c += Lanes.COUNT) {
      Lanes.load(gradY, at + c).mul(Lanes.load(scale, c)).intoArray(gradX, at + c);
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
      FloatVector distance = Lanes.load(x, at + c).sub(Lanes.load(mean, c));
      FloatVector grad = Lanes.load(gradY, at + c).sub(Lanes.load(shift, c));
      distance.neg().fma(Lanes.load(slope, c), grad).mul(Lanes.load(scale, c)).intoArray(gradX, at + c);
    }
    for (; c < n; c++) {
      float grad = gradY[at + c] - shift[c];
      gradX[at + c] = Math.fma(-(x[at + c] - mean[c]), slope[c], grad) * scale[c];
    }
  }
}
