package dev.sluice.spi;

import dev.sluice.spi.AttentionSpec.Layout;

/**
 * Which of a row's weights, made by a softmax over all keys that take part, count. The others are exactly 0, and what
 * they would multiply is not read. Unlike a mask, a selection leaves the weights that it keeps as the softmax made
 * them, unless it {@link #renormalises}. Dropout comes after it.
 *
 * <p>The gradient is that of the function as computed, with the selection held fixed. With {@code dP[j] = dW[j]} of a
 * kept weight and 0 of a dropped one, {@code dLogits[j] = p[j] (dP[j] - sum_k p[k] dP[k])}, dropped ones included;
 * renormalised, {@code w[j] (dW[j] - sum_k w[k] dW[k])} for kept weights and 0 for dropped ones. A selection of one key
 * passes straight through: its gradient is that of the softmax without it, {@code dP[j] = dW[j]} for all keys.
 *
 * <p>Weights are compared by their logits, which order them alike. A row with a logit of NaN has NaN for all its
 * weights: no threshold drops them, they tie with each other, and those that are kept are NaN.
 */
public sealed interface Selection {
  /** All: soft attention. */
  record All() implements Selection {}

  /**
   * Weights of a least size; there may be none.
   *
   * @param least the smallest weight that is kept, 0 to 1
   * @param renormalises whether kept weights are divided by their sum
   */
  record Threshold(double least, boolean renormalises) implements Selection {
    public Threshold {
      Sizes.probability("selection", "threshold", least);
    }
  }

  /**
   * The largest weights: exactly so many, ties to the lower index; all where no more keys take part.
   *
   * @param count how many, 1 or more
   * @param renormalises whether kept weights are divided by their sum
   */
  record Largest(int count, boolean renormalises) implements Selection {
    public Largest {
      Sizes.atLeast("selection", "count", count, 1);
    }
  }

  /**
   * Those that the caller chose: a BOOL operand, true keeps.
   *
   * @param layout where its rows lie
   * @param renormalises whether kept weights are divided by their sum
   */
  record Predicate(Layout layout, boolean renormalises) implements Selection {}

  /**
   * One key, drawn with the weights as its chances; its weight becomes 1. Row r of the draw takes the upper 24 bits of
   * word {@code r mod 4} of the {@link Philox} block at counter {@code offset + r/4} for u in [0, 1), and the first key
   * at which the sum of weights from the first key on exceeds u.
   *
   * @param seed the generator's seed
   * @param offset the draw's first counter, handed out by a generator
   */
  record Sampled(long seed, long offset) implements Selection {
    /** The number u of a row, 0 or more and less than 1. */
    public double uniform(long row) {
      return (Philox.word(seed, offset, row) >>> 8) * 0x1p-24;
    }
  }

  /** The key of the largest weight, ties to the lower index; its weight becomes 1. */
  record ArgMax() implements Selection {}

  /** All keys. */
  Selection ALL = new All();

  /** Whether kept weights are divided by their sum; a sum of 0 leaves zeros. */
  default boolean renormalises() {
    return false;
  }

  /** Whether all weights are kept as they are. */
  default boolean keepsAll() {
    return this instanceof All;
  }

  /** Whether one key is picked, whose weight becomes 1 and whose gradient passes straight through. */
  default boolean picksOne() {
    return this instanceof Sampled || this instanceof ArgMax;
  }
}
