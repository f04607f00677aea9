package dev.sluice.bench.train;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.nn.sequence.Hypothesis;
import dev.sluice.nn.sequence.PaddedTokens;
import dev.sluice.nn.sequence.Search;
import dev.sluice.nn.sequence.SearchOptions;
import dev.sluice.nn.sequence.TeacherForcing;
import dev.sluice.nn.sequence.TransformerState;
import dev.sluice.nn.sequence.TransformerTranslator;
import dev.sluice.nn.transformer.TransformerOptions;
import java.util.List;

/** A transformer that normalises first, twice as wide between its linear layers; the child {@code translator}. */
final class TransformerG2pModel extends G2pModel {
  private final TransformerTranslator translator;

  /**
   * Makes the layers.
   *
   * @param generator draws the initial values, and what is dropped
   */
  TransformerG2pModel(G2pConfiguration configuration, Generator generator) {
    G2pOptions options = configuration.options();
    TransformerOptions transformer = TransformerOptions.of(options.hidden(), options.requireHeads())
        .withDimFeedforward(2 * options.hidden())
        .withDropout(options.dropout())
        .withNormFirst(true)
        .withBatchFirst(true);
    G2pVocabulary vocabulary = configuration.vocabulary();
    translator = register("translator", new TransformerTranslator(vocabulary.letters().length(),
        vocabulary.phonemeTokens(), transformer, options.layers(), generator));
  }

  @Override
  Tensor loss(PaddedTokens words, TeacherForcing pronunciations, double labelSmoothing) {
    return translator.loss(words.tokens(), words.lengths(), pronunciations, labelSmoothing);
  }

  @Override
  List<List<Hypothesis>> pronounce(PaddedTokens words, SearchOptions options) {
    TransformerState start = translator.start(words.tokens(), words.lengths(), options);
    return options.width() == 1
        ? Search.greedy(translator, start, options).stream().map(List::of).toList()
        : Search.beam(translator, start, options);
  }
}
