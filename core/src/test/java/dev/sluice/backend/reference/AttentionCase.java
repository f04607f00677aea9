package dev.sluice.backend.reference;

import dev.sluice.spi.AttentionKernels.Gradients;
import dev.sluice.spi.AttentionKernels.Inputs;
import dev.sluice.spi.AttentionSpec;
import dev.sluice.spi.AttentionSpec.Causal;
import dev.sluice.spi.AttentionSpec.Layout;
import dev.sluice.spi.Backend;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.Dropout;
import java.util.Arrays;
import java.util.stream.DoubleStream;

/**
 * Attention with everything at once: grouped heads, two layouts, causality, a broadcast mask and bias, lengths,
 * dropout, weights.
 */
record AttentionCase(double[] query, double[] key, double[] value, double[] bias) {
  static final int BATCH = 2;
  static final int HEADS = 4;
  static final int KEY_HEADS = 2;
  static final int QUERIES = 3;
  static final int KEYS = 5;
  static final int WIDTH = 3;
  static final int VALUE_WIDTH = 2;
  static final AttentionSpec SPEC = new AttentionSpec(BATCH, HEADS, KEY_HEADS, QUERIES, KEYS, WIDTH, VALUE_WIDTH,
      Layout.lengthFirst(HEADS, QUERIES, WIDTH), Layout.headsFirst(KEY_HEADS, KEYS, WIDTH),
      Layout.headsFirst(KEY_HEADS, KEYS, VALUE_WIDTH), Layout.lengthFirst(HEADS, QUERIES, VALUE_WIDTH), 0.6,
      Causal.BOTTOM_RIGHT, new Layout(KEYS, 0, 0), new Layout(0, QUERIES * KEYS, KEYS), true, new Dropout(0.2, 3, 8));
  static final int OUTPUTS = BATCH * HEADS * QUERIES * VALUE_WIDTH;
  private static final boolean[] MASK = {true, true, false, true, true, false, true, true, true, true};
  private static final int[] LENGTHS = {5, 4};

  static AttentionCase random() {
    return new AttentionCase(Kit.normal(1, BATCH * HEADS * QUERIES * WIDTH), Kit.normal(2,
        BATCH * KEY_HEADS * KEYS * WIDTH),
        Kit.normal(3, BATCH * KEY_HEADS * KEYS * VALUE_WIDTH), Kit.normal(4, HEADS * QUERIES * KEYS));
  }

  AttentionCase withQuery(double[] other) {
    return new AttentionCase(other, key, value, bias);
  }

  AttentionCase withKey(double[] other) {
    return new AttentionCase(query, other, value, bias);
  }

  AttentionCase withValue(double[] other) {
    return new AttentionCase(query, key, other, bias);
  }

  AttentionCase withBias(double[] other) {
    return new AttentionCase(query, key, value, other);
  }

  /** The output followed by the weights. */
  double[] forward(Backend backend) {
    Kit kit = new Kit(backend);
    Buffer output = kit.empty(OUTPUTS);
    Buffer weights = kit.empty(SPEC.weights());
    backend.attention().attention(SPEC, inputs(kit), output, weights, null);
    return concat(kit.values(output), kit.values(weights));
  }

  /** The gradients of query, key, value and (dense) bias, for a gradient of what {@link #forward} gives. */
  double[][] backward(Backend backend, double[] gradient) {
    Kit kit = new Kit(backend);
    Inputs inputs = inputs(kit);
    Buffer output = kit.empty(OUTPUTS);
    Buffer reserve = kit.empty(backend.attention().attentionReserve(SPEC));
    backend.attention().attention(SPEC, inputs, output, null, reserve);
    Gradients gradients = new Gradients(kit.empty(query.length), kit.empty(key.length), kit.empty(value.length),
        kit.empty(SPEC.weights()));
    Buffer gradOutput = kit.reals(Arrays.copyOf(gradient, OUTPUTS));
    Buffer gradWeights = kit.reals(Arrays.copyOfRange(gradient, OUTPUTS, gradient.length));
    backend.attention().attentionBackward(SPEC, inputs, output, reserve, gradOutput, gradWeights, gradients);
    return new double[][] {kit.values(gradients.query()), kit.values(gradients.key()), kit.values(gradients.value()),
        kit.values(gradients.bias())};
  }

  private Inputs inputs(Kit kit) {
    return new Inputs(kit.reals(query), kit.reals(key), kit.reals(value), kit.booleans(MASK), kit.reals(bias),
        kit.integers(LENGTHS));
  }

  private static double[] concat(double[] first, double[] second) {
    return DoubleStream.concat(DoubleStream.of(first), DoubleStream.of(second)).toArray();
  }
}
