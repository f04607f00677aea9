package dev.sluice.bench.train;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Some words and a pronunciation of each.
 *
 * @param words the letters of each
 * @param pronunciations the phonemes of each
 */
record G2pBatch(int[][] words, int[][] pronunciations) {
  /** One word with one of its pronunciations, and its place among those of equal lengths. */
  private record Pair(int[] word, int[] pronunciation, long place) {}

  private static final Comparator<Pair> BY_LENGTHS = Comparator.<Pair>comparingInt(pair -> pair.word().length)
      .thenComparingInt(pair -> pair.pronunciation().length)
      .thenComparingLong(Pair::place);

  /** How many pronunciations there are. */
  int size() {
    return words.length;
  }

  /**
   * Every pronunciation of some words once, cut into batches of those whose lengths are most alike. Which are together,
   * and the order of the batches, depend on seed and epoch alone.
   *
   * @param size pronunciations in a batch; the last that is cut has what is left
   */
  static List<G2pBatch> shuffled(List<Word> words, G2pVocabulary vocabulary, int size, long seed, int epoch) {
    var random = new SplittableRandom(new SplittableRandom(seed).nextLong() + epoch);
    List<Pair> pairs = new ArrayList<>();
    for (Word word : words) {
      int[] letters = vocabulary.letterTokens(word.spelling());
      for (List<String> pronunciation : word.pronunciations()) {
        pairs.add(new Pair(letters, vocabulary.phonemeTokens(pronunciation), random.nextLong()));
      }
    }
    pairs.sort(BY_LENGTHS);
    List<G2pBatch> batches = new ArrayList<>();
    for (int from = 0; from < pairs.size(); from += size) {
      List<Pair> cut = pairs.subList(from, Math.min(from + size, pairs.size()));
      batches.add(new G2pBatch(cut.stream().map(Pair::word).toArray(int[][]::new),
          cut.stream().map(Pair::pronunciation).toArray(int[][]::new)));
    }
    for (int last = batches.size() - 1; last > 0; last--) {
      int other = (int) Math.unsignedMultiplyHigh(random.nextLong(), last + 1L);
      batches.set(last, batches.set(other, batches.get(last)));
    }
    return batches;
  }
}
