package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.autograd.Arithmetic;
import dev.sluice.autograd.Pointwise;
import dev.sluice.autograd.Reductions;
import dev.sluice.backend.referencefloat.FloatReferenceBackend;
import dev.sluice.spi.Backend;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Tensors, shapes and generators by themselves. */
class TensorTest {
  private static final Backend REFERENCE = Backends.get("reference");

  @Test
  void whatGoesInComesOut() {
    assertArrayEquals(new double[] {1, 2, 3}, Tensor.of(REFERENCE, new double[] {1, 2, 3}, 3).toDoubles());
    assertArrayEquals(new float[] {1, 2}, Tensor.of(REFERENCE, new float[] {1, 2}, 2, 1).toFloats());
    assertArrayEquals(new int[] {1, -2}, Tensor.of(REFERENCE, new int[] {1, -2}, 2).toInts());
    assertArrayEquals(new boolean[] {true, false}, Tensor.of(REFERENCE, new boolean[] {true, false}, 2).toBooleans());
    assertEquals(Shape.of(3), Tensor.of(REFERENCE, new float[3]).shape(), "without sizes: a vector");
    assertEquals(Shape.SCALAR, Tensor.of(REFERENCE, new float[1]).shape(), "without sizes, one value: a scalar");
  }

  @Test
  void wrongSizesAreRefused() {
    assertRefused("tensor: 3 values for shape (2, 2), wanted 4", () -> Tensor.of(REFERENCE, new float[3], 2, 2));
    assertRefused("item: tensor has shape (2), wanted one element", () -> Tensor.of(REFERENCE, new float[2]).item());
    assertRefused("shape: a size is -1 in (2, -1), wanted 0 or more", () -> Shape.of(2, -1));
    assertRefused("shape: (65536, 65536) has more than 2^31-1 elements, wanted at most 2147483647",
        () -> Shape.of(65536, 65536));
    assertRefused("shape: dimension 2 of (3, 4), wanted -2 to 1", () -> Shape.of(3, 4).size(2));
  }

  @Test
  void theLeadingEntriesShareTheBuffer() {
    Tensor leading;
    try (Scope scope = Scope.open()) {
      Tensor whole = Tensor.of(REFERENCE, new double[] {1, 2, 3, 4, 5, 6}, 3, 2);
      leading = scope.keep(whole.leading(2));
      whole.fill(7);
      assertEquals(Shape.of(0, 2), whole.leading(0).shape());
      assertRefused("leading: size is 4 for a tensor (3, 2), wanted 0 to 3", () -> whole.leading(4));
      assertRefused("leading: size is -1 for a tensor (3, 2), wanted 0 to 3", () -> whole.leading(-1));
      assertRefused("leading: size is 0 for a tensor (), wanted one that has a dimension",
          () -> Tensor.of(REFERENCE, new double[] {1}).leading(0));
    }
    assertEquals(Shape.of(2, 2), leading.shape());
    assertArrayEquals(new double[] {7, 7, 7, 7}, leading.toDoubles());
  }

  @Test
  void shapesCountFromBothEnds() {
    Shape shape = Shape.of(2, 3, 4);
    assertEquals(4, shape.size(-1));
    assertEquals(Shape.of(2, 4), shape.without(1));
    assertEquals(Shape.of(2, 3, 9), shape.with(-1, 9));
    assertArrayEquals(new int[] {12, 4, 1}, shape.strides());
    assertEquals("(2, 3, 4)", shape.toString());
    assertNotEquals(Shape.of(2, 3), Shape.of(3, 2));
  }

  @Test
  void toIsTheOnlyCrossingAndGradientsComeBack() {
    try (Backend other = new FloatReferenceBackend()) {
      Tensor x = Tensor.of(REFERENCE, new double[] {2, 3}, 2).requiresGrad(true);
      Tensor there = x.to(other);
      assertSame(other, there.backend());
      assertSame(x, x.to(REFERENCE));
      Reductions.sum(Pointwise.square(there)).backward();
      assertSame(REFERENCE, x.gradient().backend());
      assertArrayEquals(new double[] {4, 6}, x.gradient().toDoubles());
      IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class,
          () -> Arithmetic.add(x, there));
      assertTrue(refusal.getMessage().startsWith("add: tensors are on reference and "), refusal.getMessage());
    }
  }

  @Test
  void aGeneratorRepeatsItselfAndGoesOnWhereItStopped() {
    Generator generator = new Generator(42);
    float[] first = generator.uniform(10, -1, 1);
    long offset = generator.offset();
    float[] second = generator.normal(7, 0, 1);
    assertArrayEquals(first, new Generator(42).uniform(10, -1, 1));
    assertArrayEquals(second, new Generator(42, offset).normal(7, 0, 1));
    assertNotEquals(first[0], new Generator(43).uniform(10, -1, 1)[0]);
    assertEquals(3, offset, "ten words take three counters");
    assertEquals(offset + 2, generator.offset());
    assertRefused("uniform: bounds are 1.0 and 0.0, wanted lower <= upper", () -> generator.uniform(1, 1, 0));
  }

  @Test
  void drawsHaveTheMomentsTheyClaim() {
    Generator generator = new Generator(7);
    float[] uniform = generator.uniform(100_000, -1, 3);
    float[] normal = generator.normal(100_001, 2, 0.5);
    assertEquals(1, mean(uniform), 0.02);
    assertEquals(16.0 / 12, variance(uniform), 0.02);
    assertEquals(2, mean(normal), 0.01);
    assertEquals(0.25, variance(normal), 0.01);
    for (float value : uniform) {
      assertTrue(value >= -1 && value < 3);
    }
  }

  private static double mean(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  private static double variance(float[] values) {
    double mean = mean(values);
    double sum = 0;
    for (float value : values) {
      sum += (value - mean) * (value - mean);
    }
    return sum / values.length;
  }

  private static void assertRefused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
