package dev.sluice.backend.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.spi.Backend;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementType;
import java.util.Arrays;
import java.util.Random;
import java.util.function.ToDoubleFunction;

/** Short ways to make and read a backend's buffers, and to check gradients by central differences. */
record Kit(Backend backend) {
  private static final double STEP = 1e-5;

  Buffer reals(double... values) {
    Buffer buffer = backend.allocate(ElementType.REAL, values.length);
    backend.write(values, 0, buffer, 0, values.length);
    return buffer;
  }

  Buffer integers(int... values) {
    Buffer buffer = backend.allocate(ElementType.INT32, values.length);
    backend.write(values, 0, buffer, 0, values.length);
    return buffer;
  }

  Buffer booleans(boolean... values) {
    Buffer buffer = backend.allocate(ElementType.BOOL, values.length);
    backend.write(values, 0, buffer, 0, values.length);
    return buffer;
  }

  /** A REAL buffer whose contents are undefined. */
  Buffer empty(int length) {
    return backend.allocate(ElementType.REAL, length);
  }

  double[] values(Buffer buffer) {
    double[] values = new double[buffer.length()];
    backend.read(buffer, 0, values, 0, values.length);
    return values;
  }

  int[] integers(Buffer buffer) {
    int[] values = new int[buffer.length()];
    backend.read(buffer, 0, values, 0, values.length);
    return values;
  }

  /** Standard normal values, rounded to float so that every backend starts from the same numbers. */
  static double[] normal(long seed, int length) {
    Random random = new Random(seed);
    double[] values = new double[length];
    Arrays.setAll(values, i -> (float) random.nextGaussian());
    return values;
  }

  static double dot(double[] left, double[] right) {
    double sum = 0;
    for (int i = 0; i < left.length; i++) {
      sum += left[i] * right[i];
    }
    return sum;
  }

  /** Compares a gradient to central differences of the function, to 1e-6. */
  static void assertGradient(String name, double[] x, double[] gradient, ToDoubleFunction<double[]> function) {
    assertEquals(x.length, gradient.length, name);
    for (int i = 0; i < x.length; i++) {
      double[] moved = x.clone();
      moved[i] = x[i] + STEP;
      double above = function.applyAsDouble(moved);
      moved[i] = x[i] - STEP;
      double below = function.applyAsDouble(moved);
      double expected = (above - below) / (2 * STEP);
      assertEquals(expected, gradient[i], 1e-6 * Math.max(1, Math.abs(expected)), name + "[" + i + "]");
    }
  }
}
