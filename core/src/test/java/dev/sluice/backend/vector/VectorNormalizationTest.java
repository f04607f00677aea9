package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.VectorFixture.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.LayerNormSpec;
import java.util.Arrays;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Layer normalisation against its definition in double. */
class VectorNormalizationTest {
  private final Workers workers = new Workers(1);
  private final VectorNormalization normalization = new VectorNormalization(workers, new Scratch());

  @Test
  void everyOptionMatchesTheDefinition() {
    Random random = new Random(1);
    for (int width : new int[] {0, 1, 2, 10, Lanes.COUNT - 1, Lanes.COUNT, Lanes.COUNT + 1, 97, 1031}) {
      for (int rows : new int[] {0, 1, 7}) {
        for (int options = 0; options < 4; options++) {
          float[] weight = (options & 1) == 0 ? null : VectorFixture.normal(random, width);
          float[] bias = (options & 2) == 0 ? null : VectorFixture.normal(random, width);
          // Two or three numbers can lie so close that their own digits do not give the gradient: a larger epsilon
          // keeps it well posed.
          double epsilon = width < 4 ? 0.1 : 1e-5;
          compare(new LayerNormSpec(rows, width, epsilon), VectorFixture.normal(random, rows * width), weight, bias,
              VectorFixture.normal(random, rows * width), 2e-6);
        }
      }
    }
  }

  @Test
  void manyRowsInChunks() {
    Random random = new Random(2);
    compare(new LayerNormSpec(9001, 37, 1e-5), VectorFixture.normal(random, 9001 * 37),
        VectorFixture.normal(random, 37), null, VectorFixture.normal(random, 9001 * 37), 3e-6);
  }

  @Test
  void aConstantRowHasNoSpread() {
    for (int width : new int[] {3, 10, 97, 1031}) {
      float[] x = new float[width];
      Arrays.fill(x, 0.1f);
      Buffer y = VectorFixture.result(width);
      normalization.layerNorm(new LayerNormSpec(1, width, 1e-12), VectorFixture.reals(x), null, null, y, null);
      assertArrayEquals(new float[width], VectorFixture.values(y));
    }
  }

  @Test
  void aLargeMeanCostsNoMoreThanTheInputsOwnDigits() {
    Random random = new Random(4);
    float[] x = VectorFixture.normal(random, 1031);
    for (int i = 0; i < x.length; i++) {
      x[i] += 1000;
    }
    compare(new LayerNormSpec(1, 1031, 1e-5), x, null, null, VectorFixture.normal(random, 1031), 5e-5);
  }

  @Test
  void threadsDoNotChangeABit() {
    Random random = new Random(3);
    LayerNormSpec spec = new LayerNormSpec(5000, 67, 1e-5);
    float[] x = VectorFixture.normal(random, 5000 * 67);
    float[] weight = VectorFixture.normal(random, 67);
    VectorFixture.assertSameOnAnyThreads(
        pool -> run(new VectorNormalization(pool, new Scratch()), spec, x, weight, weight, x));
  }

  private static float[][] run(VectorNormalization kernel, LayerNormSpec spec, float[] x, float @Nullable [] weight,
      float @Nullable [] bias, float[] gradient) {
    Buffer input = VectorFixture.reals(x);
    Buffer weights = weight == null ? null : VectorFixture.reals(weight);
    Buffer y = VectorFixture.result(x.length);
    Buffer reserve = VectorFixture.result(kernel.layerNormReserve(spec));
    Buffer gradX = VectorFixture.result(x.length);
    Buffer gradWeight = VectorFixture.result(spec.width());
    Buffer gradBias = VectorFixture.result(spec.width());
    kernel.layerNorm(spec, input, weights, bias == null ? null : VectorFixture.reals(bias), y, reserve);
    kernel.layerNormBackward(spec, input, weights, reserve, VectorFixture.reals(gradient), gradX, gradWeight, gradBias);
    return new float[][] {VectorFixture.values(y), VectorFixture.values(gradX), VectorFixture.values(gradWeight),
        VectorFixture.values(gradBias)};
  }

  private void compare(LayerNormSpec spec, float[] x, float @Nullable [] weight, float @Nullable [] bias,
      float[] gradient, double tolerance) {
    int n = spec.width();
    double[][] wanted = {new double[x.length], new double[x.length], new double[n], new double[n]};
    for (int at = 0; at < x.length; at += n) {
      double mean = 0;
      double variance = 0;
      for (int i = 0; i < n; i++) {
        mean += x[at + i] / (double) n;
      }
      for (int i = 0; i < n; i++) {
        variance += (x[at + i] - mean) * (x[at + i] - mean) / n;
      }
      double sigma = Math.sqrt(variance + spec.epsilon());
      double meanG = 0;
      double meanGN = 0;
      for (int i = 0; i < n; i++) {
        double normalized = (x[at + i] - mean) / sigma;
        double g = gradient[at + i] * (weight == null ? 1 : weight[i]);
        wanted[0][at + i] = normalized * (weight == null ? 1 : weight[i]) + (bias == null ? 0 : bias[i]);
        wanted[2][i] += gradient[at + i] * normalized;
        wanted[3][i] += gradient[at + i];
        meanG += g / n;
        meanGN += g * normalized / n;
      }
      for (int i = 0; i < n; i++) {
        double g = gradient[at + i] * (weight == null ? 1 : weight[i]);
        wanted[1][at + i] = (g - meanG - (x[at + i] - mean) / sigma * meanGN) / sigma;
      }
    }
    float[][] given = run(normalization, spec, x, weight, bias, gradient);
    String[] names = {"", " gradX", " gradWeight", " gradBias"};
    for (int i = 0; i < 4; i++) {
      assertClose(wanted[i], given[i], tolerance, spec + names[i]);
    }
  }
}
