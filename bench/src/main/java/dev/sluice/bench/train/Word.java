package dev.sluice.bench.train;

import java.util.List;

/**
 * A word of a pronouncing dictionary.
 *
 * @param spelling its letters
 * @param pronunciations one or more, each one or more phonemes, as the dictionary lists them
 */
record Word(String spelling, List<List<String>> pronunciations) {
  Word {
    pronunciations = List.copyOf(pronunciations);
  }
}
