package dev.sluice.nn.transformer;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.nn.LayerNorm;
import dev.sluice.nn.Linear;
import dev.sluice.nn.attention.AttentionCall;
import dev.sluice.nn.attention.KeyValueCache;
import dev.sluice.nn.attention.MultiHeadAttention;
import dev.sluice.spi.AttentionSpec.Causal;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Self-attention, attention over a memory, then two linear layers over each position, each added to what it read and
 * normalised after or before, as torch.nn.TransformerDecoderLayer. Parameters: those of {@code self_attn} and {@code
 * multihead_attn} ({@link MultiHeadAttention}), {@code linear1}, {@code linear2}, {@code norm1}, {@code norm2} and
 * {@code norm3}.
 */
public final class TransformerDecoderLayer extends TransformerLayer {
  private final MultiHeadAttention selfAttention;
  private final MultiHeadAttention memoryAttention;
  private final Linear linear1;
  private final Linear linear2;
  private final LayerNorm norm1;
  private final LayerNorm norm2;
  private final LayerNorm norm3;

  /**
   * What a layer computed; gradients flow through all.
   *
   * @param output of the target's shape
   * @param selfWeights of the attention over the target; null unless asked for
   * @param memoryWeights of the attention over the memory; null unless asked for
   */
  public record Output(Tensor output, @Nullable Tensor selfWeights, @Nullable Tensor memoryWeights) {}

  /**
   * As the options say.
   *
   * @param generator of the initial values, then of dropout
   */
  public TransformerDecoderLayer(TransformerOptions options, Generator generator) {
    super(options, generator);
    selfAttention = register("self_attn", new MultiHeadAttention(options.attention(), generator));
    memoryAttention = register("multihead_attn", new MultiHeadAttention(options.attention(), generator));
    linear1 = register("linear1", widening(generator));
    linear2 = register("linear2", narrowing(generator));
    norm1 = register("norm1", normalization());
    norm2 = register("norm2", normalization());
    norm3 = register("norm3", normalization());
  }

  /** The output of every position of the target over every one of target and memory, as PyTorch's without masks. */
  public Tensor forward(Tensor target, Tensor memory) {
    return forward(target, memory, AttentionCall.PLAIN, AttentionCall.PLAIN).output();
  }

  /**
   * Decodes.
   *
   * @param target REAL (batch, length, dModel) if batch first, else (length, batch, dModel); unbatched (length, dModel)
   * @param memory REAL (batch, positions, dModel), (positions, batch, dModel) or (positions, dModel)
   * @param self of the attention over the target; causal where each position is to see only those up to itself
   * @param over of the attention over the memory
   */
  public Output forward(Tensor target, Tensor memory, AttentionCall self, AttentionCall over) {
    return through(target, x -> selfAttention.forward(x, self),
        x -> memoryAttention.forward(x, memory, memory, over));
  }

  /** An empty cache of the target for {@link #step}. */
  KeyValueCache cache(int batch, int capacity) {
    return selfAttention.cache(batch, capacity);
  }

  /** A cache of the memory for {@link #step}. */
  KeyValueCache cache(Tensor memory) {
    return memoryAttention.cache(memory, memory);
  }

  /** What {@link #forward} gives for the positions that follow those in the cache, each seeing those up to itself. */
  Output step(Tensor target, KeyValueCache cache, KeyValueCache memory, AttentionCall over) {
    return through(target, x -> {
      selfAttention.extend(cache, x, x);
      return selfAttention.forward(x, cache, AttentionCall.PLAIN.causal(Causal.BOTTOM_RIGHT));
    }, x -> memoryAttention.forward(x, memory, over));
  }

  private Output through(Tensor target, Function<Tensor, MultiHeadAttention.Output> self,
      Function<Tensor, MultiHeadAttention.Output> over) {
    MultiHeadAttention.Output selfAttended = self.apply(before(norm1, target));
    Tensor x = after(norm1, target, selfAttended.output());
    MultiHeadAttention.Output attended = over.apply(before(norm2, x));
    Tensor y = after(norm2, x, attended.output());
    Tensor output = after(norm3, y, feedForward(linear1, linear2, before(norm3, y)));
    return new Output(output, selfAttended.weights(), attended.weights());
  }
}
