package dev.sluice.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Generator;
import dev.sluice.Shape;
import dev.sluice.Tensor;
import dev.sluice.testing.FiniteDifferences;
import dev.sluice.testing.ModuleGradients;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class LayerTest {
  @Test
  void linearMultipliesAndAdds() {
    var linear = new Linear(2, 1, new Generator(1));
    assertEquals(Shape.of(1, 2), linear.weight().shape());
    Init.constant(linear.weight(), 2);
    Init.constant(linear.bias(), 0.5);
    assertArrayEquals(new double[] {6.5, -1.5}, linear.forward(Tensor.of(new float[] {1, 2, -2, 1}, 2, 2)).toDoubles());
    var plain = new Linear(2, 3, false, new Generator(1));
    assertNull(plain.bias());
    assertEquals(List.of("weight"), List.copyOf(plain.namedParameters().keySet()));
  }

  @Test
  void linearStartsAsTorchs() {
    var linear = new Linear(16, 400, new Generator(3));
    assertUniform(linear.weight(), 0.25);
    assertUniform(linear.bias(), 0.25);
  }

  @Test
  void linearGradients() {
    var linear = new Linear(3, 2, new Generator(1));
    ModuleGradients.check(linear, x -> List.of(linear.forward(x[0])), FiniteDifferences.leaf(1, 4, 3));
    var plain = new Linear(3, 2, false, new Generator(1));
    ModuleGradients.check(plain, x -> List.of(plain.forward(x[0])), FiniteDifferences.leaf(1, 2, 4, 3));
  }

  @Test
  void embeddingLooksUpAndLeavesThePaddingRowAlone() {
    var embedding = new Embedding(4, 3, 1, new Generator(1));
    float[] table = embedding.weight().toFloats();
    assertArrayEquals(new float[] {0, 0, 0}, new float[] {table[3], table[4], table[5]});
    Tensor found = embedding.forward(Tensor.of(new int[] {2, 1, 2, 0}, 2, 2));
    assertEquals(Shape.of(2, 2, 3), found.shape());
    assertEquals(table[6], found.toFloats()[0]);
    found.backward(Tensor.ones(2, 2, 3), false);
    assertArrayEquals(new double[] {1, 1, 1, 0, 0, 0, 2, 2, 2, 0, 0, 0}, embedding.weight().gradient().toDoubles());
  }

  @Test
  void embeddingStartsNormal() {
    float[] values = new Embedding(500, 8, new Generator(5)).weight().toFloats();
    double sum = 0;
    double squares = 0;
    for (float value : values) {
      sum += value;
      squares += value * value;
    }
    assertEquals(0, sum / values.length, 0.05);
    assertEquals(1, squares / values.length, 0.1);
  }

  @Test
  void embeddingGradients() {
    var embedding = new Embedding(5, 2, new Generator(1));
    Tensor indices = Tensor.of(FiniteDifferences.backend(), new int[] {4, 0, 4}, 3);
    ModuleGradients.check(embedding, _ -> List.of(embedding.forward(indices)));
  }

  @Test
  void dropoutActsInTrainingOnly() {
    var dropout = new Dropout(0.25, new Generator(7));
    Tensor input = Tensor.ones(4000);
    float[] dropped = dropout.forward(input).toFloats();
    int zeros = 0;
    for (float value : dropped) {
      assertTrue(value == 0 || Math.abs(value - 4.0 / 3) < 1e-6, "value " + value);
      zeros += value == 0 ? 1 : 0;
    }
    assertEquals(1000, zeros, 120);
    assertFalse(Arrays.equals(dropped, dropout.forward(input).toFloats()), "another draw for another call");
    dropout.eval();
    assertSame(input, dropout.forward(input));
    assertSame(input, new Dropout(0, new Generator(1)).forward(input));
    assertArrayEquals(new float[3], new Dropout(1, new Generator(1)).forward(Tensor.ones(3)).toFloats());
  }

  @Test
  void dropoutGradients() {
    FiniteDifferences.check(x -> new Dropout(0.4, new Generator(3)).forward(x[0]), FiniteDifferences.leaf(1, 3, 5));
  }

  @Test
  void layerNormNormalizesTheLastDimensions() {
    var norm = new LayerNorm(2, 2);
    assertArrayEquals(new float[] {1, 1, 1, 1}, norm.weight().toFloats());
    assertArrayEquals(new float[4], norm.bias().toFloats());
    double[] y = norm.forward(Tensor.of(new float[] {1, 2, 3, 4, 5, 5, 5, 5}, 2, 2, 2)).toDoubles();
    double spread = Math.sqrt(1.25 + 1e-5);
    assertArrayEquals(new double[] {-1.5 / spread, -0.5 / spread, 0.5 / spread, 1.5 / spread, 0, 0, 0, 0}, y, 1e-6);
    assertTrue(new LayerNorm(new int[] {3}, 1e-5, false, true).parameters().isEmpty());
    assertEquals(List.of("weight"),
        List.copyOf(new LayerNorm(new int[] {3}, 1e-5, true, false).namedParameters().keySet()));
  }

  @Test
  void layerNormGradients() {
    var affine = new LayerNorm(4);
    Init.normal(affine.weight(), 1, 0.5, new Generator(1));
    ModuleGradients.check(affine, x -> List.of(affine.forward(x[0])), FiniteDifferences.leaf(1, 3, 4));
    var plain = new LayerNorm(new int[] {2, 3}, 1e-3, false, false);
    ModuleGradients.check(plain, x -> List.of(plain.forward(x[0])), FiniteDifferences.leaf(1, 2, 2, 3));
  }

  @Test
  void initialisersHaveTheirBounds() {
    assertUniform(Init.xavierUniform(Tensor.zeros(20, 10, 2), 1, new Generator(1)), Math.sqrt(6.0 / 60));
    assertUniform(Init.kaimingUniform(Tensor.zeros(30, 25), 0, new Generator(1)), Math.sqrt(6.0 / 25));
    assertUniform(Init.kaimingUniform(Tensor.zeros(30, 25), Math.sqrt(5), new Generator(1)), 0.2);
    float[] deviates = new Generator(4).normal(40, 0, 2 * Math.sqrt(2.0 / 13));
    assertArrayEquals(deviates, Init.xavierNormal(Tensor.zeros(8, 5), 2, new Generator(4)).toFloats());
    assertArrayEquals(new float[] {3, 3}, Init.constant(Tensor.zeros(2), 3).toFloats());
    assertArrayEquals(new Generator(4).normal(3, 1, 2),
        Init.normal(Tensor.zeros(3), 1, 2, new Generator(4)).toFloats());
  }

  @Test
  void orthogonalRowsOrColumnsAre() {
    for (int[] sizes : new int[][] {{3, 5}, {5, 3}, {4, 4}}) {
      double[] q = Init.orthogonal(Tensor.zeros(sizes), 2, new Generator(1)).toDoubles();
      boolean wide = sizes[0] <= sizes[1];
      for (int a = 0; a < Math.min(sizes[0], sizes[1]); a++) {
        for (int b = 0; b <= a; b++) {
          double product = 0;
          for (int k = 0; k < Math.max(sizes[0], sizes[1]); k++) {
            product += wide ? q[a * sizes[1] + k] * q[b * sizes[1] + k] : q[k * sizes[1] + a] * q[k * sizes[1] + b];
          }
          assertEquals(a == b ? 4 : 0, product, 1e-5);
        }
      }
    }
  }

  @Test
  void theSameSeedGivesTheSameLayer() {
    assertArrayEquals(new Linear(5, 6, new Generator(9)).weight().toFloats(),
        new Linear(5, 6, new Generator(9)).weight().toFloats());
  }

  @Test
  void badArgumentsAreRefused() {
    var generator = new Generator(1);
    assertRefused("linear: inFeatures is 0, wanted 1 or more", () -> new Linear(0, 1, generator));
    assertRefused("linear: input has shape (3, 5), wanted (..., 4)",
        () -> new Linear(4, 2, generator).forward(Tensor.zeros(3, 5)));
    assertRefused("embedding: paddingIndex is 4, wanted -1 for none, or 0 to 3",
        () -> new Embedding(4, 2, 4, generator));
    assertRefused("dropout: p is 1.5, wanted a probability, 0 to 1", () -> new Dropout(1.5, generator));
    assertRefused("layerNorm: normalizedShape is empty, wanted one size or more", LayerNorm::new);
    assertRefused("layerNorm: eps is -1.0, wanted 0 or more", () -> new LayerNorm(new int[] {2}, -1, true, true));
    assertRefused("xavierUniform: tensor has shape (3), wanted two dimensions or more",
        () -> Init.xavierUniform(Tensor.zeros(3), 1, generator));
    assertRefused("xavierNormal: tensor has shape (3), wanted two dimensions or more",
        () -> Init.xavierNormal(Tensor.zeros(3), 1, generator));
    assertRefused("normal: standardDeviation is -1.0, wanted 0 or more",
        () -> Init.normal(Tensor.zeros(3), 0, -1, generator));
  }

  /** Within the bounds, and close to both. */
  private static void assertUniform(Tensor tensor, double bound) {
    double lowest = 0;
    double highest = 0;
    for (double value : tensor.toDoubles()) {
      lowest = Math.min(lowest, value);
      highest = Math.max(highest, value);
    }
    assertTrue(lowest >= -bound * (1 + 1e-6) && highest <= bound * (1 + 1e-6), lowest + " to " + highest);
    assertTrue(lowest < -0.95 * bound && highest > 0.95 * bound, lowest + " to " + highest + " for " + bound);
  }

  private static void assertRefused(String message, Runnable action) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, action::run).getMessage());
  }
}
