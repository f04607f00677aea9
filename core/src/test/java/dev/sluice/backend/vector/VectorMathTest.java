package dev.sluice.backend.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

class VectorMathTest {
  /** A step through the bits of all floats that meets every exponent some hundreds of times. */
  private static final int STRIDE = 20_011;

  /** A scalar twin. */
  private interface Scalar {
    float apply(float x);
  }

  /** How far a result may be off, in ulp, at an argument. */
  private interface Bound {
    double at(double x);
  }

  @Test
  void expIsWithinOneUlp() {
    check("exp", VectorMath::exp, VectorMath::exp, StrictMath::exp, x -> 1);
  }

  @Test
  void logIsWithinOneUlp() {
    check("log", VectorMath::log, VectorMath::log, StrictMath::log, x -> 1);
  }

  @Test
  void tanhIsWithinThreeUlp() {
    check("tanh", VectorMath::tanh, VectorMath::tanh, StrictMath::tanh, x -> 3);
  }

  @Test
  void sigmoidIsWithinThreeUlp() {
    check("sigmoid", VectorMath::sigmoid, VectorMath::sigmoid, x -> 1 / (1 + StrictMath.exp(-x)), x -> 3);
  }

  @Test
  void softplusIsWithinTwoUlp() {
    check("softplus", VectorMath::softplus, VectorMath::softplus,
        x -> Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x))), x -> 2);
  }

  @Test
  void normalCdfKeepsItsLeftTail() {
    check("normalCdf", VectorMath::normalCdf, VectorMath::normalCdf, VectorMathTest::normalCdf,
        x -> x > -1 ? 4 : 4 + x * x);
  }

  @Test
  void specialValues() {
    assertEquals(0f, VectorMath.exp(Float.NEGATIVE_INFINITY));
    assertEquals(Float.POSITIVE_INFINITY, VectorMath.exp(Float.POSITIVE_INFINITY));
    assertEquals(Float.POSITIVE_INFINITY, VectorMath.exp(88.73f));
    assertEquals(1f, VectorMath.exp(-0f));
    assertEquals(Float.NEGATIVE_INFINITY, VectorMath.log(-0f));
    assertEquals(0f, VectorMath.log(1f));
    assertTrue(Float.isNaN(VectorMath.log(-Float.MIN_VALUE)));
    assertEquals(-0f, VectorMath.tanh(-0f));
    assertEquals(-1f, VectorMath.tanh(Float.NEGATIVE_INFINITY));
    assertEquals(0f, VectorMath.sigmoid(Float.NEGATIVE_INFINITY));
    assertEquals(1f, VectorMath.sigmoid(Float.POSITIVE_INFINITY));
    assertEquals(0f, VectorMath.normalCdf(Float.NEGATIVE_INFINITY));
    assertEquals(1f, VectorMath.normalCdf(Float.POSITIVE_INFINITY));
  }

  private static void check(String name, UnaryOperator<FloatVector> lanes, Scalar scalar, DoubleUnaryOperator exact,
      Bound bound) {
    float[] x = new float[Lanes.COUNT];
    float[] y = new float[Lanes.COUNT];
    int filled = 0;
    for (long bits = Integer.MIN_VALUE; bits <= Integer.MAX_VALUE; bits += STRIDE) {
      x[filled++] = Float.intBitsToFloat((int) bits);
      if (filled == x.length) {
        compare(name, x, y, lanes, scalar, exact, bound);
        filled = 0;
      }
    }
    for (float value : Agreement.SPECIAL) {
      Arrays.fill(x, value);
      compare(name, x, y, lanes, scalar, exact, bound);
    }
  }

  private static void compare(String name, float[] x, float[] y, UnaryOperator<FloatVector> lanes, Scalar scalar,
      DoubleUnaryOperator exact, Bound bound) {
    lanes.apply(Lanes.load(x, 0)).intoArray(y, 0);
    for (int i = 0; i < x.length; i++) {
      float twin = scalar.apply(x[i]);
      float argument = x[i];
      assertEquals(Float.floatToIntBits(twin), Float.floatToIntBits(y[i]),
          () -> name + "(" + argument + "): lane and twin");
      double expected = exact.applyAsDouble(x[i]);
      double ulps = Math.abs(y[i] - expected) / Math.ulp((float) expected);
      boolean agrees = Float.compare((float) expected, y[i]) == 0 || ulps <= bound.at(x[i]);
      float result = y[i];
      assertTrue(agrees,
          () -> name + "(" + argument + ") is " + result + ", wanted " + expected + ": " + ulps + " ulp off");
    }
  }

  /** By the series around 0 and the continued fraction of Mills' ratio further out. */
  private static double normalCdf(double x) {
    double a = Math.abs(x);
    double density = StrictMath.exp(-0.5 * a * a) / Math.sqrt(2 * Math.PI);
    double below;
    if (Double.isNaN(x)) {
      return x;
    } else if (a < 3) {
      double term = a;
      double sum = a;
      for (int n = 1; n < 100; n++) {
        term *= a * a / (2 * n + 1);
        sum += term;
      }
      below = 0.5 - density * sum;
    } else if (density == 0) {
      below = 0;
    } else {
      double fraction = a;
      for (int level = 100; level > 0; level--) {
        fraction = a + level / fraction;
      }
      below = density / fraction;
    }
    return x > 0 ? 1 - below : below;
  }
}
