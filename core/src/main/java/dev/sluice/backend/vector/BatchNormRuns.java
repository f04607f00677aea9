package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.FloatVector.zero;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Passes of batch normalisation over the n inner elements of one channel. What a flag hides is not read, and its result
 * is 0. Tails are scalar, with a lane's bits.
 */
final class BatchNormRuns {
  private BatchNormRuns() {}

  /** {@code sums[c] += sum (x - centre)}, {@code sums[channels + c] += sum (x - centre)^2}. */
  static void addMoments(int n, float[] x, int at, boolean[] flags, int flagsAt, float centre, float[] sums, int c,
      int channels) {
    FloatVector first = zero(SPECIES);
    FloatVector second = zero(SPECIES);
    int i = 0;
    for (int end = Lanes.bound(0, n); i < end; i += Lanes.COUNT) {
      VectorMask<Float> shown = VectorMask.fromArray(Lanes.SPECIES, flags, flagsAt + i);
      FloatVector distance = zero(SPECIES).blend(fromArray(SPECIES, x, at + i, shown).sub(centre), shown);
      first = first.add(distance);
      second = distance.fma(distance, second);
    }
    float sum = Lanes.sum(first);
    float squares = Lanes.sum(second);
    for (; i < n; i++) {
      if (flags[flagsAt + i]) {
        float distance = x[at + i] - centre;
        sum += distance;
        squares = Math.fma(distance, distance, squares);
      }
    }
    sums[c] += sum;
    sums[channels + c] += squares;
  }

  /** {@code sums[c] += sum gradY}, {@code sums[channels + c] += sum gradY (x - centre) scale}. */
  static void addProducts(int n, float[] x, float[] gradY, int at, boolean[] flags, int flagsAt, float centre,
      float scale, float[] sums, int c, int channels) {
    FloatVector first = zero(SPECIES);
    FloatVector second = zero(SPECIES);
    int i = 0;
    for (int end = Lanes.bound(0, n); i < end; i += Lanes.COUNT) {
      VectorMask<Float> shown = VectorMask.fromArray(Lanes.SPECIES, flags, flagsAt + i);
      FloatVector normal = zero(SPECIES).blend(fromArray(SPECIES, x, at + i, shown).sub(centre).mul(scale), shown);
      FloatVector grad = fromArray(SPECIES, gradY, at + i, shown);
      first = first.add(grad);
      second = normal.fma(grad, second);
    }
    float sum = Lanes.sum(first);
    float products = Lanes.sum(second);
    for (; i < n; i++) {
      if (flags[flagsAt + i]) {
        sum += gradY[at + i];
        products = Math.fma((x[at + i] - centre) * scale, gradY[at + i], products);
      }
    }
    sums[c] += sum;
    sums[channels + c] += products;
  }

  /** {@code y = (x - mean) scale + bias}. */
  static void normalize(int n, float[] x, int at, boolean[] flags, int flagsAt, float mean, float scale, float bias,
      float[] y) {
    FloatVector scales = broadcast(SPECIES, scale);
    FloatVector biases = broadcast(SPECIES, bias);
    int i = 0;
    for (int end = Lanes.bound(0, n); i < end; i += Lanes.COUNT) {
      VectorMask<Float> shown = VectorMask.fromArray(Lanes.SPECIES, flags, flagsAt + i);
      FloatVector normal = fromArray(SPECIES, x, at + i, shown).sub(mean).fma(scales, biases);
      zero(SPECIES).blend(normal, shown).intoArray(y, at + i);
    }
    for (; i < n; i++) {
      y[at + i] = flags[flagsAt + i] ? Math.fma(x[at + i] - mean, scale, bias) : 0;
    }
  }

  /** {@code gradX = gradY scale}: the statistics are given. */
  static void scale(int n, float[] gradY, int at, boolean[] flags, int flagsAt, float scale, float[] gradX) {
    int i = 0;
    for (int end = Lanes.bound(0, n); i < end; i += Lanes.COUNT) {
      VectorMask<Float> shown = VectorMask.fromArray(Lanes.SPECIES, flags, flagsAt + i);
      zero(SPECIES).blend(fromArray(SPECIES, gradY, at + i, shown).mul(scale), shown).intoArray(gradX, at + i);
    }
    for (; i < n; i++) {
      gradX[at + i] = flags[flagsAt + i] ? gradY[at + i] * scale : 0;
    }
  }

  /** {@code gradX = (gradY - shift - (x - mean) slope) scale}: the statistics are those of x. */
  static void gradient(int n, float[] x, float[] gradY, int at, boolean[] flags, int flagsAt, float mean, float shift,
      float slope, float scale, float[] gradX) {
    FloatVector slopes = broadcast(SPECIES, slope);
    int i = 0;
    for (int end = Lanes.bound(0, n); i < end; i += Lanes.COUNT) {
      VectorMask<Float> shown = VectorMask.fromArray(Lanes.SPECIES, flags, flagsAt + i);
      FloatVector distance = fromArray(SPECIES, x, at + i, shown).sub(mean);
      FloatVector grad = fromArray(SPECIES, gradY, at + i, shown).sub(shift);
      zero(SPECIES).blend(distance.neg().fma(slopes, grad).mul(scale), shown).intoArray(gradX, at + i);
    }
    for (; i < n; i++) {
      float grad = gradY[at + i] - shift;
      gradX[at + i] = flags[flagsAt + i] ? Math.fma(-(x[at + i] - mean), slope, grad) * scale : 0;
    }
  }
}
