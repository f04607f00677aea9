package dev.sluice.backend.vector;

import dev.sluice.spi.AttentionKernels;
import dev.sluice.spi.AttentionSpec;
import dev.sluice.spi.AttentionSpec.Causal;
import dev.sluice.spi.AttentionSpec.Layout;
import dev.sluice.spi.Backend;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.Dropout;
import dev.sluice.spi.ElementType;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** One call of attention, forward and backward, that can be run by the kernels under test and by a whole backend. */
final class AttentionCase {
  static final int TOP_LEFT = 1;
  static final int BOTTOM_RIGHT = 2;
  static final int MASK = 3;
  static final int BIAS = 6;
  static final int LENGTHS = 12;
  static final int DROPOUT = 24;
  static final int WEIGHTS = 48;
  static final int LENGTH_FIRST = 96;
  /** All sums of one causality and any of the others. */
  static final int OPTIONS = 192;

  static final List<String> RESULTS =
      List.of("output", "weights", "gradQuery", "gradKey", "gradValue", "gradBias");

  final AttentionSpec spec;
  final float[] query;
  final float[] key;
  final float[] value;
  final boolean @Nullable [] mask;
  final float @Nullable [] bias;
  final int @Nullable [] lengths;
  final float[] gradOutput;
  /** Also tells whether the weights are wanted. */
  final float @Nullable [] gradWeights;

  private AttentionCase(AttentionSpec spec, float[] query, float[] key, float[] value, boolean @Nullable [] mask,
      float @Nullable [] bias, int @Nullable [] lengths, float[] gradOutput, float @Nullable [] gradWeights) {
    this.spec = spec;
    this.query = query;
    this.key = key;
    this.value = value;
    this.mask = mask;
    this.bias = bias;
    this.lengths = lengths;
    this.gradOutput = gradOutput;
    this.gradWeights = gradWeights;
  }

  /** A case of sizes {batch, heads, keyHeads, queries, keys, width, valueWidth}. */
  static AttentionCase of(int[] sizes, int options, Random random) {
    int batch = sizes[0];
    int heads = sizes[1];
    int keyHeads = sizes[2];
    int queries = sizes[3];
    int keys = sizes[4];
    int width = sizes[5];
    int valueWidth = sizes[6];
    boolean masked = options / MASK % 2 == 1;
    boolean biased = options / BIAS % 2 == 1;
    boolean lengthy = options / LENGTHS % 2 == 1;
    boolean weighted = options / WEIGHTS % 2 == 1;
    boolean lengthFirst = options / LENGTH_FIRST % 2 == 1;
    Dropout dropout = options / DROPOUT % 2 == 1 ? new Dropout(0.3, 1234567890123L, 77) : Dropout.NONE;
    Layout maskLayout = lengthFirst ? new Layout(0, 0, keys) : Layout.headsFirst(heads, queries, keys);
    AttentionSpec spec = new AttentionSpec(batch, heads, keyHeads, queries, keys, width, valueWidth,
        layout(lengthFirst, heads, queries, width), layout(lengthFirst, keyHeads, keys, width),
        layout(lengthFirst, keyHeads, keys, valueWidth), layout(lengthFirst, heads, queries, valueWidth),
        width == 0 ? 1 : 1 / Math.sqrt(width), Causal.values()[options % 3], masked ? maskLayout : null,
        biased ? maskLayout : null, lengthy, dropout);
    int logits = batch * heads * queries * keys;
    float[] bias = biased ? gaussian(random, logits) : null;
    for (int i = 0; biased && i < logits; i += 1 + random.nextInt(20)) {
      bias[i] = Float.NEGATIVE_INFINITY;
    }
    return new AttentionCase(spec, gaussian(random, batch * heads * queries * width),
        gaussian(random, batch * keyHeads * keys * width),
        gaussian(random, batch * keyHeads * keys * valueWidth),
        masked ? VectorFixture.coins(random, logits, 0.7) : null, bias,
        lengthy ? random.ints(batch, 0, keys + 1).toArray() : null,
        gaussian(random, batch * heads * queries * valueWidth),
        weighted ? gaussian(random, logits) : null);
  }

  /** Without outliers: one large logit or dP makes a row's error a matter of a single rounding, whoever computes. */
  private static float[] gaussian(Random random, int length) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static Layout layout(boolean lengthFirst, int heads, int length, int width) {
    return lengthFirst ? Layout.lengthFirst(heads, length, width) : Layout.headsFirst(heads, length, width);
  }

