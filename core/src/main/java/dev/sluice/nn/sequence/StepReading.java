package dev.sluice.nn.sequence;

import dev.sluice.Tensor;
import dev.sluice.checks.Arguments;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A step's numbers on the host. */
final class StepReading {
  private final int vocabulary;
  private final double[] logProbabilities;
  private final float @Nullable [] weights;
  private final int positions;

  StepReading(StepDecoder.Step<?> step, SearchOptions options) {
    Tensor given = step.logProbabilities();
    Tensor attended = step.weights();
    vocabulary = given.size(1);
    Arguments.require(options.end() < vocabulary && options.begin() < vocabulary, "search",
        "begin is " + options.begin() + " and end is " + options.end(), "tokens of a vocabulary of " + vocabulary);
    logProbabilities = given.toDoubles();
    for (int i = 0; i < logProbabilities.length; i++) {
      if (Double.isNaN(logProbabilities[i])) {
        throw new IllegalStateException("search: the log-probability of token " + i % vocabulary + " is NaN");
      }
    }
    weights = attended == null ? null : attended.toFloats();
    positions = attended == null ? 0 : attended.size(1);
  }

  int vocabulary() {
    return vocabulary;
  }

  double logProbability(int row, int token) {
    return logProbabilities[row * vocabulary + token];
  }

  /** The most likely token of a row, the lowest of equals. */
  int best(int row) {
    int best = 0;
    for (int token = 1; token < vocabulary; token++) {
      if (logProbability(row, token) > logProbability(row, best)) {
        best = token;
      }
    }
    return best;
  }

  /** A row's prefix with one token more. */
  Prefix extend(Prefix prefix, int row, int token) {
    return prefix.then(token, logProbability(row, token),
        weights == null ? null : Arrays.copyOfRange(weights, row * positions, (row + 1) * positions));
  }
}
