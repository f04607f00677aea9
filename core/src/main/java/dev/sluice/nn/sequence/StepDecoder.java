package dev.sluice.nn.sequence;

import dev.sluice.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Search} asks of a decoder: one token more, in many rows at once.
 *
 * @param <S> where it stands
 */
public interface StepDecoder<S extends SearchState<S>> {
  /**
   * What a step gave.
   *
   * @param logProbabilities (rows, vocabulary), of each token to come next
   * @param weights (rows, source positions), how much each position counted; null where the decoder does not tell
   * @param state where the decoder now stands, in the same rows
   * @param <S> the decoder's state
   */
  record Step<S>(Tensor logProbabilities, @Nullable Tensor weights, S state) {}

  /**
   * Reads a token in each row.
   *
   * @param state where the decoder stands
   * @param tokens of each row, the one that came last; at first that which begins
   */
  Step<S> step(S state, int[] tokens);
}