  /** The same with a mask of (batch, keys) for all heads and queries. */
  AttentionCase maskedByKey(Random random) {
    AttentionSpec masked = with(spec.batch(), new Layout(spec.keys(), 0, 0));
    return new AttentionCase(masked, query, key, value, VectorFixture.coins(random, spec.batch() * spec.keys(), 0.5),
        bias, lengths, gradOutput, gradWeights);
  }

  /** Several copies of a case without masks as a batch. */
  AttentionCase repeated(int copies) {
    return new AttentionCase(with(copies, null), repeat(query, copies), repeat(key, copies), repeat(value, copies),
        null, null, null, repeat(gradOutput, copies), null);
  }

  private AttentionSpec with(int batch, @Nullable Layout mask) {
    return new AttentionSpec(batch, spec.heads(), spec.keyHeads(), spec.queries(), spec.keys(), spec.width(),
        spec.valueWidth(), spec.query(), spec.key(), spec.value(), spec.output(), spec.scale(), spec.causal(), mask,
        spec.bias(), spec.lengths(), spec.dropout());
  }

  private static float[] repeat(float[] values, int copies) {
    float[] all = new float[values.length * copies];
    for (int i = 0; i < copies; i++) {
      System.arraycopy(values, 0, all, i * values.length, values.length);
    }
    return all;
  }

  /** The results, in the order of {@link #RESULTS}, of the kernels under test. */
  float[][] run(Workers workers, Scratch scratch) {
    VectorAttention kernels = new VectorAttention(workers, scratch);
    Buffer[] results = run(kernels, new Buffers() {
      @Override
      public Buffer reals(float[] values) {
        return VectorFixture.reals(values);
      }

      @Override
      public Buffer ints(int[] values) {
        return VectorFixture.ints(values);
      }

      @Override
      public Buffer flags(boolean[] values) {
        return VectorFixture.flags(values);
      }
    });
    return Arrays.stream(results).map(VectorFixture::values).toArray(float[][]::new);
  }

  /** The results of a backend. */
  double[][] run(Backend backend) {
    Buffer[] results = run(backend.attention(), new Buffers() {
      @Override
      public Buffer reals(float[] values) {
        Buffer buffer = backend.allocate(ElementType.REAL, values.length);
        backend.write(values, 0, buffer, 0, values.length);
        return buffer;
      }

      @Override
      public Buffer ints(int[] values) {
        Buffer buffer = backend.allocate(ElementType.INT32, values.length);
        backend.write(values, 0, buffer, 0, values.length);
        return buffer;
      }

      @Override
      public Buffer flags(boolean[] values) {
        Buffer buffer = backend.allocate(ElementType.BOOL, values.length);
        backend.write(values, 0, buffer, 0, values.length);
        return buffer;
      }
    });
    double[][] values = new double[results.length][];
    for (int i = 0; i < results.length; i++) {
      values[i] = new double[results[i].length()];
      backend.read(results[i], 0, values[i], 0, values[i].length);
    }
    return values;
  }

  private interface Buffers {
    Buffer reals(float[] values);

    Buffer ints(int[] values);

    Buffer flags(boolean[] values);

    /** NaN all over, so that what is not written shows. */
    default Buffer result(int length) {
      float[] unwritten = new float[length];
      Arrays.fill(unwritten, Float.NaN);
      return reals(unwritten);
    }
  }

  private Buffer[] run(AttentionKernels kernels, Buffers buffers) {
    AttentionKernels.Inputs inputs = new AttentionKernels.Inputs(buffers.reals(query), buffers.reals(key),
        buffers.reals(value), mask == null ? null : buffers.flags(mask), bias == null ? null : buffers.reals(bias),
        lengths == null ? null : buffers.ints(lengths));
    int logits = gradWeights == null && bias == null ? 0 : spec.weights();
    Buffer output = buffers.result(gradOutput.length);
    Buffer weights = buffers.result(gradWeights == null ? 0 : logits);
    Buffer reserve = buffers.result(kernels.attentionReserve(spec));
    kernels.attention(spec, inputs, output, gradWeights == null ? null : weights, reserve);
    Buffer gradBias = buffers.result(bias == null ? 0 : logits);
    AttentionKernels.Gradients gradients = new AttentionKernels.Gradients(buffers.result(query.length),
        buffers.result(key.length), buffers.result(value.length), bias == null ? null : gradBias);
    kernels.attentionBackward(spec, inputs, output, reserve, buffers.reals(gradOutput),
        gradWeights == null ? null : buffers.reals(gradWeights), gradients);
    return new Buffer[] {output, weights, gradients.query(), gradients.key(), gradients.value(), gradBias};
  }

  @Override
  public String toString() {
    return spec + (gradWeights == null ? "" : " with weights");
  }
}
