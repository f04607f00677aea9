package dev.sluice.bench.train;

import dev.sluice.Scope;
import dev.sluice.Tape;
import dev.sluice.nn.sequence.Hypothesis;
import dev.sluice.nn.sequence.SearchOptions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The test on a pronouncing dictionary.
 *
 * @param configuration of the model, and of the search
 */
record G2pEvaluation(G2pConfiguration configuration) {
  /** Words that are searched at once. */
  private static final int BATCH = 256;

  /** The mean cross-entropy of the phonemes and ends of every listed pronunciation. */
  double loss(G2pModel model, List<Word> words) {
    model.eval();
    double sum = 0;
    long positions = 0;
    try (Tape.NoGrad _ = Tape.noGrad()) {
      for (G2pBatch batch : G2pBatch.shuffled(words, configuration.vocabulary(), BATCH, 0, 0)) {
        long phonemes = batch.size();
        for (int[] pronunciation : batch.pronunciations()) {
          phonemes += pronunciation.length;
        }
        try (Scope _ = Scope.open()) {
          sum += model.loss(batch, 0).item() * phonemes;
        }
        positions += phonemes;
      }
    }
    return sum / positions;
  }

  /**
   * Pronounces words and counts errors.
   *
   * @param beam hypotheses of a word that are kept
   */
  G2pErrors errors(G2pModel model, List<Word> words, int beam) {
    List<Word> byLength = new ArrayList<>(words);
    byLength.sort(Comparator.comparingInt(word -> word.spelling().length()));
    G2pErrors errors = G2pErrors.NONE;
    for (int from = 0; from < byLength.size(); from += BATCH) {
      List<Word> batch = byLength.subList(from, Math.min(from + BATCH, byLength.size()));
      List<List<Hypothesis>> found = pronounce(model, batch.stream().map(Word::spelling).toList(), beam);
      for (int i = 0; i < batch.size(); i++) {
        List<Integer> best = found.get(i).getFirst().tokens();
        errors = errors.and(batch.get(i), configuration.vocabulary().pronunciation(best));
      }
    }
    return errors;
  }

  /**
   * Pronounces words.
   *
   * @param spellings one or more, which the vocabulary spells
   * @param beam hypotheses of a word that are kept
   * @return for each word one or more, the best first
   */
  List<List<Hypothesis>> pronounce(G2pModel model, List<String> spellings, int beam) {
    model.eval();
    int[][] words = spellings.stream().map(configuration.vocabulary()::letterTokens).toArray(int[][]::new);
    int longest = spellings.stream().mapToInt(String::length).max().orElse(0);
    SearchOptions options = SearchOptions.of(G2pVocabulary.BOUNDARY, G2pVocabulary.BOUNDARY, most(longest))
        .withWidth(beam)
        .withLengthPenalty(configuration.options().lengthPenalty());
    try (Tape.NoGrad _ = Tape.noGrad(); Scope _ = Scope.open()) {
      return model.pronounce(words, options);
    }
  }

  /** A letter that is read out has up to three phonemes, but for w; few words have more than two for each. */
  private static int most(int letters) {
    return 2 * letters + 10;
  }
}
