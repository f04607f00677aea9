package dev.sluice.nn.sequence;

import dev.sluice.checks.Arguments;

/**
 * How a {@link Search} goes.
 *
 * @param begin the token that is read first
 * @param end the token that ends a hypothesis; may be the same
 * @param maxLength the most tokens that a hypothesis gets, its end counted, 1 or more
 * @param width how many hypotheses a beam holds, 1 or more; 1
 * @param lengthPenalty alpha of {@link #score}, 0 or more; 0, by which short hypotheses are favoured
 */
public record SearchOptions(int begin, int end, int maxLength, int width, double lengthPenalty) {
  public SearchOptions {
    Arguments.require(begin >= 0, "search", "begin is " + begin, "0 or more");
    Arguments.require(end >= 0, "search", "end is " + end, "0 or more");
    Arguments.positive("search", "maxLength", maxLength);
    Arguments.positive("search", "width", width);
    Arguments.require(lengthPenalty >= 0 && lengthPenalty < Double.POSITIVE_INFINITY, "search",
        "lengthPenalty is " + lengthPenalty, "a finite number, 0 or more");
  }

  /** A width of 1 and no length penalty. */
  public static SearchOptions of(int begin, int end, int maxLength) {
    return new SearchOptions(begin, end, maxLength, 1, 0);
  }

  /** The same with another width of the beam. */
  public SearchOptions withWidth(int width) {
    return new SearchOptions(begin, end, maxLength, width, lengthPenalty);
  }

  /** The same with another length penalty. */
  public SearchOptions withLengthPenalty(double lengthPenalty) {
    return new SearchOptions(begin, end, maxLength, width, lengthPenalty);
  }

  /**
   * {@code logProbability / ((5 + length) / 6)^alpha}, the length normalisation of Wu et al. (arXiv 1609.08144),
   * without their coverage penalty.
   *
   * @param length tokens, with the end where there is one
   */
  public double score(double logProbability, int length) {
    return logProbability / StrictMath.pow((5.0 + length) / 6, lengthPenalty);
  }
}
