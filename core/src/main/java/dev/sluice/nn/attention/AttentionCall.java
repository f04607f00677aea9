package dev.sluice.nn.attention;

import dev.sluice.Tensor;
import dev.sluice.checks.Arguments;
import dev.sluice.spi.AttentionSpec.Causal;
import dev.sluice.spi.ElementType;
import org.jspecify.annotations.Nullable;

/**
 * What restricts one call of {@link MultiHeadAttention}, and what it returns: the arguments of
 * torch.nn.MultiheadAttention.forward, and lengths. Start from {@link #PLAIN} and add.
 *
 * <p>Masks have PyTorch's polarity: true masks OUT, unlike the mask of
 * {@link dev.sluice.autograd.AttentionOptions#mask}. A REAL mask is added to the scaled logits; gradients flow to it.
 *
 * @param keyPaddingMask BOOL or REAL (batch, keys), unbatched (keys); null for none
 * @param attnMask BOOL or REAL (queries, keys), or (batch * heads, queries, keys) where entry {@code b * heads + h} is
 *     that of head h of batch row b; null for none
 * @param lengths INT32 (batch): how many leading keys of each batch row take part, without a mask being made; null for
 *     all. Not with options that add keys behind the others
 * @param causal which keys a query may see by position, without a mask being made
 * @param weights which weights are returned
 */
public record AttentionCall(@Nullable Tensor keyPaddingMask, @Nullable Tensor attnMask, @Nullable Tensor lengths,
    Causal causal, Weights weights) {
  /** Which weights are returned. */
  public enum Weights {
    /** None. */
    NONE,
    /** The average over the heads, (batch, queries, keys). */
    AVERAGED,
    /** Those of each head, (batch, heads, queries, keys). */
    PER_HEAD
  }

  /** Every query over every key, without weights. */
  public static final AttentionCall PLAIN = new AttentionCall(null, null, null, Causal.NONE, Weights.NONE);

  public AttentionCall {
    requireMask("keyPaddingMask", keyPaddingMask);
    requireMask("attnMask", attnMask);
    if (lengths != null) {
      Arguments.require(lengths.type() == ElementType.INT32, "multiHeadAttention", "lengths is " + lengths.type(),
          "INT32");
    }
  }

  /** With keys masked out in each batch row. */
  public AttentionCall keyPaddingMask(Tensor keyPaddingMask) {
    return new AttentionCall(keyPaddingMask, attnMask, lengths, causal, weights);
  }

  /** With keys masked out for each query. */
  public AttentionCall attnMask(Tensor attnMask) {
    return new AttentionCall(keyPaddingMask, attnMask, lengths, causal, weights);
  }

  /** With a number of keys that take part in each batch row. */
  public AttentionCall lengths(Tensor lengths) {
    return new AttentionCall(keyPaddingMask, attnMask, lengths, causal, weights);
  }

  /** With keys seen by position; {@link Causal#TOP_LEFT} is PyTorch's is_causal. */
  public AttentionCall causal(Causal causal) {
    return new AttentionCall(keyPaddingMask, attnMask, lengths, causal, weights);
  }

  /** With weights returned. */
  public AttentionCall weights(Weights weights) {
    return new AttentionCall(keyPaddingMask, attnMask, lengths, causal, weights);
  }

  private static void requireMask(String argument, @Nullable Tensor mask) {
    Arguments.require(mask == null || mask.type() != ElementType.INT32, "multiHeadAttention", argument + " is INT32",
        "BOOL or REAL");
  }
}
