package dev.sluice.spi;

/**
 * Philox 4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3; SC 2011): a keyed bijection
 * of a 128-bit counter to four 32-bit words. Random access by counter makes every draw independent of the order and the
 * thread that asks for it.
 */
public final class Philox {
  /** What a round multiplies the first word of a counter by, unsigned. */
  public static final int MULTIPLIER_0 = 0xD2511F53;
  /** Likewise the third. */
  public static final int MULTIPLIER_1 = 0xCD9E8D57;
  /** What is added to the lower word of the key after a round. */
  public static final int WEYL_0 = 0x9E3779B9;
  /** Likewise to the upper. */
  public static final int WEYL_1 = 0xBB67AE85;
  /** Rounds from a counter to its words. */
  public static final int ROUNDS = 10;

  private Philox() {}

  /** Word {@code element mod 4} of the block at {@code offset + element/4}. */
  public static int word(long seed, long offset, long element) {
    int[] words = new int[4];
    block(seed, offset + (element >>> 2), words);
    return words[(int) (element & 3)];
  }

  /** The four words of a counter (its upper 64 bits zero) under a 64-bit key. */
  public static void block(long seed, long counter, int[] words) {
    block(seed, counter, 0, words);
  }

  /** The four words of a 128-bit counter under a 64-bit key. */
  static void block(long seed, long counterLow, long counterHigh, int[] words) {
    int c0 = (int) counterLow;
    int c1 = (int) (counterLow >>> 32);
    int c2 = (int) counterHigh;
    int c3 = (int) (counterHigh >>> 32);
    int k0 = (int) seed;
    int k1 = (int) (seed >>> 32);
    for (int round = 0; round < ROUNDS; round++) {
      long p0 = (MULTIPLIER_0 & 0xFFFFFFFFL) * (c0 & 0xFFFFFFFFL);
      long p1 = (MULTIPLIER_1 & 0xFFFFFFFFL) * (c2 & 0xFFFFFFFFL);
      c0 = (int) (p1 >>> 32) ^ c1 ^ k0;
      c1 = (int) p1;
      c2 = (int) (p0 >>> 32) ^ c3 ^ k1;
      c3 = (int) p0;
      k0 += WEYL_0;
      k1 += WEYL_1;
    }
    words[0] = c0;
    words[1] = c1;
    words[2] = c2;
    words[3] = c3;
  }
}
