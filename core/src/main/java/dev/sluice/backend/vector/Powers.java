package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Lanes.COUNT;
import static dev.sluice.backend.vector.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * {@code x^e} as {@link Math#pow}: small whole exponents by multiplication, the others by {@link PowerBlock}.
 */
final class Powers {
  private Powers() {}

  /** Whole vectors of {@code y = x^e}. */
  static void power(float[] x, double e, float[] y, int from, int to) {
    if (e == 0) {
      Arrays.fill(y, from, to, 1f);
    } else if (e == 1) {
      System.arraycopy(x, from, y, from, to - from);
    } else if (e == 2) {
      square(x, y, from, to);
    } else if (e == 3) {
      cube(x, y, from, to);
    } else if (e == -1) {
      reciprocal(x, y, from, to);
    } else {
      any(x, e, y, from, to);
    }
  }

  private static void any(float[] x, double e, float[] y, int from, int to) {
    PowerBlock block = new PowerBlock();
    Arrays.fill(block.exponents, e);
    for (int start = from; start < to; start += PowerBlock.SIZE) {
      int n = Math.min(PowerBlock.SIZE, to - start);
      for (int i = 0; i < n; i++) {
        block.bases[i] = x[start + i];
      }
      block.raise(n);
      for (int i = 0; i < n; i++) {
        y[start + i] = (float) block.powers[i];
      }
    }
  }

  private static void square(float[] x, float[] y, int from, int to) {
    for (int i = from; i < to; i += COUNT) {
      FloatVector v = fromArray(SPECIES, x, i);
      v.mul(v).intoArray(y, i);
    }
  }

  private static void cube(float[] x, float[] y, int from, int to) {
    for (int i = from; i < to; i += COUNT) {
      FloatVector v = fromArray(SPECIES, x, i);
      v.mul(v).mul(v).intoArray(y, i);
    }
  }

  private static void reciprocal(float[] x, float[] y, int from, int to) {
    FloatVector one = broadcast(SPECIES, 1f);
    for (int i = from; i < to; i += COUNT) {
      one.div(fromArray(SPECIES, x, i)).intoArray(y, i);
    }
  }
}
