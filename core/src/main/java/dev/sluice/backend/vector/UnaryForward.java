package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Lanes.COUNT;
import static dev.sluice.backend.vector.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LE;

import dev.sluice.spi.UnarySpec;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/** {@code y[i] = f(x[i])}: one loop over whole vectors for each function. */
final class UnaryForward {
  /**
   * {@code 2 * sqrt(2/pi)}: the argument of GELU_TANH is {@code x * (LINEAR + CUBIC * x*x)}, doubled for the sigmoid.
   */
  static final float GELU_LINEAR = 1.5957691f;
  static final float GELU_CUBIC = GELU_LINEAR * 0.044715f;

  private UnaryForward() {}

  /** The elements of a range; its tail goes through a vector of its own. */
  static void apply(UnarySpec spec, float[] x, float[] y, int from, int to) {
    int end = Lanes.bound(from, to);
    vectors(spec, x, y, from, end);
    if (end < to) {
      float[] xTail = Arrays.copyOf(Arrays.copyOfRange(x, end, to), COUNT);
      float[] yTail = new float[COUNT];
      vectors(spec, xTail, yTail, 0, COUNT);
      System.arraycopy(yTail, 0, y, end, to - end);
    }
  }

  private static void vectors(UnarySpec spec, float[] x, float[] y, int from, int to) {
    float a = (float) spec.a();
    float b = (float) spec.b();
    switch (spec.op()) {
      case AFFINE -> affine(a, b, x, y, from, to);
      case ABS -> abs(x, y, from, to);
      case SQUARE -> square(x, y, from, to);
      case POWER -> Powers.power(x, spec.a(), y, from, to);
      case SQRT -> sqrt(x, y, from, to);
      case RECIPROCAL -> reciprocal(x, y, from, to);
      case EXP -> exp(x, y, from, to);
      case LOG -> log(x, y, from, to);
      case TANH -> tanh(x, y, from, to);
      case SIGMOID -> sigmoid(x, y, from, to);
      case RELU -> relu(x, y, from, to);
      case LEAKY_RELU -> leakyRelu(a, x, y, from, to);
      case GELU -> gelu(x, y, from, to);
      case GELU_TANH -> geluTanh(x, y, from, to);
      case SOFTPLUS -> softplus(x, y, from, to);
      case CLAMP -> clamp(a, b, x, y, from, to);
    }
  }

  /** {@code 2 sqrt(2/pi) (x + 0.044715 x^3)}. */
  static FloatVector geluTanhArgument(FloatVector x) {
    return x.mul(x).fma(GELU_CUBIC, GELU_LINEAR).mul(x);
  }

  private static void affine(float a, float b, float[] x, float[] y, int from, int to) {
    FloatVector slope = broadcast(SPECIES, a);
    FloatVector offset = broadcast(SPECIES, b);
    for (int i = from; i < to; i += COUNT) {
      fromArray(SPECIES, x, i).fma(slope, offset).intoArray(y, i);
    }
  }

  private static void abs(float[] x, float[] y, int from, int to) {
    for (int i = from; i < to; i += COUNT) {
      fromArray(SPECIES, x, i).abs().intoArray(y, i);
    }
  }

  private static void square(float[] x, float[] y, int from, int to) {
    for (int i = from; i < to; i += COUNT) {
      FloatVector v = fromArray(SPECIES, x, i);
      v.mul(v).intoArray(y, i);
    }
  }

  private static void sqrt(float[] x, float[] y, int from, int to) {
    for (int i = from; i < to; i += COUNT) {
      fromArray(SPECIES, x, i).sqrt().intoArray(y, i);
    }
  }

  private static void reciprocal(float[] x, float[] y, int from, int to) {
    FloatVector one = broadcast(SPECIES, 1f);
    for (int i = from; i < to; i += COUNT) {
      one.div(fromArray(SPECIES, x, i)).intoArray(y, i);
    }
  }

  private static void exp(float[] x, float[] y, int from, int to) {
    for (int i = from; i < to; i += COUNT) {
      VectorMath.exp(fromArray(SPECIES, x, i)).intoArray(y, i);
    }
  }

  private static void log(float[] x, float[] y, int from, int to) {
    for (int i = from; i < to; i += COUNT) {
      VectorMath.log(fromArray(SPECIES, x, i)).intoArray(y, i);
    }
  }

  private static void tanh(float[] x, float[] y, int from, int to) {
    for (int i = from; i < to; i += COUNT) {
      VectorMath.tanh(fromArray(SPECIES, x, i)).intoArray(y, i);
    }
  }

  private static void sigmoid(float[] x, float[] y, int from, int to) {
    for (int i = from; i < to; i += COUNT) {
      VectorMath.sigmoid(fromArray(SPECIES, x, i)).intoArray(y, i);
    }
  }

  private static void relu(float[] x, float[] y, int from, int to) {
    for (int i = from; i < to; i += COUNT) {
      FloatVector v = fromArray(SPECIES, x, i);
      v.blend(0f, v.compare(LE, 0f)).intoArray(y, i);
    }
  }

  private static void leakyRelu(float a, float[] x, float[] y, int from, int to) {
    for (int i = from; i < to; i += COUNT) {
      FloatVector v = fromArray(SPECIES, x, i);
      v.mul(a).blend(v, v.compare(GT, 0f)).intoArray(y, i);
    }
  }

  private static void gelu(float[] x, float[] y, int from, int to) {
    for (int i = from; i < to; i += COUNT) {
      FloatVector v = fromArray(SPECIES, x, i);
      v.mul(VectorMath.normalCdf(v)).intoArray(y, i);
    }
  }

  /** {@code (1 + tanh(u)) / 2 = sigmoid(2u)} keeps the precision of the left tail. */
  private static void geluTanh(float[] x, float[] y, int from, int to) {
    for (int i = from; i < to; i += COUNT) {
      FloatVector v = fromArray(SPECIES, x, i);
      v.mul(VectorMath.sigmoid(geluTanhArgument(v))).intoArray(y, i);
    }
  }

  private static void softplus(float[] x, float[] y, int from, int to) {
    for (int i = from; i < to; i += COUNT) {
      VectorMath.softplus(fromArray(SPECIES, x, i)).intoArray(y, i);
    }
  }

  private static void clamp(float a, float b, float[] x, float[] y, int from, int to) {
    for (int i = from; i < to; i += COUNT) {
      FloatVector v = fromArray(SPECIES, x, i);
      v.blend(a, v.lt(a)).blend(b, v.compare(GT, b)).intoArray(y, i);
    }
  }
}
