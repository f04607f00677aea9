package dev.sluice.bench.train;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.nn.Module;
import dev.sluice.nn.sequence.Hypothesis;
import dev.sluice.nn.sequence.PaddedTokens;
import dev.sluice.nn.sequence.SearchOptions;
import dev.sluice.nn.sequence.TeacherForcing;
import dev.sluice.spi.Backend;
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
      case TRANSFORMER -> new TransformerG2pModel(configuration, generator);
    };
  }

  /** The mean cross-entropy of phonemes and ends, a scalar. */
  abstract Tensor loss(PaddedTokens words, TeacherForcing pronunciations, double labelSmoothing);

  /** For each word one pronunciation or more, the best first: by beam search or, with a width of 1, greedily. */
  abstract List<List<Hypothesis>> pronounce(PaddedTokens words, SearchOptions options);

  /**
   * The mean cross-entropy of phonemes and ends, a scalar.
   *
   * @param labelSmoothing share of the target spread evenly over all phonemes
   */
  final Tensor loss(G2pBatch batch, double labelSmoothing) {
    return loss(PaddedTokens.of(backend(), batch.words()), TeacherForcing.of(backend(), G2pVocabulary.BOUNDARY,
        G2pVocabulary.BOUNDARY, batch.pronunciations()), labelSmoothing);
  }

  /**
   * Finds pronunciations of words.
   *
   * @param words the letters of each, one or more
   * @return for each word one or more, the best first
   */
  final List<List<Hypothesis>> pronounce(int[][] words, SearchOptions options) {
    return pronounce(PaddedTokens.of(backend(), words), options);
  }

  private Backend backend() {
    return parameters().getFirst().backend();
  }
}
