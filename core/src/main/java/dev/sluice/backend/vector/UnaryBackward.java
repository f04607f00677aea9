package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Lanes.COUNT;
import static dev.sluice.backend.vector.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LE;

import dev.sluice.spi.UnarySpec;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * {@code gradX[i] = g[i] * f'(x[i])}: one loop over whole vectors for each function, from x or from y, whichever is
 * cheaper.
 */
final class UnaryBackward {
  private static final float INVERSE_SQRT_2_PI = 0.3989423f;
  private static final float GELU_LIMIT = 16f;

  private UnaryBackward() {}

  /** The elements of a range; its tail goes through a vector of its own. */
  static void apply(UnarySpec spec, float[] x, float[] y, float[] g, float[] gradX, int from, int to) {
    int end = Lanes.bound(from, to);
    vectors(spec, x, y, g, gradX, from, end);
    if (end < to) {
      float[] gradTail = new float[COUNT];
      vectors(spec, lanes(x, end, to), lanes(y, end, to), lanes(g, end, to), gradTail, 0, COUNT);
      System.arraycopy(gradTail, 0, gradX, end, to - end);
    }
  }

  private static float[] lanes(float[] a, int from, int to) {
    return Arrays.copyOf(Arrays.copyOfRange(a, from, to), COUNT);
  }

  private static void vectors(UnarySpec spec, float[] x, float[] y, float[] g, float[] gradX, int from, int to) {
    float a = (float) spec.a();
    float b = (float) spec.b();
    switch (spec.op()) {
      case AFFINE -> affine(a, g, gradX, from, to);
      case ABS -> abs(x, g, gradX, from, to);
      case SQUARE -> square(x, g, gradX, from, to);
      case POWER -> power(spec.a(), x, g, gradX, from, to);
      case SQRT -> sqrt(y, g, gradX, from, to);
      case RECIPROCAL -> reciprocal(y, g, gradX, from, to);
      case EXP -> exp(y, g, gradX, from, to);
      case LOG -> log(x, g, gradX, from, to);
      case TANH -> tanh(y, g, gradX, from, to);
      case SIGMOID -> sigmoid(y, g, gradX, from, to);
      case RELU -> relu(x, g, gradX, from, to);
      case LEAKY_RELU -> leakyRelu(a, x, g, gradX, from, to);
      case GELU -> gelu(x, g, gradX, from, to);
      case GELU_TANH -> geluTanh(x, g, gradX, from, to);
      case SOFTPLUS -> softplus(x, g, gradX, from, to);
      case CLAMP -> clamp(a, b, x, g, gradX, from, to);
    }
  }

  private static void affine(float a, float[] g, float[] gradX, int from, int to) {
    for (int i = from; i < to; i += COUNT) {
      fromArray(SPECIES, g, i).mul(a).intoArray(gradX, i);
    }
  }

  private static void abs(float[] x, float[] g, float[] gradX, int from, int to) {
    for (int i = from; i < to; i += COUNT) {
      FloatVector v = fromArray(SPECIES, x, i);
      FloatVector derivative = v.blend(1f, v.compare(GT, 0f)).blend(-1f, v.lt(0f));
      fromArray(SPECIES, g, i).mul(derivative).intoArray(gradX, i);
    }
  }

  private static void square(float[] x, float[] g, float[] gradX, int from, int to) {
    for (int i = from; i < to; i += COUNT) {
      fromArray(SPECIES, x, i).mul(2f).mul(fromArray(SPECIES, g, i)).intoArray(gradX, i);
    }
  }

  private static void sqrt(float[] y, float[] g, float[] gradX, int from, int to) {
    for (int i = from; i < to; i += COUNT) {
      fromArray(SPECIES, g, i).div(fromArray(SPECIES, y, i).mul(2f)).intoArray(gradX, i);
    }
  }

  private static void reciprocal(float[] y, float[] g, float[] gradX, int from, int to) {
    for (int i = from; i < to; i += COUNT) {
      FloatVector v = fromArray(SPECIES, y, i);
      v.mul(v).neg().mul(fromArray(SPECIES, g, i)).intoArray(gradX, i);
    }
  }

  private static void exp(float[] y, float[] g, float[] gradX, int from, int to) {
    for (int i = from; i < to; i += COUNT) {
      fromArray(SPECIES, y, i).mul(fromArray(SPECIES, g, i)).intoArray(gradX, i);
    }
  }

  private static void log(float[] x, float[] g, float[] gradX, int from, int to) {
    for (int i = from; i < to; i += COUNT) {
      fromArray(SPECIES, g, i).div(fromArray(SPECIES, x, i)).intoArray(gradX, i);
    }
  }

  /** {@code 1 - y*y}. */
  private static void tanh(float[] y, float[] g, float[] gradX, int from, int to) {
    FloatVector one = broadcast(SPECIES, 1f);
    for (int i = from; i < to; i += COUNT) {
      FloatVector v = fromArray(SPECIES, y, i);
      v.neg().fma(v, one).mul(fromArray(SPECIES, g, i)).intoArray(gradX, i);
    }
  }

  /** {@code y * (1 - y)}. */
  private static void sigmoid(float[] y, float[] g, float[] gradX, int from, int to) {
    for (int i = from; i < to; i += COUNT) {
      FloatVector v = fromArray(SPECIES, y, i);
      v.neg().fma(v, v).mul(fromArray(SPECIES, g, i)).intoArray(gradX, i);
    }
  }

  private static void relu(float[] x, float[] g, float[] gradX, int from, int to) {
    for (int i = from; i < to; i += COUNT) {
      FloatVector v = fromArray(SPECIES, x, i);
      FloatVector derivative = v.blend(0f, v.compare(LE, 0f)).blend(1f, v.compare(GT, 0f));
      derivative.mul(fromArray(SPECIES, g, i)).intoArray(gradX, i);
    }
  }

  private static void leakyRelu(float a, float[] x, float[] g, float[] gradX, int from, int to) {
    for (int i = from; i < to; i += COUNT) {
      FloatVector v = fromArray(SPECIES, x, i);
      FloatVector derivative = v.blend(a, v.compare(LE, 0f)).blend(1f, v.compare(GT, 0f));
      derivative.mul(fromArray(SPECIES, g, i)).intoArray(gradX, i);
    }
  }

  /**
   * {@code Phi(x) + x * phi(x)}, phi the normal density. Two methods, with one exponential each: of a method with both,
   * not all would be inlined.
   */
  private static void gelu(float[] x, float[] g, float[] gradX, int from, int to) {
    for (int i = from; i < to; i += COUNT) {
      VectorMath.normalCdf(fromArray(SPECIES, x, i)).intoArray(gradX, i);
    }
    geluFromCdf(x, g, gradX, from, to);
  }

  private static void geluFromCdf(float[] x, float[] g, float[] gradX, int from, int to) {
    for (int i = from; i < to; i += COUNT) {
      FloatVector v = fromArray(SPECIES, x, i);
      FloatVector gradient = fromArray(SPECIES, g, i);
      FloatVector cdf = fromArray(SPECIES, gradX, i);
      FloatVector density = VectorMath.expNegative(v.mul(v).mul(-0.5f)).mul(INVERSE_SQRT_2_PI);
      v.mul(density).add(cdf).mul(gradient).intoArray(gradX, i);
    }
  }

  /**
   * With {@code s = sigmoid(w)} and {@code w = 2u}, {@code s + x * s * (1 - s) * w'}; of {@code e = e^-|w|} and {@code
   * q = 1 / (1 + e)}, {@code s * (1 - s) = e * q * q} without a cancellation.
   */
  private static void geluTanh(float[] x, float[] g, float[] gradX, int from, int to) {
    for (int i = from; i < to; i += COUNT) {
      FloatVector v = fromArray(SPECIES, x, i);
      FloatVector gradient = fromArray(SPECIES, g, i);
      FloatVector one = broadcast(SPECIES, 1f);
      FloatVector w = UnaryForward.geluTanhArgument(v);
      FloatVector e = VectorMath.expNegative(w.abs().neg());
      FloatVector q = one.div(e.add(1f));
      FloatVector s = e.mul(q).blend(q, w.compare(GE, 0f));
      // Beyond the limit e is 0: a bound keeps x*x from overflowing to 0 * infinity.
      FloatVector bounded = v.abs().blend(GELU_LIMIT, v.abs().compare(GT, GELU_LIMIT));
      FloatVector slope = bounded.mul(bounded).fma(3 * UnaryForward.GELU_CUBIC, UnaryForward.GELU_LINEAR);
      v.mul(e.mul(q).mul(q)).fma(slope, s).mul(gradient).intoArray(gradX, i);
    }
  }

  private static void softplus(float[] x, float[] g, float[] gradX, int from, int to) {
    for (int i = from; i < to; i += COUNT) {
      VectorMath.sigmoid(fromArray(SPECIES, x, i)).mul(fromArray(SPECIES, g, i)).intoArray(gradX, i);
    }
  }

  private static void clamp(float a, float b, float[] x, float[] g, float[] gradX, int from, int to) {
    for (int i = from; i < to; i += COUNT) {
      FloatVector v = fromArray(SPECIES, x, i);
      FloatVector derivative = v.blend(1f, v.compare(GE, a)).blend(0f, v.lt(a).or(v.compare(GT, b)));
      derivative.mul(fromArray(SPECIES, g, i)).intoArray(gradX, i);
    }
  }

  /** {@code a * x^(a-1)}. */
  private static void power(double a, float[] x, float[] g, float[] gradX, int from, int to) {
    if (a == 0) {
      Arrays.fill(gradX, from, to, 0f);
    } else {
      Powers.power(x, a - 1, gradX, from, to);
    }
    float factor = (float) a;
    for (int i = from; i < to; i += COUNT) {
      fromArray(SPECIES, gradX, i).mul(factor).mul(fromArray(SPECIES, g, i)).intoArray(gradX, i);
    }
  }
}
