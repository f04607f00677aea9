package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Lanes.COUNT;
import static dev.sluice.backend.vector.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.FloatVector.zero;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Sparsemax of one row: {@code y = max(x - tau, 0)}. From below, where more than 1 is left, tau goes by Newton's method
 * to {@code (sum x - 1) / count} of the elements above it, until no more of them fall out (Michelot: A finite algorithm
 * for finding the projection of a point onto the canonical simplex, 1986).
 */
final class Sparsemax {
  private Sparsemax() {}

  /** Of n elements, those of no part being negative infinity; y may be x. */
  static void forward(float[] x, int at, int n, float[] y) {
    float max = Rows.max(x, at, n);
    float shift = max == Float.NEGATIVE_INFINITY ? 0 : max;
    float[] sum = {0};
    int support = n + 1;
    float tau = -1;
    for (int above = above(x, at, n, shift, tau, sum); above > 0 && above < support; ) {
      support = above;
      tau = Math.max(tau, (sum[0] - 1) / support);
      above = above(x, at, n, shift, tau, sum);
    }
    if (Float.isNaN(sum[0])) {
      Arrays.fill(y, at, at + n, Float.NaN);
    } else {
      project(x, at, n, shift, tau, y);
    }
  }

  /** How many elements, less shift, are above a bound, and their sum; NaN is among them. */
  private static int above(float[] x, int at, int n, float shift, float bound, float[] sum) {
    FloatVector most = broadcast(SPECIES, bound);
    FloatVector part = zero(SPECIES);
    int count = 0;
    int i = 0;
    for (; i <= n - COUNT; i += COUNT) {
      FloatVector v = fromArray(SPECIES, x, at + i).sub(shift);
      VectorMask<Float> above = v.compare(VectorOperators.LE, most).not();
      part = part.add(zero(SPECIES).blend(v, above));
      count += above.trueCount();
    }
    float total = Lanes.sum(part);
    for (; i < n; i++) {
      float v = x[at + i] - shift;
      if (!(v <= bound)) {
        total += v;
        count++;
      }
    }
    sum[0] = total;
    return count;
  }

  private static void project(float[] x, int at, int n, float shift, float tau, float[] y) {
    int i = 0;
    for (; i <= n - COUNT; i += COUNT) {
      fromArray(SPECIES, x, at + i).sub(shift).sub(tau).max(0).intoArray(y, at + i);
    }
    for (; i < n; i++) {
      y[at + i] = Math.max(x[at + i] - shift - tau, 0);
    }
  }

  /** {@code gradX = gradY - mean(gradY)} where y is not 0, else 0; what is hidden by a y of 0 is not read. */
  static void backward(float[] y, float[] gradY, int at, int n, float[] gradX) {
    FloatVector part = zero(SPECIES);
    int count = 0;
    int i = 0;
    for (; i <= n - COUNT; i += COUNT) {
      VectorMask<Float> support = fromArray(SPECIES, y, at + i).compare(VectorOperators.NE, 0);
      part = part.add(zero(SPECIES).blend(fromArray(SPECIES, gradY, at + i), support));
      count += support.trueCount();
    }
    float sum = Lanes.sum(part);
    for (; i < n; i++) {
      sum += y[at + i] != 0 ? gradY[at + i] : 0;
      count += y[at + i] != 0 ? 1 : 0;
    }
    float mean = sum / count;
    for (i = 0; i <= n - COUNT; i += COUNT) {
      VectorMask<Float> support = fromArray(SPECIES, y, at + i).compare(VectorOperators.NE, 0);
      zero(SPECIES).blend(fromArray(SPECIES, gradY, at + i).sub(mean), support).intoArray(gradX, at + i);
    }
    for (; i < n; i++) {
      gradX[at + i] = y[at + i] != 0 ? gradY[at + i] - mean : 0;
    }
  }
}
