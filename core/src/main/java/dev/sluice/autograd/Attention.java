package dev.sluice.autograd;

import dev.sluice.Shape;
import dev.sluice.Tape;
import dev.sluice.Tensor;
import dev.sluice.spi.AttentionKernels;
import dev.sluice.spi.AttentionSpec;
import dev.sluice.spi.AttentionSpec.Layout;
import dev.sluice.spi.Backend;
import dev.sluice.spi.Dropout;
import dev.sluice.spi.Selection;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Scaled dot-product attention (Vaswani et al.: Attention is all you need, arXiv 1706.03762). */
public final class Attention {
  private static final String NAME = "scaledDotProductAttention";

  private Attention() {}

  /** Every query over every key; see the long form. */
  public static Tensor scaledDotProductAttention(Tensor query, Tensor key, Tensor value) {
    return scaledDotProductAttention(query, key, value, AttentionOptions.NONE).output();
  }

  /**
   * {@code softmax(scale * Q K^T + bias) V} over the keys that take part, as
   * torch.nn.functional.scaled_dot_product_attention; hard attention with those of the weights that the options
   * {@linkplain Selecting select}. A query without a key gives zeros. Keys that take no part are never read. With fewer
   * key heads than query heads, query head j uses key head {@code j / (heads / keyHeads)}.
   *
   * @param query (..., heads, queries, width); (batch, queries, width) and (queries, width) have one head
   * @param key (..., keyHeads, keys, width)
   * @param value (..., keyHeads, keys, valueWidth)
   * @return output (..., heads, queries, valueWidth), and the weights where asked for; gradients flow through both
   */
  public static AttentionResult scaledDotProductAttention(Tensor query, Tensor key, Tensor value,
      AttentionOptions options) {
    Tensor keeps = options.selecting() instanceof Selecting.Chosen chosen ? chosen.keeps() : null;
    Tensor lengths = options.lengths();
    Backend backend = Checks.backend(NAME, query, key, value, options.mask(), options.bias(), lengths, keeps);
    Shape leading = check(query, key, value, options);
    Shape weightsShape = query.shape().with(-1, key.size(-2));
    Tensor mask = options.mask() == null ? null : spread("mask", options.mask(), weightsShape);
    Tensor bias = options.bias() == null ? null : spread("bias", options.bias(), weightsShape);
    Tensor predicate = keeps == null ? null : spread("predicate", keeps, weightsShape);
    AttentionSpec spec = spec(query, key, value, leading, options, layout(mask, weightsShape),
        layout(bias, weightsShape), layout(predicate, weightsShape));

    Tensor output = Checks.real(backend, query.shape().with(-1, spec.valueWidth()));
    Tensor weights = options.needWeights() ? Checks.real(backend, weightsShape) : null;
    boolean records = Tape.records(Checks.present(query, key, value, bias).toArray(Tensor[]::new));
    Tensor reserve = records ? Checks.reserve(backend, backend.attention().attentionReserve(spec)) : null;
    AttentionKernels.Inputs inputs = new AttentionKernels.Inputs(query.buffer(), key.buffer(), value.buffer(),
        Checks.buffer(mask), Checks.buffer(bias), Checks.buffer(lengths), Checks.buffer(predicate));
    backend.attention().attention(spec, inputs, output.buffer(), Checks.buffer(weights), Checks.buffer(reserve));

    Tape.record(NAME, Checks.present(query, key, value, bias),
        Checks.present(query, key, value, mask, bias, lengths, predicate, output, reserve),
        Checks.present(output, weights),
        gradients -> backward(spec, inputs, query, key, value, bias, output, reserve, gradients));
    return new AttentionResult(output, weights);
  }

  private static @Nullable Tensor[] backward(AttentionSpec spec, AttentionKernels.Inputs inputs, Tensor query,
      Tensor key, Tensor value, @Nullable Tensor bias, Tensor output, Tensor reserve, @Nullable Tensor[] gradients) {
    Backend backend = query.backend();
    Tensor gradOutput = gradients[0] != null ? gradients[0] : Tensor.full(backend, output.shape(), 0);
    Tensor gradWeights = gradients.length > 1 ? gradients[1] : null;
    Tensor gradQuery = Checks.real(backend, query.shape());
    Tensor gradKey = Checks.real(backend, key.shape());
    Tensor gradValue = Checks.real(backend, value.shape());
    Tensor gradBias = bias != null && bias.requiresGrad()
        ? Checks.real(backend, query.shape().with(-1, spec.keys())) : null;
    backend.attention().attentionBackward(spec, inputs, output.buffer(), reserve.buffer(), gradOutput.buffer(),
        Checks.buffer(gradWeights), new AttentionKernels.Gradients(gradQuery.buffer(), gradKey.buffer(),
            gradValue.buffer(), Checks.buffer(gradBias)));
    if (bias == null) {
      return new Tensor[] {gradQuery, gradKey, gradValue};
    }
    return new Tensor[] {gradQuery, gradKey, gradValue,
        gradBias == null ? null : Broadcasting.sumTo(gradBias, bias.shape())};
  }

