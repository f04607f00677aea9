package dev.sluice.nn.attention;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.spi.Backend;
import dev.sluice.testing.EveryBackend;
import dev.sluice.testing.FiniteDifferences;
import dev.sluice.testing.ModuleGradients;
import java.util.List;
import org.junit.jupiter.api.Test;

class FeatureAttentionTest {
  @Test
  void uniformWeightsAreTheIdentity() {
    for (Backend backend : EveryBackend.all()) {
      var attention = new FeatureAttention(4, new Generator(1));
      attention.to(backend);
      attention.parameters().forEach(parameter -> parameter.fill(0));
      double[] x = {1, -2, 3, 0.5, 0, 7, 8, -9};
      Attended attended = attention.attend(Tensor.of(backend, x, 2, 4));
      EveryBackend.assertClose("output", x, attended.output());
      EveryBackend.assertClose("weights", new double[] {.25, .25, .25, .25, .25, .25, .25, .25}, attended.weights());
    }
  }

  @Test
  void weightsAreASoftmaxOfTheScores() {
    for (Backend backend : EveryBackend.all()) {
      var attention = new FeatureAttention(2, new Generator(1));
      attention.to(backend);
      EveryBackend.assign(attention.namedParameters().get("scores.weight"), new double[] {1, 2, 0, -1});
      EveryBackend.assign(attention.namedParameters().get("scores.bias"), new double[] {0.5, -0.5});
      Attended attended = attention.attend(Tensor.of(backend, new double[] {0.25, 0.75}, 2));
      double first = Math.exp(0.25 + 1.5 + 0.5);
      double second = Math.exp(-0.75 - 0.5);
      double[] weights = {first / (first + second), second / (first + second)};
      EveryBackend.assertClose("weights", weights, attended.weights());
      double[] output = {2 * weights[0] * 0.25, 2 * weights[1] * 0.75};
      EveryBackend.assertClose("output", output, attended.output());
    }
  }

  @Test
  void gradients() {
    var attention = new FeatureAttention(3, new Generator(1));
    ModuleGradients.check(attention, x -> {
      Attended attended = attention.attend(x[0]);
      return List.of(attended.output(), attended.weights());
    }, FiniteDifferences.leaf(1, 2, 2, 3));
  }

  @Test
  void asALayerItGivesItsOutput() {
    var attention = new FeatureAttention(3, new Generator(1));
    Tensor input = Tensor.of(new float[] {1, 2, 3}, 1, 3);
    assertArrayEquals(attention.attend(input).output().toDoubles(), attention.forward(input).toDoubles());
  }

  @Test
  void badArgumentsAreRefused() {
    assertEquals("featureAttention: features is 0, wanted 1 or more",
        assertThrows(IllegalArgumentException.class, () -> new FeatureAttention(0, new Generator(1))).getMessage());
    var attention = new FeatureAttention(3, new Generator(1));
    assertEquals("featureAttention: input has shape (2, 4), wanted (..., 3)",
        assertThrows(IllegalArgumentException.class, () -> attention.forward(Tensor.zeros(2, 4))).getMessage());
  }
}
