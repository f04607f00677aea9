package dev.sluice.backend.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.fail;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementType;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Function;

/** Buffers, random numbers and comparisons for the tests of single kernel classes. */
final class VectorFixture {
  private static final VectorBuffer.Pool POOL = new VectorBuffer.Pool();

  private VectorFixture() {}

  static Buffer reals(float... values) {
    Buffer buffer = POOL.allocate(ElementType.REAL, values.length);
    System.arraycopy(values, 0, VectorBuffer.reals(buffer), 0, values.length);
    return buffer;
  }

  /** A buffer for a result: NaN all over, so that what is not written shows. */
  static Buffer result(int length) {
    Buffer buffer = POOL.allocate(ElementType.REAL, length);
    Arrays.fill(VectorBuffer.reals(buffer), Float.NaN);
    return buffer;
  }

  static Buffer ints(int... values) {
    Buffer buffer = POOL.allocate(ElementType.INT32, values.length);
    System.arraycopy(values, 0, VectorBuffer.ints(buffer), 0, values.length);
    return buffer;
  }

  static Buffer flags(boolean... values) {
    Buffer buffer = POOL.allocate(ElementType.BOOL, values.length);
    System.arraycopy(values, 0, VectorBuffer.flags(buffer), 0, values.length);
    return buffer;
  }

  static float[] values(Buffer buffer) {
    return Arrays.copyOf(VectorBuffer.reals(buffer), buffer.length());
  }

  /** Normal numbers, some of them ten times as large. */
  static float[] normal(Random random, int length) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextGaussian() * (random.nextInt(50) == 0 ? 10 : 1);
    }
    return values;
  }

  static boolean[] coins(Random random, int length, double probability) {
    boolean[] values = new boolean[length];
    for (int i = 0; i < length; i++) {
      values[i] = random.nextDouble() < probability;
    }
    return values;
  }

  /**
   * Every element within the tolerance times the largest finite magnitude wanted (at least 1); NaN and infinities where
   * wanted.
   */
  static void assertClose(double[] wanted, float[] given, double tolerance, String what) {
    double largest = 1;
    for (double w : wanted) {
      if (Double.isFinite(w)) {
        largest = Math.max(largest, Math.abs(w));
      }
    }
    for (int i = 0; i < wanted.length; i++) {
      boolean same = Double.isFinite(wanted[i])
          ? Math.abs(wanted[i] - given[i]) <= tolerance * largest
          : Double.compare(wanted[i], given[i]) == 0;
      if (!same) {
        fail(what + ": element " + i + " of " + wanted.length + " is " + given[i] + ", wanted " + wanted[i]);
      }
    }
  }

  /** The same bits on 1, 2 and 5 threads. */
  static void assertSameOnAnyThreads(Function<Workers, float[][]> computation) {
    float[][] wanted = null;
    for (int threads : new int[] {1, 2, 5}) {
      try (Workers workers = new Workers(threads)) {
        float[][] given = computation.apply(workers);
        wanted = wanted == null ? given : wanted;
        for (int i = 0; i < given.length; i++) {
          assertArrayEquals(bits(wanted[i]), bits(given[i]), "result " + i + " on " + threads + " threads");
        }
      }
    }
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < values.length; i++) {
      bits[i] = Float.floatToRawIntBits(values[i]);
    }
    return bits;
  }
}
