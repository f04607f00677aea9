package dev.sluice.spi;

/** Looking rows up by index. */
public interface EmbeddingKernels {
  /**
   * {@code y[i] = table[indices[i]]}.
   *
   * @param table REAL (vocabulary, width)
   * @param indices INT32 (count), each 0 to vocabulary-1
   * @param y REAL (count, width)
   * @throws IllegalArgumentException if an index is out of range, before anything is written
   */
  void embedding(EmbeddingSpec spec, Buffer table, Buffer indices, Buffer y);

  /**
   * {@code gradTable[v] = sum of gradY[i] over all i with indices[i] = v}, in the order of i; rows never looked up, and
   * the padding row, get 0.
   */
  void embeddingBackward(EmbeddingSpec spec, Buffer indices, Buffer gradY, Buffer gradTable);
}
