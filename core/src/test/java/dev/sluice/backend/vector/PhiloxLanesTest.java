package dev.sluice.backend.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.spi.Philox;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PhiloxLanesTest {
  private static final long[] SEEDS = {0, 7, -1, 0x299f31d0_a4093822L};

  @ParameterizedTest
  @ValueSource(longs = {0, 5, 0xFFFFFFFFL, 0xFFFFFFFAL, 1L << 40, Long.MAX_VALUE - 2, -3})
  void wordsAreThoseOfTheBlocks(long counter) {
    int[] block = new int[4];
    for (long seed : SEEDS) {
      for (int n : new int[] {0, 1, 4, 31, 67}) {
        int[] words = new int[PhiloxLanes.room(n)];
        PhiloxLanes.draw(seed, counter, n, words);
        for (int i = 0; i < n; i++) {
          Philox.block(seed, counter + i / 4, block);
          assertEquals(block[i % 4], words[i], "word " + i + " of " + n + ", seed " + seed);
        }
      }
    }
  }
}
