package dev.sluice.nn.transformer;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.nn.Layer;
import dev.sluice.nn.LayerNorm;
import dev.sluice.nn.Linear;
import dev.sluice.nn.attention.AttentionCall;
import dev.sluice.nn.attention.KeyValueCache;
import dev.sluice.nn.attention.MultiHeadAttention;
import dev.sluice.spi.AttentionSpec.Causal;
import java.util.function.Function;

/**
 * Self-attention, then two linear layers over each position, each added to what it read and normalised after or before,
 * as torch.nn.TransformerEncoderLayer. Parameters: those of {@code self_attn} ({@link MultiHeadAttention}), {@code
 * linear1}, {@code linear2}, {@code norm1} and {@code norm2}.
 */
public final class TransformerEncoderLayer extends TransformerLayer implements Layer {
  private final MultiHeadAttention selfAttention;
  private final Linear linear1;
  private final Linear linear2;
  private final LayerNorm norm1;
  private final LayerNorm norm2;

  /**
   * As the options say.
   *
   * @param generator of the initial values, then of dropout
   */
  public TransformerEncoderLayer(TransformerOptions options, Generator generator) {
    super(options, generator);
    selfAttention = register("self_attn", new MultiHeadAttention(options.attention(), generator));
    linear1 = register("linear1", widening(generator));
    linear2 = register("linear2", narrowing(generator));
    norm1 = register("norm1", normalization());
    norm2 = register("norm2", normalization());
  }

  /** The output of every position over every position. */
  @Override
  public Tensor forward(Tensor input) {
    return forward(input, AttentionCall.PLAIN).output();
  }

  /**
   * Encodes.
   *
   * @param input REAL (batch, length, dModel) if batch first, else (length, batch, dModel); unbatched (length, dModel)
   * @param call of the attention
   * @return output of the input's shape, and the attention's weights where asked for
   */
  public MultiHeadAttention.Output forward(Tensor input, AttentionCall call) {
    return through(input, x -> selfAttention.forward(x, call));
  }

  /** An empty cache for {@link #step}. */
  KeyValueCache cache(int batch, int capacity) {
    return selfAttention.cache(batch, capacity);
  }

  /** What {@link #forward} gives for the positions that follow those in the cache, each seeing those up to itself. */
  Tensor step(Tensor input, KeyValueCache cache) {
    return through(input, x -> {
      selfAttention.extend(cache, x, x);
      return selfAttention.forward(x, cache, AttentionCall.PLAIN.causal(Causal.BOTTOM_RIGHT));
    }).output();
  }

  private MultiHeadAttention.Output through(Tensor input, Function<Tensor, MultiHeadAttention.Output> attention) {
    MultiHeadAttention.Output attended = attention.apply(before(norm1, input));
    Tensor x = after(norm1, input, attended.output());
    Tensor output = after(norm2, x, feedForward(linear1, linear2, before(norm2, x)));
    return new MultiHeadAttention.Output(output, attended.weights());
  }
}
