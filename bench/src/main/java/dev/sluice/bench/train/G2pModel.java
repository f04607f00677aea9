package dev.sluice.bench.train;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.nn.Module;
import dev.sluice.nn.sequence.Hypothesis;
import dev.sluice.nn.sequence.SearchOptions;
import java.util.List;

/** Letters in, phonemes out. */
abstract class G2pModel extends Module {
  /**
   * Makes the model that a configuration describes.
   *
   * @param generator draws the initial values, and what is dropped
   */
  static G2pModel make(G2pConfiguration configuration, Generator generator) {
    return switch (configuration.options().model()) {
      case RNN -> new RecurrentG2pModel(configuration, generator);
    };
  }

  /**
   * The mean cross-entropy of phonemes and ends, a scalar.
   *
   * @param words the letters of each, one or more
   * @param pronunciations the phonemes of as many
   * @param labelSmoothing share of the target spread evenly over all phonemes
   */
  abstract Tensor loss(int[][] words, int[][] pronunciations, double labelSmoothing);

  /**
   * Finds pronunciations of words, by beam search or, with a width of 1, greedily.
   *
   * @param words the letters of each, one or more
   * @return for each word one or more, the best first
   */
  abstract List<List<Hypothesis>> pronounce(int[][] words, SearchOptions options);
}
