package dev.sluice.nn.transformer;

import static dev.sluice.autograd.Shaping.narrow;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.checks.Arguments;
import dev.sluice.nn.Init;

/**
 * Learned positions up to a length. Parameter: {@code weight} (maxLength, width), drawn from N(0, 0.02^2), as BERT and
 * GPT-2 start theirs.
 */
public final class LearnedPositions extends Positions {
  private final int maxLength;

  /**
   * Up to a length.
   *
   * @param maxLength positions at most, 1 or more
   * @param width 1 or more
   * @param batchFirst whether sequences are (batch, length, width) in place of (length, batch, width)
   */
  public LearnedPositions(int maxLength, int width, boolean batchFirst, Generator generator) {
    super(width, batchFirst);
    Arguments.positive("positions", "maxLength", maxLength);
    this.maxLength = maxLength;
    parameter("weight", Init.normal(Tensor.zeros(maxLength, width), 0, 0.02, generator));
  }

  /** (maxLength, width). */
  public Tensor weight() {
    return parameter("weight");
  }

  @Override
  Tensor rows(Tensor like, int start, int length) {
    Arguments.require(length <= maxLength - start, "positions", length + " positions from " + start + " on",
        "positions below " + maxLength);
    return narrow(weight(), 0, start, length);
  }
}
