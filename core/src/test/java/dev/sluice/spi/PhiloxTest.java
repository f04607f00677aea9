package dev.sluice.spi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** The known answers of philox4x32-10 that Random123 publishes in its kat_vectors file. */
class PhiloxTest {
  @Test
  void zeros() {
    assertWords(0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
  }

  @Test
  void ones() {
    assertWords(-1, -1, -1, 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
  }

  @Test
  void digitsOfPi() {
    assertWords(0x299f31d0_a4093822L, 0x85a308d3_243f6a88L, 0x03707344_13198a2eL, 0xd16cfe09, 0x94fdcceb, 0x5001e420,
        0x24126ea1);
  }

  @Test
  void elementsNumberTheWordsOfConsecutiveBlocks() {
    int[] words = new int[4];
    for (int element = 0; element < 12; element++) {
      Philox.block(7, 100 + element / 4, words);
      assertEquals(words[element % 4], Philox.word(7, 100, element));
    }
  }

  private static void assertWords(long seed, long counterLow, long counterHigh, int... expected) {
    int[] words = new int[4];
    Philox.block(seed, counterLow, counterHigh, words);
    assertArrayEquals(expected, words);
  }
}
