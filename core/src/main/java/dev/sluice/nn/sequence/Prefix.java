package dev.sluice.nn.sequence;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The tokens of a hypothesis so far, the last one at hand.
 *
 * @param before what it goes on from; null for what only begins
 * @param token the last one
 * @param length how many there are, without what begins
 * @param logProbability of all of them
 * @param weights that the last one was chosen by; null where the decoder does not tell
 */
record Prefix(@Nullable Prefix before, int token, int length, double logProbability, float @Nullable [] weights) {
  /** What only begins. */
  static Prefix begin(SearchOptions options) {
    return new Prefix(null, options.begin(), 0, 0, null);
  }

  /** With one token more. */
  Prefix then(int next, double nextLogProbability, float @Nullable [] nextWeights) {
    return new Prefix(this, next, length + 1, logProbability + nextLogProbability, nextWeights);
  }

  /** What is found, the last token being its end or not. */
  Hypothesis found(boolean ended, SearchOptions options) {
    List<Integer> tokens = new ArrayList<>();
    List<float[]> all = new ArrayList<>();
    Prefix prefix = this;
    for (Prefix next = before; next != null; next = next.before) {
      if (!ended || prefix != this) {
        tokens.add(prefix.token);
      }
      if (prefix.weights != null) {
        all.add(prefix.weights);
      }
      prefix = next;
    }
    Collections.reverse(tokens);
    Collections.reverse(all);
    return new Hypothesis(tokens, ended, logProbability, options.score(logProbability, length), all);
  }
}
