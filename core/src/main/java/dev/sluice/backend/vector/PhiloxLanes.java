package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Lanes.SPECIES;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.XOR;

import dev.sluice.spi.Philox;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The words of {@link Philox} of counters that follow each other: one block to a lane of longs, whose lower half is a
 * word. The upper half may hold anything: what is multiplied is cut off first, in the form that the compiler turns into
 * a product of 32 bits.
 */
final class PhiloxLanes {
  private static final VectorSpecies<Long> LONGS = SPECIES.withLanes(long.class);
  private static final int BLOCKS = LONGS.length();
  private static final int GROUP = 4 * BLOCKS;
  private static final long WORD = 0xFFFFFFFFL;
  private static final LongVector COUNTERS = LongVector.zero(LONGS).addIndex(1);

  /** From pairs (a, b) of words of every block to all four of a block: a0 b0 a1 b1 ... of each half of the blocks. */
  private static final VectorShuffle<Long> TWICE_LOWER = VectorShuffle.fromOp(LONGS, lane -> lane / 2);
  private static final VectorShuffle<Long> TWICE_UPPER = VectorShuffle.fromOp(LONGS, lane -> (BLOCKS + lane) / 2);
  private static final VectorMask<Long> ODD = VectorMask.fromLong(LONGS, 0xAAAAAAAAL);

  private PhiloxLanes() {}

  /** Room for n words: {@link #draw} writes whole groups. */
  static int room(int n) {
    return Math.ceilDiv(n, GROUP) * GROUP;
  }

  /** The first n words of the blocks from a counter on, and some more. */
  static void draw(long seed, long counter, int n, int[] words) {
    for (int at = 0; at < n; at += GROUP) {
      LongVector blocks = COUNTERS.add(counter + at / 4);
      LongVector c0 = blocks;
      LongVector c1 = blocks.lanewise(LSHR, Integer.SIZE);
      LongVector c2 = LongVector.zero(LONGS);
      LongVector c3 = c2;
      long k0 = seed;
      long k1 = seed >>> Integer.SIZE;
      for (int round = 0; round < Philox.ROUNDS; round++) {
        LongVector p0 = c0.and(WORD).mul(Philox.MULTIPLIER_0 & WORD);
        LongVector p1 = c2.and(WORD).mul(Philox.MULTIPLIER_1 & WORD);
        c0 = p1.lanewise(LSHR, Integer.SIZE).lanewise(XOR, c1).lanewise(XOR, k0);
        c1 = p1;
        c2 = p0.lanewise(LSHR, Integer.SIZE).lanewise(XOR, c3).lanewise(XOR, k1);
        c3 = p0;
        k0 += Philox.WEYL_0;
        k1 += Philox.WEYL_1;
      }
      LongVector a = c1.lanewise(LSHL, Integer.SIZE).or(c0.and(WORD));
      LongVector b = c3.lanewise(LSHL, Integer.SIZE).or(c2.and(WORD));
      a.rearrange(TWICE_LOWER).blend(b.rearrange(TWICE_LOWER), ODD).reinterpretAsInts().intoArray(words, at);
      a.rearrange(TWICE_UPPER).blend(b.rearrange(TWICE_UPPER), ODD).reinterpretAsInts()
          .intoArray(words, at + GROUP / 2);
    }
  }
}
