package dev.sluice.backend.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.fail;

import dev.sluice.backend.reference.ReferenceBackend;
import dev.sluice.spi.Backend;
import dev.sluice.spi.BackendOptions;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Runs one call on the reference and on vector backends of 1, 2 and 5 threads, and compares: values with the former,
 * bits among the latter.
 */
final class Agreement {
  static final Backend REFERENCE = new ReferenceBackend();
  static final List<Backend> VECTOR = List.of(vector(1), vector(2), vector(5));

  /** Around every vector width and its multiples, primes, and one that makes several chunks. */
  static final int[] LENGTHS = {0, 1, 2, 3, 5, 8, 13, 15, 16, 17, 31, 64, 65, 127, 257, 1000, 140_009};

  static final float[] SPECIAL = {0f, -0f, 1f, -1f, 0.5f, -0.5f, Float.NaN, Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY, Float.MIN_VALUE, -Float.MIN_VALUE, Float.MIN_NORMAL, -Float.MIN_NORMAL, 1e-20f, -1e-20f,
      3f, -3f, 12f, -12f, 87f, -87f, 88.8f, -88.8f, 100f, -100f, 1e10f, -1e10f, 1e20f, -1e20f, 3e38f, -3e38f};

  /** What {@link #random} drew, by seed: drawing it takes longer than computing with it. */
  private static final Map<Long, float[]> DRAWN = new ConcurrentHashMap<>();

  private Agreement() {}

  static Backend vector(int threads) {
    return new VectorBackend(new BackendOptions(threads));
  }

  /** Every output within so many ulp of the output's largest magnitude. */
  static void check(String what, double ulps, Function<Backend, List<Buffer>> call) {
    check(what, ulps, 0, call);
  }

  /** Every output within so many ulp of its largest magnitude, or of a given one that its terms have. */
  static void check(String what, double ulps, double magnitude, Function<Backend, List<Buffer>> call) {
    List<double[]> expected = call.apply(REFERENCE).stream().map(Agreement::doubles).toList();
    List<float[]> first = null;
    for (Backend backend : VECTOR) {
      List<float[]> actual = call.apply(backend).stream().map(buffer -> floats(backend, buffer)).toList();
      if (first == null) {
        first = actual;
        for (int i = 0; i < expected.size(); i++) {
          close(what + ", output " + i, ulps, magnitude, expected.get(i), actual.get(i));
        }
      }
      for (int i = 0; i < expected.size(); i++) {
        assertArrayEquals(bits(first.get(i)), bits(actual.get(i)), what + ": bits with " + backend.description());
      }
    }
  }

  private static void close(String what, double ulps, double magnitude, double[] expected, float[] actual) {
    double largest = magnitude;
    for (double value : expected) {
      largest = Double.isFinite(value) ? Math.max(largest, Math.abs(value)) : largest;
    }
    double tolerance = ulps * Math.ulp((float) largest);
    for (int i = 0; i < expected.length; i++) {
      if (!agree((float) expected[i], actual[i], tolerance)) {
        fail(what + ": element " + i + " is " + actual[i] + ", wanted " + expected[i] + " +- " + tolerance);
      }
    }
  }

  static boolean agree(float expected, float actual, double tolerance) {
    return Float.compare(expected, actual) == 0 || expected == actual
        || Math.abs((double) expected - actual) <= tolerance;
  }

  /** A buffer of these elements; what a vector buffer's array has beyond them is NaN, so that reading it shows. */
  static Buffer reals(Backend backend, float... values) {
    Buffer buffer = empty(backend, values.length);
    backend.write(values, 0, buffer, 0, values.length);
    return buffer;
  }

  static Buffer empty(Backend backend, int length) {
    Buffer buffer = backend.allocate(ElementType.REAL, length);
    if (buffer instanceof VectorBuffer) {
      Arrays.fill(VectorBuffer.reals(buffer), Float.NaN);
    }
    return buffer;
  }

  static Buffer ints(Backend backend, int... values) {
    Buffer buffer = backend.allocate(ElementType.INT32, values.length);
    backend.write(values, 0, buffer, 0, values.length);
    return buffer;
  }

  /** Normal numbers with some outliers; fewer of a seed are the first of more. */
  static float[] random(long seed, int length) {
    float[] drawn = DRAWN.get(seed);
    if (drawn == null || drawn.length < length) {
      Random random = new Random(seed);
      drawn = new float[length];
      for (int i = 0; i < length; i++) {
        drawn[i] = (float) random.nextGaussian() * (i % 17 == 5 ? 8 : 1);
      }
      DRAWN.put(seed, drawn);
    }
    return Arrays.copyOf(drawn, length);
  }

  static float[] positive(long seed, int length) {
    float[] values = random(seed, length);
    for (int i = 0; i < length; i++) {
      values[i] = Math.abs(values[i]) + 0.01f;
    }
    return values;
  }

  private static double[] doubles(Buffer buffer) {
    double[] values = new double[buffer.length()];
    if (buffer.type() == ElementType.INT32) {
      return Arrays.stream(integers(REFERENCE, buffer)).asDoubleStream().toArray();
    }
    REFERENCE.read(buffer, 0, values, 0, values.length);
    return values;
  }

  private static float[] floats(Backend backend, Buffer buffer) {
    float[] values = new float[buffer.length()];
    if (buffer.type() == ElementType.INT32) {
      int[] integers = integers(backend, buffer);
      for (int i = 0; i < values.length; i++) {
        values[i] = integers[i];
      }
      return values;
    }
    backend.read(buffer, 0, values, 0, values.length);
    return values;
  }

  private static int[] integers(Backend backend, Buffer buffer) {
    int[] values = new int[buffer.length()];
    backend.read(buffer, 0, values, 0, values.length);
    return values;
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(values[i]);
    }
    return bits;
  }
}
