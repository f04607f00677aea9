package dev.sluice.nn.attention;

import dev.sluice.Tensor;
import dev.sluice.spi.AttentionSpec.Causal;
import dev.sluice.spi.ElementType;
import org.jspecify.annotations.Nullable;

/**
 * What restricts one call of {@link MultiHeadAttention}, and what it returns: the arguments of
 * torch.nn.MultiheadAttention.forward. Start from {@link #PLAIN} and add.
 *
 * <p>Masks have PyTorch's polarity: true masks OUT, unlike the mask of
 * {@link dev.sluice.autograd.AttentionOptions#mask}. A REAL mask is added to the scaled logits; gradients flow to it.
 *
 * @param keyPaddingMask BOOL or REAL (batch, keys), unbatched (keys); null for none
 * @param attnMask BOOL or REAL (queries, keys), or (batch * heads, queries, keys) where element {@code b * heads + h} is
 *     of head h of batch row b; null for none
 * @param causal which keys a query may see by position, without a mask being made
 * @param weights which weights are returned
 */
public record AttentionCall(@Nullable Tensor keyPaddingMask, @Nullable Tensor attnMask, Causal causal,
    Weights weights) {
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
  public static final AttentionCall PLAIN = new AttentionCall(null, null, Causal.NONE, Weights.NONE);

  public AttentionCall {
    requireMask("keyPaddingMask", keyPaddingMask);
    requireMask("attnMask", attnMask);
  }

  /** With keys masked out in each batch row. */
  public AttentionCall keyPaddingMask(Tensor keyPaddingMask) {
    return new AttentionCall(keyPaddingMask, attnMask, causal, weights);
  }

  /** With keys masked out for each query. */
  public AttentionCall attnMask(Tensor attnMask) {
    return new AttentionCall(keyPaddingMask, attnMask, causal, weights);
  }

  /** With keys seen by position; {@link Causal#TOP_LEFT} is PyTorch's is_causal. */
  public AttentionCall causal(Causal causal) {
    return new AttentionCall(keyPaddingMask, attnMask, causal, weights);
  }

  /** With weights returned. */
  public AttentionCall weights(Weights weights) {
    return new AttentionCall(keyPaddingMask, attnMask, causal, weights);
  }

  private static void requireMask(String argument, @Nullable Tensor mask) {
    Arguments.require(mask == null || mask.type() != ElementType.INT32, "multiHeadAttention", argument + " is INT32",
        "BOOL or REAL");
  }
}
