package dev.sluice.nn.sequence;

import dev.sluice.Generator;
import dev.sluice.checks.Arguments;
import dev.sluice.nn.attention.Score;
import dev.sluice.nn.attention.Weighing;

/** How an {@link AttentionDecoder} attends over what an encoder made. */
public sealed interface Attending {
  /**
   * By a {@link ScoredSourceAttention}.
   *
   * @param score of a query and an output
   * @param weighing what makes weights of scores
   */
  record Scored(Score score, Weighing weighing) implements Attending {}

  /**
   * By a {@link MultiHeadSourceAttention}.
   *
   * @param count of heads, 1 or more, a divisor of the decoder's width
   */
  record Heads(int count) implements Attending {
    public Heads {
      Arguments.positive("attending", "heads", count);
    }
  }

  /** Softly by a score. */
  static Attending by(Score score) {
    return new Scored(score, Weighing.SOFT);
  }

  /** By a score: softly, to some outputs only, or by sparsemax. */
  static Attending by(Score score, Weighing weighing) {
    return new Scored(score, weighing);
  }

  /** Softly by several heads. */
  static Attending byHeads(int count) {
    return new Heads(count);
  }

  /**
   * Makes the layer.
   *
   * @param queryWidth of the decoder's outputs, 1 or more
   * @param width of the encoder's outputs, 1 or more
   */
  default SourceAttention make(int queryWidth, int width, Generator generator) {
    return switch (this) {
      case Scored(Score score, Weighing weighing) ->
          new ScoredSourceAttention(queryWidth, width, score, weighing, generator);
      case Heads(int count) -> new MultiHeadSourceAttention(queryWidth, width, count, generator);
    };
  }
}
