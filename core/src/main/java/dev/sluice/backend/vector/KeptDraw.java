package dev.sluice.backend.vector;

import dev.sluice.spi.Dropout;
import dev.sluice.spi.Philox;

/** The factors of dropout of some elements in ascending order, which may share a block of random words. */
final class KeptDraw {
  private final Dropout dropout;
  private final int[] words = new int[4];

  KeptDraw(Dropout dropout) {
    this.dropout = dropout;
  }

  /** Draws the factor of each element listed, counted from a first one. */
  void factors(long first, int[] indices, int count, float[] factors) {
    long threshold = dropout.threshold();
    float scale = (float) dropout.scale();
    long block = -1;
    for (int i = 0; i < count; i++) {
      long element = first + indices[i];
      if (element >>> 2 != block) {
        block = element >>> 2;
        Philox.block(dropout.seed(), dropout.offset() + block, words);
      }
      factors[i] = Integer.toUnsignedLong(words[(int) (element & 3)]) < threshold ? scale : 0;
    }
  }
}
