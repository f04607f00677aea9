package dev.sluice.bench.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DictionarySplitTest {
  private static List<Word> words(int count) {
    return IntStream.range(0, count).mapToObj(i -> new Word("word" + i, List.of(List.of("W")))).toList();
  }

  private static DictionarySplit split(List<Word> words, long seed) {
    return DictionarySplit.of(new PronouncingDictionary(words), seed);
  }

  @Test
  void eachWordIsInOnePart() {
    List<Word> words = words(20000);
    DictionarySplit split = split(words, 1);
    List<Word> all = Stream.of(split.train(), split.validation(), split.test()).flatMap(List::stream).toList();
    assertEquals(words.size(), all.size());
    assertEquals(new HashSet<>(words), new HashSet<>(all));
    assertEquals(0.9, split.train().size() / 20000.0, 0.01);
    assertEquals(0.05, split.validation().size() / 20000.0, 0.005);
    assertEquals(0.05, split.test().size() / 20000.0, 0.005);
  }

  @Test
  void theSeedAndTheWordAloneDecide() {
    List<Word> words = words(3000);
    DictionarySplit split = split(words, 1);
    List<Word> shuffled = new ArrayList<>(words);
    Collections.reverse(shuffled);
    assertEquals(split, split(shuffled, 1));
    Set<Word> halfTest = new HashSet<>(split(words.subList(0, 1500), 1).test());
    assertEquals(new HashSet<>(split.test().stream().filter(words.subList(0, 1500)::contains).toList()), halfTest);
    assertNotEquals(split.test(), split(words, 2).test());
  }

  /** {@code printf '\0\0\0\0\0\0\0\7hello' | sha256sum} begins with 019cc7f444a89526: its first 53 bits. */
  @Test
  void theHashIsTheSha256() {
    assertEquals(0.006298539291181848, DictionarySplit.place("hello", 7));
  }

  @Test
  void theFirstWordsOfAPartAreNotThoseOfTheDictionary() {
    DictionarySplit split = split(words(3000), 1);
    DictionarySplit first = split.first(100, 10);
    assertEquals(split.train().subList(0, 100), first.train());
    assertEquals(split.validation().subList(0, 10), first.validation());
    assertEquals(split.test().subList(0, 10), first.test());
    assertTrue(first.train().stream().anyMatch(word -> Integer.parseInt(word.spelling().substring(4)) > 1500));
    assertEquals(split, split.first(null, 100000));
  }
}
