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
  private static final String MULTI_HEAD = "multiHeadAttention";

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
    checkBackend(NAME, query, key, value, options);
    Shape leading = check(query, key, value, options);
    return attend(NAME, spec(query, key, value, leading, options), query, key, value, options,
        query.shape().with(-1, value.size(-1)), query.shape().with(-1, key.size(-2)));
  }

  /**
   * {@link #scaledDotProductAttention} of heads that lie side by side, as a projection to all heads leaves them and as
   * the one after attention wants them; nothing is copied.
   *
   * @param query (batch, queries, heads * width) if batch first, else (queries, batch, heads * width)
   * @param key (batch, keys, keyHeads * width), or (keys, batch, keyHeads * width)
   * @param value (batch, keys, keyHeads * valueWidth), or (keys, batch, keyHeads * valueWidth)
   * @param heads of the query, 1 or more, a divisor of its last size
   * @param options masks stretch to (batch, heads, queries, keys)
   * @return output (batch, queries, heads * valueWidth), or (queries, batch, heads * valueWidth), and where asked for
   *     weights (batch, heads, queries, keys); gradients flow through both
   */
  public static AttentionResult multiHeadAttention(Tensor query, Tensor key, Tensor value, int heads,
      boolean batchFirst, AttentionOptions options) {
    checkBackend(MULTI_HEAD, query, key, value, options);
    AttentionSpec spec = sideBySide(query, key, value, heads, batchFirst, options);
    return attend(MULTI_HEAD, spec, query, key, value, options, query.shape().with(-1, heads * spec.valueWidth()),
        Shape.of(spec.batch(), heads, spec.queries(), spec.keys()));
  }

  private static AttentionResult attend(String name, AttentionSpec unmasked, Tensor query, Tensor key, Tensor value,
      AttentionOptions options, Shape outputShape, Shape weightsShape) {
    Backend backend = query.backend();
    Tensor mask = options.mask() == null ? null : spread(name, "mask", options.mask(), weightsShape);
    Tensor bias = options.bias() == null ? null : spread(name, "bias", options.bias(), weightsShape);
    Tensor keeps = keeps(options);
    Tensor predicate = keeps == null ? null : spread(name, "predicate", keeps, weightsShape);
    AttentionSpec spec = restricted(unmasked, layout(mask, weightsShape), layout(bias, weightsShape),
        layout(predicate, weightsShape), options);
    Tensor lengths = options.lengths();

    Tensor output = Checks.real(backend, outputShape);
    Tensor weights = options.needWeights() ? Checks.real(backend, weightsShape) : null;
    boolean records = Tape.records(Checks.present(query, key, value, bias));
    Tensor reserve = records ? Checks.reserve(backend, backend.attention().attentionReserve(spec)) : null;
    AttentionKernels.Inputs inputs = new AttentionKernels.Inputs(query.buffer(), key.buffer(), value.buffer(),
        Checks.buffer(mask), Checks.buffer(bias), Checks.buffer(lengths), Checks.buffer(predicate));
    backend.attention().attention(spec, inputs, output.buffer(), Checks.buffer(weights), Checks.buffer(reserve));

    Tape.record(name, Checks.present(query, key, value, bias),
        Checks.present(query, key, value, mask, bias, lengths, predicate, output, reserve),
        Checks.present(output, weights),
        gradients -> backward(spec, inputs, query, key, value, bias, output, reserve, weightsShape, gradients));
    return new AttentionResult(output, weights);
  }

  private static @Nullable Tensor[] backward(AttentionSpec spec, AttentionKernels.Inputs inputs, Tensor query,
      Tensor key, Tensor value, @Nullable Tensor bias, Tensor output, Tensor reserve, Shape weightsShape,
      @Nullable Tensor[] gradients) {
    Backend backend = query.backend();
    Tensor gradOutput = gradients[0] != null ? gradients[0] : Tensor.full(backend, output.shape(), 0);
    Tensor gradWeights = gradients.length > 1 ? gradients[1] : null;
    Tensor gradQuery = Checks.real(backend, query.shape());
    Tensor gradKey = Checks.real(backend, key.shape());
    Tensor gradValue = Checks.real(backend, value.shape());
    Tensor gradBias = bias != null && bias.requiresGrad() ? Checks.real(backend, weightsShape) : null;
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

  private static AttentionSpec spec(Tensor query, Tensor key, Tensor value, Shape leading, AttentionOptions options) {
    boolean hasHeads = query.rank() > 3;
    int heads = hasHeads ? query.size(-3) : 1;
    int keyHeads = hasHeads ? key.size(-3) : 1;
    int batch = leading.elements();
    int queries = query.size(-2);
    int keys = key.size(-2);
    int width = query.size(-1);
    int valueWidth = value.size(-1);
    return new AttentionSpec(batch, heads, keyHeads, queries, keys, width, valueWidth,
        Layout.headsFirst(heads, queries, width), Layout.headsFirst(keyHeads, keys, width),
        Layout.headsFirst(keyHeads, keys, valueWidth), Layout.headsFirst(heads, queries, valueWidth),
        scale(options, width), options.causal(), null, null, options.lengths() != null, Dropout.NONE);
  }

  /** Checks the shapes of heads that lie side by side and says where they lie. */
  private static AttentionSpec sideBySide(Tensor query, Tensor key, Tensor value, int heads, boolean batchFirst,
      AttentionOptions options) {
    Checks.real(MULTI_HEAD, "query", query);
    Checks.real(MULTI_HEAD, "key", key);
    Checks.real(MULTI_HEAD, "value", value);
    Checks.require(heads >= 1, MULTI_HEAD, "heads is " + heads, "1 or more");
    Checks.shape(query.rank() == 3 && query.size(-1) > 0 && query.size(-1) % heads == 0, MULTI_HEAD, "query", query,
        (batchFirst ? "(batch, queries, " : "(queries, batch, ") + heads + " heads * width)");
    int width = query.size(-1) / heads;
    int batchDimension = batchFirst ? 0 : 1;
    int batch = query.size(batchDimension);
    Checks.shape(key.rank() == 3 && key.size(batchDimension) == batch && key.size(-1) > 0 && key.size(-1) % width == 0
        && heads % (key.size(-1) / width) == 0, MULTI_HEAD, "key", key,
        (batchFirst ? "(" + batch + ", keys" : "(keys, " + batch) + ", keyHeads * " + width + ") of heads that divide "
            + heads);
    int keyHeads = key.size(-1) / width;
    Checks.shape(value.rank() == 3 && value.shape().with(-1, 0).equals(key.shape().with(-1, 0))
        && value.size(-1) % keyHeads == 0, MULTI_HEAD, "value", value,
        key.shape().slice(0, 2) + " and " + keyHeads + " heads * width, as the key has");
    Checks.shape(MULTI_HEAD, "lengths", options.lengths(), Shape.of(batch));
    int queries = query.size(1 - batchDimension);
    int keys = key.size(1 - batchDimension);
    int valueWidth = value.size(-1) / keyHeads;
    return new AttentionSpec(batch, heads, keyHeads, queries, keys, width, valueWidth,
        sideBySide(batch, queries, heads * width, width, batchFirst),
        sideBySide(batch, keys, keyHeads * width, width, batchFirst),
        sideBySide(batch, keys, keyHeads * valueWidth, valueWidth, batchFirst),
        sideBySide(batch, queries, heads * valueWidth, valueWidth, batchFirst),
        scale(options, width), options.causal(), null, null, options.lengths() != null, Dropout.NONE);
  }

  /** Where heads of a width lie that fill the last dimension of three. */
  private static Layout sideBySide(int batch, int length, int all, int width, boolean batchFirst) {
    return batchFirst ? new Layout(length * all, width, all) : new Layout(all, width, batch * all);
  }

  private static double scale(AttentionOptions options, int width) {
    return options.scale() != null ? options.scale() : 1 / Math.sqrt(width);
  }

  /** The spec with its masks, and with what is drawn: only now that nothing is refused any more. */
  private static AttentionSpec restricted(AttentionSpec spec, @Nullable Layout mask, @Nullable Layout bias,
      @Nullable Layout predicate, AttentionOptions options) {
    long rows = (long) spec.batch() * spec.heads() * spec.queries();
    Selection selection = options.selecting().selection(rows, predicate);
    Dropout dropout = options.generator() == null ? Dropout.NONE
        : options.generator().dropout(options.dropout(), rows * spec.keys());
    return new AttentionSpec(spec.batch(), spec.heads(), spec.keyHeads(), spec.queries(), spec.keys(), spec.width(),
        spec.valueWidth(), spec.query(), spec.key(), spec.value(), spec.output(), spec.scale(), spec.causal(), mask,
        bias, spec.lengths(), selection, dropout);
  }

  private static void checkBackend(String name, Tensor query, Tensor key, Tensor value, AttentionOptions options) {
    Checks.backend(name, query, key, value, options.mask(), options.bias(), options.lengths(), keeps(options));
  }

  /** What keeps weights where the caller chose them. */
  private static @Nullable Tensor keeps(AttentionOptions options) {
    return options.selecting() instanceof Selecting.Chosen chosen ? chosen.keeps() : null;
  }

  /**
   * A mask as the kernel takes it: its rows whole, and its leading dimensions either all there or all 1, so that one
   * stride steps over them. A mask that stretches otherwise is copied out.
   */
  private static Tensor spread(String name, String argument, Tensor mask, Shape weights) {
    Checks.shape(Broadcasting.stretches(mask.shape(), weights), name, argument, mask, "a shape that stretches to "
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
