package dev.sluice.bench.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class G2pBatchTest {
  @TempDir Path folder;

  private PronouncingDictionary dictionary;
  private G2pVocabulary vocabulary;

  @BeforeEach
  void makeDictionary() throws IOException {
    dictionary = PronouncingDictionary.read(ToyDictionary.write(folder.resolve("toy.dict"), 300));
    vocabulary = G2pVocabulary.of(dictionary);
  }

  private List<G2pBatch> batches(long seed, int epoch) {
    return G2pBatch.shuffled(dictionary.words(), vocabulary, 16, seed, epoch);
  }

  private static List<String> pairs(List<G2pBatch> batches) {
    List<String> pairs = new ArrayList<>();
    for (G2pBatch batch : batches) {
      for (int i = 0; i < batch.size(); i++) {
        pairs.add(Arrays.toString(batch.words()[i]) + Arrays.toString(batch.pronunciations()[i]));
      }
    }
    return pairs;
  }

  @Test
  void tokensStandForLettersAndPhonemes() {
    assertEquals("abcd", vocabulary.letters());
    assertEquals(List.of("AA", "B", "D", "EY", "K", "S"), vocabulary.phonemes());
    assertEquals(7, vocabulary.phonemeTokens());
    assertEquals("[2, 0, 1]", Arrays.toString(vocabulary.letterTokens("cab")));
    assertEquals("[5, 6, 1, 2]", Arrays.toString(vocabulary.phonemeTokens(List.of("K", "S", "AA", "B"))));
    assertEquals(List.of("K", "S", "AA", "B"), vocabulary.pronunciation(List.of(5, 6, 1, 2)));
    assertTrue(vocabulary.spells("abba") && !vocabulary.spells("Abba") && !vocabulary.spells("abbe"));
  }

  @Test
  void everyPronunciationComesOnce() {
    List<String> wanted = new ArrayList<>();
    for (Word word : dictionary.words()) {
      for (List<String> pronunciation : word.pronunciations()) {
        wanted.add(Arrays.toString(vocabulary.letterTokens(word.spelling()))
            + Arrays.toString(vocabulary.phonemeTokens(pronunciation)));
      }
    }
    assertTrue(wanted.size() > 300);
    for (int epoch = 1; epoch <= 3; epoch++) {
      List<G2pBatch> batches = batches(1, epoch);
      assertEquals(Math.ceilDiv(wanted.size(), 16), batches.size());
      assertEquals(wanted.stream().sorted().toList(), pairs(batches).stream().sorted().toList());
    }
  }

  @Test
  void aBatchHoldsWordsOfNearlyOneLength() {
    long mixed = batches(1, 1).stream()
        .filter(batch -> Arrays.stream(batch.words()).mapToInt(word -> word.length).distinct().count() > 1).count();
    assertTrue(mixed <= 4, "batches of several lengths are " + mixed);
  }

  @Test
  void seedAndEpochDecideTheOrder() {
    assertEquals(pairs(batches(1, 1)), pairs(batches(1, 1)));
    assertNotEquals(pairs(batches(1, 1)), pairs(batches(1, 2)));
    assertNotEquals(pairs(batches(1, 1)), pairs(batches(2, 1)));
  }
}
