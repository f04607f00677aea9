package dev.sluice.nn.sequence;

import dev.sluice.Tensor;
import dev.sluice.checks.Arguments;
import dev.sluice.spi.Backend;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Sequences of several lengths as one rectangle.
 *
 * @param tokens INT32 (batch, steps), with 0 behind a sequence's end
 * @param lengths INT32 (batch), how many tokens of each row are its sequence's; null where that is all
 */
public record PaddedTokens(Tensor tokens, @Nullable Tensor lengths) {
  /**
   * Of these sequences.
   *
   * @param sequences one or more, of any lengths
   * @return as many steps as the longest has
   */
  public static PaddedTokens of(Backend backend, int[]... sequences) {
    Arguments.require(sequences.length > 0, "paddedTokens", "there is no sequence", "one or more");
    int[] lengths = Arrays.stream(sequences).mapToInt(sequence -> sequence.length).toArray();
    int steps = Arrays.stream(lengths).max().orElse(0);
    int[] tokens = new int[sequences.length * steps];
    for (int row = 0; row < sequences.length; row++) {
      System.arraycopy(sequences[row], 0, tokens, row * steps, lengths[row]);
    }
    boolean whole = Arrays.stream(lengths).allMatch(length -> length == steps);
    return new PaddedTokens(Tensor.of(backend, tokens, sequences.length, steps),
        whole ? null : Tensor.of(backend, lengths, lengths.length));
  }
}
