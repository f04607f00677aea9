package dev.sluice.backend.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.CrossEntropySpec;
import dev.sluice.spi.CrossEntropySpec.Reduction;
import dev.sluice.spi.LayerNormSpec;
import dev.sluice.spi.SoftmaxSpec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Softmax, cross-entropy and layer normalisation. */
class ReferenceRowsTest {
  private static final double NAN = Double.NaN;
  private static final double MINUS = Double.NEGATIVE_INFINITY;
  private final ReferenceBackend backend = new ReferenceBackend();
  private final Kit kit = new Kit(backend);

  @Test
  void softmaxOfWhatTakesPart() {
    Buffer y = kit.empty(9);
    Buffer mask = kit.booleans(true, false, true, true, true, true, false, true, true);
    Buffer x = kit.reals(0, NAN, Math.log(3), 1000, 1000, NAN, NAN, NAN, NAN);
    backend.softmax().softmax(new SoftmaxSpec(3, 3, false), x, mask, kit.integers(3, 2, 1), y);
    assertArrayEquals(new double[] {0.25, 0, 0.75, 0.5, 0.5, 0, 0, 0, 0}, kit.values(y), 1e-15);
  }

  @Test
  void logSoftmaxOfWhatTakesPart() {
    Buffer y = kit.empty(6);
    backend.softmax().softmax(new SoftmaxSpec(2, 3, true, 2), kit.reals(0, 0, NAN, MINUS, MINUS, NAN), null,
        kit.integers(2), y);
    assertArrayEquals(new double[] {-Math.log(2), -Math.log(2), MINUS, MINUS, MINUS, MINUS}, kit.values(y), 1e-15);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void softmaxGradient(boolean log) {
    SoftmaxSpec spec = new SoftmaxSpec(2, 4, log);
    Buffer lengths = kit.integers(4, 3);
    double[] x = Kit.normal(1, 8);
    double[] gradY = Kit.normal(2, 8);
    Buffer y = kit.empty(8);
    backend.softmax().softmax(spec, kit.reals(x), null, lengths, y);
    Buffer gradX = kit.empty(8);
    gradY[7] = NAN;
    backend.softmax().softmaxBackward(spec, y, null, lengths, kit.reals(gradY), gradX);
    Kit.assertGradient("x", x, kit.values(gradX), moved -> {
      Buffer result = kit.empty(8);
      backend.softmax().softmax(spec, kit.reals(moved), null, lengths, result);
      double sum = 0;
      for (int i = 0; i < 7; i++) {
        sum += gradY[i] * kit.values(result)[i];
      }
      return sum;
    });
  }

  @Test
  void crossEntropyByHand() {
    Buffer logits = kit.reals(0, Math.log(3), NAN, NAN, 5, 5);
    Buffer labels = kit.integers(1, -100, 0);
    double[] rows = {Math.log(4.0 / 3), 0, Math.log(2)};
    assertArrayEquals(rows, crossEntropy(Reduction.NONE, logits, labels), 1e-15);
    assertArrayEquals(new double[] {rows[0] + rows[2]}, crossEntropy(Reduction.SUM, logits, labels), 1e-15);
    assertArrayEquals(new double[] {(rows[0] + rows[2]) / 2}, crossEntropy(Reduction.MEAN, logits, labels), 1e-15);
    assertArrayEquals(new double[] {NAN}, crossEntropy(Reduction.MEAN, logits, kit.integers(-100, -100, -100)));
  }

  private double[] crossEntropy(Reduction reduction, Buffer logits, Buffer labels) {
    CrossEntropySpec spec = new CrossEntropySpec(3, 2, reduction, -100, 0);
    Buffer loss = kit.empty(spec.losses());
    backend.loss().crossEntropy(spec, logits, labels, loss, null);
    return kit.values(loss);
  }

  @ParameterizedTest
  @EnumSource(Reduction.class)
  void crossEntropyGradient(Reduction reduction) {
    CrossEntropySpec spec = new CrossEntropySpec(4, 5, reduction, 2, 0.1);
    Buffer labels = kit.integers(4, 2, 0, 1);
    double[] x = Kit.normal(3, 20);
    double[] gradLoss = Kit.normal(4, spec.losses());
    Buffer loss = kit.empty(spec.losses());
    Buffer reserve = kit.empty(backend.loss().crossEntropyReserve(spec));
    backend.loss().crossEntropy(spec, kit.reals(x), labels, loss, reserve);
    Buffer gradX = kit.empty(20);
    backend.loss().crossEntropyBackward(spec, kit.reals(x), labels, kit.reals(gradLoss), reserve, gradX);
    Kit.assertGradient("logits", x, kit.values(gradX), moved -> {
      Buffer result = kit.empty(spec.losses());
      backend.loss().crossEntropy(spec, kit.reals(moved), labels, result, null);
      return Kit.dot(gradLoss, kit.values(result));
    });
  }

  @Test
  void aLabelOutOfRangeIsRefusedBeforeAnythingIsWritten() {
    CrossEntropySpec spec = new CrossEntropySpec(4, 10, Reduction.NONE, -100, 0);
    Buffer loss = kit.reals(1, 2, 3, 4);
    var error = assertThrows(IllegalArgumentException.class, () -> backend.loss().crossEntropy(spec, kit.empty(40),
        kit.integers(0, 9, -100, 12), loss, null));
    assertEquals("crossEntropy: labels[3] is 12, wanted 0 to 9 or the ignored -100", error.getMessage());
    assertArrayEquals(new double[] {1, 2, 3, 4}, kit.values(loss));
  }

  @Test
  void layerNormByHand() {
    Buffer y = kit.empty(4);
    backend.normalization().layerNorm(new LayerNormSpec(2, 2, 0.75), kit.reals(1, 2, -3, -3), kit.reals(2, 4),
        kit.reals(0.5, 0), y, null);
    assertArrayEquals(new double[] {-0.5, 2, 0.5, 0}, kit.values(y), 1e-15);
  }

  @Test
  void layerNormGradient() {
    LayerNormSpec spec = new LayerNormSpec(3, 5, 1e-5);
    double[] x = Kit.normal(5, 15);
    double[] weight = Kit.normal(6, 5);
    double[] bias = Kit.normal(7, 5);
    double[] gradY = Kit.normal(8, 15);
    Buffer reserve = kit.empty(backend.normalization().layerNormReserve(spec));
    layerNorm(spec, x, weight, bias, reserve);
    Buffer gradX = kit.empty(15);
    Buffer gradWeight = kit.empty(5);
    Buffer gradBias = kit.empty(5);
    backend.normalization().layerNormBackward(spec, kit.reals(x), kit.reals(weight), reserve, kit.reals(gradY), gradX,
        gradWeight, gradBias);
    Kit.assertGradient("x", x, kit.values(gradX), v -> Kit.dot(gradY, layerNorm(spec, v, weight, bias, null)));
    Kit.assertGradient("weight", weight, kit.values(gradWeight),
        v -> Kit.dot(gradY, layerNorm(spec, x, v, bias, null)));
    Kit.assertGradient("bias", bias, kit.values(gradBias), v -> Kit.dot(gradY, layerNorm(spec, x, weight, v, null)));
  }

  private double[] layerNorm(LayerNormSpec spec, double[] x, double[] weight, double[] bias, @Nullable Buffer reserve) {
    Buffer y = kit.empty(x.length);
    backend.normalization().layerNorm(spec, kit.reals(x), kit.reals(weight), kit.reals(bias), y, reserve);
    return kit.values(y);
  }
}
