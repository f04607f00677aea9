package dev.sluice.autograd;

import static dev.sluice.testing.EveryBackend.assertClose;

import dev.sluice.Shape;
import dev.sluice.Tensor;
import dev.sluice.spi.Backend;
import dev.sluice.testing.EveryBackend;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Additive masks that are as low as a number can be, and lower. */
class AttentionMaskTest {
  private static List<Backend> backends() {
    return EveryBackend.all();
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("backends")
  void aRowOfLeastNumbersAveragesAndARowOfInfinitiesIsEmpty(Backend backend) {
    Tensor query = Tensor.of(backend, new double[] {1, -2}, 1, 2);
    Tensor key = Tensor.of(backend, new double[] {1, 2, 3, 4, 5, 6, 7, 8}, 4, 2);
    Tensor value = Tensor.of(backend, new double[] {1, 2, 3, 6}, 4, 1);
    for (double mask : new double[] {-Float.MAX_VALUE, Double.NEGATIVE_INFINITY}) {
      Tensor bias = Tensor.full(backend, Shape.of(1, 4), mask);
      Tensor output =
          Attention.scaledDotProductAttention(query, key, value, AttentionOptions.NONE.bias(bias)).output();
      assertClose("mask of " + mask, new double[] {Double.isFinite(mask) ? 3 : 0}, output);
    }
  }
}
