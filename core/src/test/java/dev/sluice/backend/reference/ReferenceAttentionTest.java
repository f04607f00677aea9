package dev.sluice.backend.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.spi.AttentionKernels.Gradients;
import dev.sluice.spi.AttentionKernels.Inputs;
import dev.sluice.spi.AttentionSpec;
import dev.sluice.spi.AttentionSpec.Causal;
import dev.sluice.spi.AttentionSpec.Layout;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.Dropout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReferenceAttentionTest {
  private static final double NAN = Double.NaN;
  private static final double LOG3 = Math.log(3);
  private final ReferenceBackend backend = new ReferenceBackend();
  private final Kit kit = new Kit(backend);

  /** One batch row and head, widths 1. */
  private static AttentionSpec small(int queries, int keys, Causal causal, boolean mask, boolean bias,
  boolean lengths) {
    Layout query = Layout.headsFirst(1, queries, 1);
    Layout key = Layout.headsFirst(1, keys, 1);
    Layout weights = Layout.headsFirst(1, queries, keys);
    return new AttentionSpec(1, 1, 1, queries, keys, 1, 1, query, key, key, query, 1, causal, mask ? weights : null,
        bias ? weights : null, lengths, Dropout.NONE);
  }

  private double[] output(AttentionSpec spec, double[] query, double[] key, double[] value, @Nullable Buffer mask,
      @Nullable Buffer bias, @Nullable Buffer lengths) {
    Buffer output = kit.empty(query.length);
    Inputs inputs = new Inputs(kit.reals(query), kit.reals(key), kit.reals(value), mask, bias, lengths);
    backend.attention().attention(spec, inputs, output, null, null);
    return kit.values(output);
  }

  @Test
  void aWeightedMeanOfTheValues() {
    double[] output = output(small(1, 2, Causal.NONE, false, false, false), new double[] {1}, new double[] {0, LOG3},
        new double[] {4, 8}, null, null, null);
    assertArrayEquals(new double[] {7}, output, 1e-15);
  }

  @Test
  void causalAlignments() {
    assertArrayEquals(new double[] {1, 2}, means(Causal.TOP_LEFT, 2, 1, 3, 8), 1e-15);
    assertArrayEquals(new double[] {2, 4}, means(Causal.BOTTOM_RIGHT, 2, 1, 3, 8), 1e-15);
    assertArrayEquals(new double[] {0, 1, 2}, means(Causal.BOTTOM_RIGHT, 3, 1, 3), 1e-15);
  }

  /** With equal logits every query gives the mean of the values that it sees. */
  private double[] means(Causal causal, int queries, double... value) {
    AttentionSpec spec = small(queries, value.length, causal, false, false, false);
    return output(spec, new double[queries], new double[value.length], value, null, null, null);
  }

  @Test
  void whatTakesNoPartIsNeverRead() {
    double[] query = {1, 1};
    double[] key = {0, NAN, LOG3, NAN};
    double[] value = {4, NAN, 8, NAN};
    boolean[] mask = {true, false, true, true, true, false, true, true};
    assertArrayEquals(new double[] {7, 7}, output(small(2, 4, Causal.NONE, true, false, true), query, key, value,
        kit.booleans(mask), null, kit.integers(3)), 1e-15);
    double minus = Double.NEGATIVE_INFINITY;
    assertArrayEquals(new double[] {7, 7}, output(small(2, 4, Causal.NONE, false, true, false), query, key, value, null,
        kit.reals(0, minus, 0, minus, 0, minus, 0, minus), null), 1e-15);
  }

  @Test
  void aRowWithoutKeysGivesZerosAndZeroGradients() {
    AttentionSpec spec = small(1, 2, Causal.NONE, false, false, true);
    Inputs inputs = new Inputs(kit.reals(NAN), kit.reals(NAN, NAN), kit.reals(NAN, NAN), null, null, kit.integers(0));
    Buffer output = kit.empty(1);
    Buffer weights = kit.empty(2);
    Buffer reserve = kit.empty(backend.attention().attentionReserve(spec));
    backend.attention().attention(spec, inputs, output, weights, reserve);
    assertArrayEquals(new double[] {0}, kit.values(output));
    assertArrayEquals(new double[] {0, 0}, kit.values(weights));
    Gradients gradients = new Gradients(kit.empty(1), kit.empty(2), kit.empty(2), kit.empty(2));
    backend.attention().attentionBackward(spec, inputs, output, reserve, kit.reals(1), null, gradients);
    assertArrayEquals(new double[] {0}, kit.values(gradients.query()));
    assertArrayEquals(new double[] {0, 0}, kit.values(gradients.key()));
    assertArrayEquals(new double[] {0, 0}, kit.values(gradients.value()));
  }

  @Test
  void aNanThatTakesPartIsNotLost() {
    double[] output = output(small(1, 2, Causal.NONE, false, false, false), new double[] {1},
        new double[] {NAN, Double.NEGATIVE_INFINITY}, new double[] {4, 8}, null, null, null);
    assertArrayEquals(new double[] {NAN}, output);
  }

  @Test
  void weightsAreThoseAfterDropout() {
    double[] both = AttentionCase.random().forward(backend);
    AttentionSpec spec = AttentionCase.SPEC;
    for (int e = 0; e < spec.weights(); e++) {
      double weight = both[AttentionCase.OUTPUTS + e];
      int i = e / spec.keys() % spec.queries();
      boolean zero = !spec.dropout().keeps(e) || e % spec.keys() >= spec.visibleKeys(i);
      if (zero) {
        assertEquals(0, weight, "weight " + e);
      }
    }
    assertEquals(48, AttentionCase.OUTPUTS);
  }

  @Test
  void gradientsWithEveryOption() {
    AttentionCase sample = AttentionCase.random();
    double[] gradient = Kit.normal(9, AttentionCase.OUTPUTS + AttentionCase.SPEC.weights());
    double[][] gradients = sample.backward(backend, gradient);
    Kit.assertGradient("query", sample.query(), gradients[0],
        v -> Kit.dot(gradient, sample.withQuery(v).forward(backend)));
    Kit.assertGradient("key", sample.key(), gradients[1], v -> Kit.dot(gradient, sample.withKey(v).forward(backend)));
    Kit.assertGradient("value", sample.value(), gradients[2],
        v -> Kit.dot(gradient, sample.withValue(v).forward(backend)));
    // The bias is broadcast over the batch; its gradient is dense.
    double[] gradBias = new double[sample.bias().length];
    Arrays.setAll(gradBias, e -> gradients[3][e] + gradients[3][gradBias.length + e]);
    Kit.assertGradient("bias", sample.bias(), gradBias, v -> Kit.dot(gradient, sample.withBias(v).forward(backend)));
  }

  @Test
  void aLengthOutOfRangeIsRefused() {
    var error = assertThrows(IllegalArgumentException.class, () -> output(small(1, 2, Causal.NONE, false, false, true),
        new double[1], new double[2], new double[2], null, null, kit.integers(3)));
    assertEquals("attention: lengths[0] is 3, wanted 0 to 2", error.getMessage());
  }
}
