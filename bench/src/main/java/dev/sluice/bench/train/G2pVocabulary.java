package dev.sluice.bench.train;

import dev.sluice.bench.UsageException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The letters and the phonemes of a dictionary, as tokens. A letter's token is its place in {@code letters}, a
 * phoneme's its place in {@code phonemes} and 1: token 0 begins and ends a pronunciation.
 *
 * @param letters each once
 * @param phonemes each once
 */
record G2pVocabulary(String letters, List<String> phonemes) {
  /** The token before the first phoneme and after the last. */
  static final int BOUNDARY = 0;

  G2pVocabulary {
    phonemes = List.copyOf(phonemes);
    Configuration.require(!letters.isEmpty() && !phonemes.isEmpty(),
        "the vocabulary has " + letters.length() + " letters and " + phonemes.size() + " phonemes, wanted 1 or more");
  }

  /** All that a dictionary has, in order. */
  static G2pVocabulary of(PronouncingDictionary dictionary) {
    String letters = dictionary.words().stream().flatMapToInt(word -> word.spelling().chars()).distinct().sorted()
        .mapToObj(Character::toString).collect(Collectors.joining());
    List<String> phonemes = dictionary.words().stream().flatMap(word -> word.pronunciations().stream())
        .flatMap(List::stream).distinct().sorted().toList();
    return new G2pVocabulary(letters, phonemes);
  }

  /**
   * Refuses a dictionary that has other letters or phonemes than a saved model.
   *
   * @param folder of the model
   * @throws UsageException if it has
   */
  void requireSameAs(PronouncingDictionary dictionary, Path folder) {
    G2pVocabulary other = of(dictionary);
    if (!equals(other)) {
      throw new UsageException("the dictionary has " + other.letters.length() + " letters and " + other.phonemes.size()
          + " phonemes that are not those of the model in " + folder + ", wanted the dictionary of its training");
    }
  }

  /** How many tokens phonemes have. */
  int phonemeTokens() {
    return phonemes.size() + 1;
  }

  /** Whether all letters of a word are here. */
  boolean spells(String word) {
    return word.chars().allMatch(letter -> letters.indexOf(letter) >= 0);
  }

  /** The tokens of a word that this {@link #spells}. */
  int[] letterTokens(String word) {
    return word.chars().map(letters::indexOf).toArray();
  }

  /** The tokens of a pronunciation of the dictionary. */
  int[] phonemeTokens(List<String> pronunciation) {
    return pronunciation.stream().mapToInt(phoneme -> phonemes.indexOf(phoneme) + 1).toArray();
  }

  /** The phonemes of tokens. */
  List<String> pronunciation(List<Integer> tokens) {
    return tokens.stream().map(token -> phonemes.get(token - 1)).toList();
  }
}
