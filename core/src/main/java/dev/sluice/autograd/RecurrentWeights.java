package dev.sluice.autograd;

import dev.sluice.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of one direction of one recurrent layer: G gates of hidden width H, input width I, output width R.
 *
 * @param inputWeights (G*H, I)
 * @param hiddenWeights (G*H, R)
 * @param inputBias (G*H), or null without bias
 * @param hiddenBias (G*H), null exactly where the input's is
 * @param projection (R, H) of an LSTM with projection, else null
 */
public record RecurrentWeights(Tensor inputWeights, Tensor hiddenWeights, @Nullable Tensor inputBias,
    @Nullable Tensor hiddenBias, @Nullable Tensor projection) {
  @Nullable Tensor[] toArray() {
    return new Tensor[] {inputWeights, hiddenWeights, inputBias, hiddenBias, projection};
  }
}
