package dev.sluice.spi;

import org.jspecify.annotations.Nullable;

/**
 * Scaled dot-product attention of whole sequences (Vaswani et al.: Attention is all you need, 2017).
 *
 * <p>For each batch row and query head, {@code logits = scale * Q K^T + bias} over the keys that take part, {@code P =
 * softmax(logits)} row by row, {@code W = dropout(select(P))}, {@code out = W V}. A query none of whose keys take part,
 * or whose logits are all negative infinity, has weights and output 0. Query head j uses key head {@code j / (heads /
 * keyHeads)}. Keys that take no part are never read, nor are values of dropped or masked weights, or of those that a
 * {@link Selection} does not keep; only the gradient of a selection of one key reads the values of all that take part.
 */
public interface AttentionKernels {
  /**
   * The sequences attended over and what restricts them.
   *
   * @param query REAL (batch, heads, queries, width) by the spec's layout
   * @param key REAL (batch, keyHeads, keys, width) by the spec's layout
   * @param value REAL (batch, keyHeads, keys, valueWidth) by the spec's layout
   * @param mask BOOL, true takes part, by the spec's mask strides; null for none
   * @param bias REAL, added to the scaled logits, by the spec's bias strides; null for none
   * @param lengths INT32 (batch), each 0 to keys: how many leading keys take part; null for all
   * @param predicate BOOL, true keeps a weight, by the layout of {@link Selection.Predicate}; null without one
   */
  record Inputs(Buffer query, Buffer key, Buffer value, @Nullable Buffer mask, @Nullable Buffer bias,
      @Nullable Buffer lengths, @Nullable Buffer predicate) {
    /** Without a predicate. */
    public Inputs(Buffer query, Buffer key, Buffer value, @Nullable Buffer mask, @Nullable Buffer bias,
        @Nullable Buffer lengths) {
      this(query, key, value, mask, bias, lengths, null);
    }
  }

  /**
   * The gradients of the inputs.
   *
   * @param query laid out as the query
   * @param key laid out as the key
   * @param value laid out as the value
   * @param bias dense (batch, heads, queries, keys), not summed over broadcast dimensions; null where not wanted
   */
  record Gradients(Buffer query, Buffer key, Buffer value, @Nullable Buffer bias) {}

  /** Elements of the reserve that {@link #attention} writes for its backward. */
  int attentionReserve(AttentionSpec spec);

  /**
   * Computes the output and, where asked for, the weights.
   *
   * @param output REAL (batch, heads, queries, valueWidth) by the spec's layout
   * @param weights REAL dense (batch, heads, queries, keys): W, after selection and dropout; null where not wanted
   * @param reserve null where no backward follows; it keeps what was selected
   * @throws IllegalArgumentException if a length is out of range, before anything is written
   */
  void attention(AttentionSpec spec, Inputs inputs, Buffer output, @Nullable Buffer weights, @Nullable Buffer reserve);

  /**
   * With {@code dW = dOut V^T + gradWeights}, {@code dP = select'(dropout'(dW))}, {@code delta = sum_j P dP}: {@code
   * dLogits = P (dP - delta)}, {@code dQ = scale dLogits K}, {@code dK = scale dLogits^T Q}, {@code dV = W^T dOut},
   * {@code dBias = dLogits}. {@link Selection} says what dP and dLogits are of weights that it does not keep.
   *
   * @param gradWeights the gradient of the weights, dense as they are; null for none
   */
  void attentionBackward(AttentionSpec spec, Inputs inputs, Buffer output, Buffer reserve, Buffer gradOutput,
      @Nullable Buffer gradWeights, Gradients gradients);
}
