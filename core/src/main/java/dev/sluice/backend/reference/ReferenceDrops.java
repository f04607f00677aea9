package dev.sluice.backend.reference;

import dev.sluice.spi.Dropout;
import dev.sluice.spi.Philox;

/**
 * The keep-or-drop decisions of a draw, element by element; consecutive elements share a Philox block of four words.
 */
final class ReferenceDrops {
  private final Dropout dropout;
  private final int[] words = new int[4];
  private long block = -1;

  ReferenceDrops(Dropout dropout) {
    this.dropout = dropout;
  }

  boolean keeps(long element) {
    if (!dropout.drops()) {
      return true;
    }
    if (element >>> 2 != block) {
      block = element >>> 2;
      Philox.block(dropout.seed(), dropout.offset() + block, words);
    }
    return Integer.toUnsignedLong(words[(int) (element & 3)]) < dropout.threshold();
  }
}
