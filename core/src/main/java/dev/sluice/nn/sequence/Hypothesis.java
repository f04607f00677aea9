package dev.sluice.nn.sequence;

import java.util.List;

/**
 * What a search found.
 *
 * @param tokens without what begins and what ends
 * @param ended whether it ended, in place of being cut off at the greatest length
 * @param logProbability the sum over its tokens and its end
 * @param score {@link SearchOptions#score} of it
 * @param weights for each token, and for its end if it ended, how much each position of the source counted (positions
 *     past the source's length 0); empty where the decoder does not tell
 */
public record Hypothesis(List<Integer> tokens, boolean ended, double logProbability, double score,
    List<float[]> weights) {
  public Hypothesis {
    tokens = List.copyOf(tokens);
    weights = List.copyOf(weights);
  }
}
