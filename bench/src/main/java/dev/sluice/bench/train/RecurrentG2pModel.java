package dev.sluice.bench.train;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.nn.recurrent.Recurrent;
import dev.sluice.nn.recurrent.RecurrentOptions;
import dev.sluice.nn.sequence.AttentionDecoder;
import dev.sluice.nn.sequence.DecoderState;
import dev.sluice.nn.sequence.Hypothesis;
import dev.sluice.nn.sequence.PaddedTokens;
import dev.sluice.nn.sequence.RecurrentEncoder;
import dev.sluice.nn.sequence.Search;
import dev.sluice.nn.sequence.SearchOptions;
import dev.sluice.nn.sequence.SequenceToSequence;
import dev.sluice.nn.sequence.TeacherForcing;
import java.util.List;

/**
 * A recurrent encoder of two directions, and a recurrent decoder of one that attends over its outputs; the child
 * {@code translator}.
 */
final class RecurrentG2pModel extends G2pModel {
  /** Letters or phonemes that an independent recurrence is to remember over; nearly all words have fewer. */
  private static final int STEPS = 32;

  private final SequenceToSequence translator;

  /**
   * Makes the layers.
   *
   * @param generator draws the initial values, and what is dropped
   */
  RecurrentG2pModel(G2pConfiguration configuration, Generator generator) {
    G2pOptions options = configuration.options();
    G2pVocabulary vocabulary = configuration.vocabulary();
    var encoder = new RecurrentEncoder(vocabulary.letters().length(),
        recurrence(options, options.hidden() / 2, true, generator), options.dropout(), generator);
    var decoder = new AttentionDecoder(vocabulary.phonemeTokens(),
        recurrence(options, options.hidden(), false, generator), encoder.width(), options.attending(generator),
        options.dropout(), generator);
    translator = register("translator", new SequenceToSequence(encoder, decoder));
  }

  private static Recurrent recurrence(G2pOptions options, int hidden, boolean bidirectional, Generator generator) {
    RecurrentOptions recurrent = RecurrentOptions.of(options.requireEmbedding(), hidden)
        .withNumLayers(options.layers())
        .withBidirectional(bidirectional)
        .withDropout(options.layers() > 1 ? options.dropout() : 0)
        .withBatchFirst(true);
    return SequenceReader.make(options.requireCell(), recurrent, BatchNormKind.NONE, STEPS, generator).recurrence();
  }

  @Override
  Tensor loss(PaddedTokens words, TeacherForcing pronunciations, double labelSmoothing) {
    return translator.loss(words.tokens(), words.lengths(), pronunciations, labelSmoothing);
  }

  @Override
  List<List<Hypothesis>> pronounce(PaddedTokens words, SearchOptions options) {
    DecoderState start = translator.start(words.tokens(), words.lengths());
    return options.width() == 1
        ? Search.greedy(translator.decoder(), start, options).stream().map(List::of).toList()
        : Search.beam(translator.decoder(), start, options);
  }
}
