package dev.sluice.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.sluice.Backends;
import dev.sluice.Tensor;
import dev.sluice.backend.referencefloat.FloatReferenceBackend;
import dev.sluice.spi.Backend;
import dev.sluice.testing.CheckingBackend.Check;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.provider.Arguments;

/**
 * Runs golden cases on every backend that is usable here, and on the reference in float, each with its own tolerance.
 * The backends are shared: a parameterized test sets {@code autoCloseArguments = false}.
 */
public final class EveryBackend {
  /** Of the largest number of a tensor, or of 1: where the backend stores double. */
  private static final double DOUBLE_TOLERANCE = 1e-10;

  /** Likewise where it stores float. */
  private static final double FLOAT_TOLERANCE = 2e-5;

  private static final List<Backend> ALL = Stream.concat(
      Backends.providers().stream()
          .filter(provider -> provider.probe().usable())
          .map(provider -> Backends.get(provider.id())),
      Stream.of(new FloatReferenceBackend()))
      .<Backend>map(backend -> new CheckingBackend(backend, Check.POISON, Check.UNCHANGED))
      .toList();

  private EveryBackend() {}

  /** All of them, each call checked. */
  public static List<Backend> all() {
    return ALL;
  }

  /** Arguments (backend, case) for every backend and every case of a golden file. */
  public static Stream<Arguments> with(String golden) {
    return with(Golden.load(golden).stream());
  }

  /** Arguments (backend, case) for every backend and each of these cases. */
  public static Stream<Arguments> with(Stream<GoldenCase> cases) {
    return cases.flatMap(golden ->
        all().stream().map(backend -> Arguments.of(Named.of(backend.id(), backend), golden)));
  }

  /** Whether a backend stores double. */
  public static boolean isDouble(Backend backend) {
    return backend.id().equals("reference");
  }

  /** A leaf that holds golden numbers. */
  public static Tensor tensor(Backend backend, GoldenCase.Values values) {
    return Tensor.of(backend, values.data(), values.shape());
  }

  /** Overwrites a tensor by numbers. */
  public static void assign(Tensor tensor, double[] numbers) {
    assertEquals(tensor.elements(), numbers.length, tensor.describe());
    tensor.backend().write(numbers, 0, tensor.buffer(), 0, numbers.length);
    tensor.markModified();
  }

  /** Asserts shape and numbers, within the backend's tolerance; numbers that are not finite exactly. */
  public static void assertClose(String what, GoldenCase.Values expected, @Nullable Tensor actual) {
    assertNotNull(actual, what);
    assertArrayEquals(expected.shape(), actual.shape().toArray(), what);
    assertClose(what, expected.data(), actual);
  }

  /** Asserts numbers, within the backend's tolerance; numbers that are not finite exactly. */
  public static void assertClose(String what, double[] expected, Tensor actual) {
    double largest = 1;
    for (double number : expected) {
      largest = Double.isFinite(number) ? Math.max(largest, Math.abs(number)) : largest;
    }
    double tolerance = largest * (isDouble(actual.backend()) ? DOUBLE_TOLERANCE : FLOAT_TOLERANCE);
    double[] numbers = actual.toDoubles();
    assertEquals(expected.length, numbers.length, what);
    for (int i = 0; i < numbers.length; i++) {
      assertEquals(expected[i], numbers[i], tolerance, what + ", element " + i);
    }
  }
}