  /** Checks the shapes and returns what stands before the heads: the batch. */
  private static Shape check(Tensor query, Tensor key, Tensor value, AttentionOptions options) {
    Checks.real(NAME, "query", query);
    Checks.real(NAME, "key", key);
    Checks.real(NAME, "value", value);
    int rank = query.rank();
    Checks.shape(rank >= 2, NAME, "query", query, "(..., heads, queries, width)");
    Checks.shape(key.rank() == rank && key.size(-1) == query.size(-1), NAME, "key", key,
        "as many dimensions as the query " + query.shape() + " and its width");
    Checks.shape(value.rank() == rank && value.shape().with(-1, 0).equals(key.shape().with(-1, 0)), NAME, "value",
        value, key.shape().slice(0, rank - 1) + " and a width, as the key has");
    Shape leading = query.shape().slice(0, leadingRank(query.shape()));
    Checks.shape(key.shape().slice(0, leading.rank()).equals(leading), NAME, "key", key,
        leading + " in front, as the query " + query.shape() + " has");
    if (rank > 3) {
      Checks.shape(key.size(-3) > 0 && query.size(-3) % key.size(-3) == 0, NAME, "key", key,
          "a number of heads that divides the query's " + query.size(-3));
    }
    Checks.shape(NAME, "lengths", options.lengths(), Shape.of(leading.elements()));
    return leading;
  }

  private static AttentionSpec spec(Tensor query, Tensor key, Tensor value, Shape leading, AttentionOptions options,
      @Nullable Layout mask, @Nullable Layout bias, @Nullable Layout predicate) {
    boolean hasHeads = query.rank() > 3;
    int heads = hasHeads ? query.size(-3) : 1;
    int keyHeads = hasHeads ? key.size(-3) : 1;
    int batch = leading.elements();
    int queries = query.size(-2);
    int keys = key.size(-2);
    int width = query.size(-1);
    int valueWidth = value.size(-1);
    double scale = options.scale() != null ? options.scale() : 1 / Math.sqrt(width);
    long rows = (long) batch * heads * queries;
    Selection selection = options.selecting().selection(rows, predicate);
    Dropout dropout = options.generator() == null ? Dropout.NONE
        : options.generator().dropout(options.dropout(), rows * keys);
    return new AttentionSpec(batch, heads, keyHeads, queries, keys, width, valueWidth,
        Layout.headsFirst(heads, queries, width), Layout.headsFirst(keyHeads, keys, width),
        Layout.headsFirst(keyHeads, keys, valueWidth), Layout.headsFirst(heads, queries, valueWidth), scale,
        options.causal(), mask, bias, options.lengths() != null, selection, dropout);
  }

  /**
   * A mask as the kernel takes it: its rows whole, and its leading dimensions either all there or all 1, so that one
   * stride steps over them. A mask that stretches otherwise is copied out.
   */
  private static Tensor spread(String argument, Tensor mask, Shape weights) {
    Checks.shape(Broadcasting.stretches(mask.shape(), weights), NAME, argument, mask, "a shape that stretches to "
        + weights);
    int missing = weights.rank() - mask.rank();
    int leadingRank = leadingRank(weights);
    int[] wanted = weights.toArray();
    boolean oneLeading = true;
    boolean allLeading = true;
    for (int d = 0; d < weights.rank(); d++) {
      int size = d < missing ? 1 : mask.size(d - missing);
      if (d < leadingRank) {
        oneLeading &= size == 1;
        allLeading &= size == weights.size(d);
      } else if (d < weights.rank() - 1) {
        wanted[d] = size;
      }
    }
    if (oneLeading && !allLeading) {
      Arrays.fill(wanted, 0, leadingRank, 1);
    }
    Shape shape = Shape.of(wanted);
    if (mask.shape().elements() == shape.elements()) {
      return mask.shape().equals(shape) ? mask : Shaping.reshape(mask, wanted);
    }
    return Shaping.expand(mask, wanted);
  }

  private static @Nullable Layout layout(@Nullable Tensor mask, Shape weights) {
    if (mask == null) {
      return null;
    }
    int keys = weights.size(-1);
    int rows = mask.size(-2);
    int leadingRank = leadingRank(weights);
    int heads = weights.rank() > 3 ? mask.size(-3) : 1;
    boolean oneLeading = mask.shape().elements(0, leadingRank) == 1;
    return new Layout(oneLeading ? 0 : heads * rows * keys, heads == 1 ? 0 : rows * keys, rows == 1 ? 0 : keys);
  }

  private static int leadingRank(Shape weights) {
    return Math.max(weights.rank() - 3, Math.min(weights.rank() - 2, 1));
  }
}
