package dev.sluice.bench.train;

import java.util.List;

/**
 * How wrong pronunciations are. Each is held against the listed one that is nearest to it, the first of equals.
 *
 * @param phonemes that are to be changed
 * @param phonemesWanted of the pronunciations that each is held against
 * @param words that have none of the pronunciations listed
 * @param wordsTested all of them
 */
record G2pErrors(long phonemes, long phonemesWanted, int words, int wordsTested) {
  /** Of no word yet. */
  static final G2pErrors NONE = new G2pErrors(0, 0, 0, 0);

  /** With one word more. */
  G2pErrors and(Word word, List<String> said) {
    int least = Integer.MAX_VALUE;
    int length = 0;
    for (List<String> listed : word.pronunciations()) {
      int distance = EditDistance.between(listed, said);
      if (distance < least) {
        least = distance;
        length = listed.size();
      }
    }
    return new G2pErrors(phonemes + least, phonemesWanted + length, words + (least > 0 ? 1 : 0), wordsTested + 1);
  }

  /** Of the phonemes wanted; above 1 where too many are said. */
  double phonemeErrorRate() {
    return phonemes / (double) phonemesWanted;
  }

  /** Share of the words that are wrong, in [0, 1]. */
  double wordErrorRate() {
    return words / (double) wordsTested;
  }
}
