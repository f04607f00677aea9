package dev.sluice.backend.vector;

import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vector width in use, loads and tails, and horizontal operations.
 *
 * <p>A horizontal operation halves the vector log2(lanes) times, always in the same order: {@code reduceLanes} of
 * floats leaves the order to the compiler.
 */
final class Lanes {
  /** The widest float vector of this CPU, of 512 bit at most. */
  static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED.vectorBitSize() > 512
      ? FloatVector.SPECIES_512
      : FloatVector.SPECIES_PREFERRED;

  /** Ints of the same shape. */
  static final VectorSpecies<Integer> INTS = SPECIES.withLanes(int.class);

  /** Floats in a vector: a power of two, at least 4. */
  static final int COUNT = SPECIES.length();

  /**
   * The first element to begin a cache line in a large array: elements follow 16 bytes of header, and G1 gives a large
   * array regions of its own, whose start is aligned. A vector that lies across two lines is loaded twice.
   */
  static final int LINE = 12;

  private static final VectorShuffle<Float> BY_8 = rotation(8);
  private static final VectorShuffle<Float> BY_4 = rotation(4);
  private static final VectorShuffle<Float> BY_2 = rotation(2);
  private static final VectorShuffle<Float> BY_1 = rotation(1);

  private Lanes() {}

  /** The end of the whole vectors of a run: the tail starts there. */
  static int bound(int from, int to) {
    return to - (to - from & COUNT - 1);
  }

  /** The length of whole vectors that hold n elements. */
  static int padded(int n) {
    return Math.ceilDiv(n, COUNT) * COUNT;
  }

  /** The lanes of a tail of to - from elements, 0 to COUNT. */
  static VectorMask<Float> tail(int from, int to) {
    return SPECIES.indexInRange(from, to);
  }

  static FloatVector load(float[] a, int i) {
    return FloatVector.fromArray(SPECIES, a, i);
  }

  /** A vector whose other lanes are 0 and are not read. */
  static FloatVector load(float[] a, int i, VectorMask<Float> mask) {
    return FloatVector.fromArray(SPECIES, a, i, mask);
  }

  static FloatVector broadcast(float value) {
    return FloatVector.broadcast(SPECIES, value);
  }

  static FloatVector zero() {
    return FloatVector.zero(SPECIES);
  }

  /** The sum of the lanes, by a fixed tree. */
  static float sum(FloatVector v) {
    FloatVector s = v;
    if (COUNT > 8) {
      s = s.add(s.rearrange(BY_8));
    }
    if (COUNT > 4) {
      s = s.add(s.rearrange(BY_4));
    }
    s = s.add(s.rearrange(BY_2));
    return s.add(s.rearrange(BY_1)).lane(0);
  }

  /** The largest lane; NaN if there is one. */
  static float max(FloatVector v) {
    FloatVector s = v;
    if (COUNT > 8) {
      s = s.max(s.rearrange(BY_8));
    }
    if (COUNT > 4) {
      s = s.max(s.rearrange(BY_4));
    }
    s = s.max(s.rearrange(BY_2));
    return s.max(s.rearrange(BY_1)).lane(0);
  }

  /** {@code sum a[i]*b[i]} over n elements, in four accumulators. */
  static float dot(float[] a, int aOffset, float[] b, int bOffset, int n) {
    FloatVector s0 = FloatVector.zero(SPECIES);
    FloatVector s1 = FloatVector.zero(SPECIES);
    FloatVector s2 = FloatVector.zero(SPECIES);
    FloatVector s3 = FloatVector.zero(SPECIES);
    int i = 0;
    for (int end = n - 4 * COUNT; i <= end; i += 4 * COUNT) {
      s0 = fromArray(SPECIES, a, aOffset + i).fma(fromArray(SPECIES, b, bOffset + i), s0);
      s1 = fromArray(SPECIES, a, aOffset + i + COUNT).fma(fromArray(SPECIES, b, bOffset + i + COUNT), s1);
      s2 = fromArray(SPECIES, a, aOffset + i + 2 * COUNT).fma(fromArray(SPECIES, b, bOffset + i + 2 * COUNT), s2);
      s3 = fromArray(SPECIES, a, aOffset + i + 3 * COUNT).fma(fromArray(SPECIES, b, bOffset + i + 3 * COUNT), s3);
    }
    for (; i < n; i += COUNT) {
      VectorMask<Float> some = SPECIES.indexInRange(i, n);
      FloatVector factor = fromArray(SPECIES, b, bOffset + i, some);
      s0 = fromArray(SPECIES, a, aOffset + i, some).fma(factor, s0);
    }
    return sum(s0.add(s1).add(s2.add(s3)));
  }

  /** {@code sum a[i]} over n elements, in four accumulators. */
  static float sum(float[] a, int offset, int n) {
    FloatVector s0 = FloatVector.zero(SPECIES);
    FloatVector s1 = FloatVector.zero(SPECIES);
    FloatVector s2 = FloatVector.zero(SPECIES);
    FloatVector s3 = FloatVector.zero(SPECIES);
    int i = 0;
    for (int end = n - 4 * COUNT; i <= end; i += 4 * COUNT) {
      s0 = s0.add(fromArray(SPECIES, a, offset + i));
      s1 = s1.add(fromArray(SPECIES, a, offset + i + COUNT));
      s2 = s2.add(fromArray(SPECIES, a, offset + i + 2 * COUNT));
      s3 = s3.add(fromArray(SPECIES, a, offset + i + 3 * COUNT));
    }
    for (; i < n; i += COUNT) {
      s0 = s0.add(fromArray(SPECIES, a, offset + i, SPECIES.indexInRange(i, n)));
    }
    return sum(s0.add(s1).add(s2.add(s3)));
  }

  /** The largest of n elements, NaN if there is one; negative infinity of none. */
  static float max(float[] a, int offset, int n) {
    FloatVector m0 = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
    FloatVector m1 = m0;
    int i = 0;
    for (int end = n - 2 * COUNT; i <= end; i += 2 * COUNT) {
      m0 = m0.max(fromArray(SPECIES, a, offset + i));
      m1 = m1.max(fromArray(SPECIES, a, offset + i + COUNT));
    }
    for (int end = n - COUNT; i <= end; i += COUNT) {
      m0 = m0.max(fromArray(SPECIES, a, offset + i));
    }
    if (i < n) {
      VectorMask<Float> rest = SPECIES.indexInRange(i, n);
      m1 = m1.lanewise(VectorOperators.MAX, fromArray(SPECIES, a, offset + i, rest), rest);
    }
    return max(m0.max(m1));
  }

  /** The smallest of n elements, NaN if there is one; positive infinity of none. */
  static float min(float[] a, int offset, int n) {
    FloatVector m0 = FloatVector.broadcast(SPECIES, Float.POSITIVE_INFINITY);
    FloatVector m1 = m0;
    int i = 0;
    for (int end = n - 2 * COUNT; i <= end; i += 2 * COUNT) {
      m0 = m0.min(fromArray(SPECIES, a, offset + i));
      m1 = m1.min(fromArray(SPECIES, a, offset + i + COUNT));
    }
    for (int end = n - COUNT; i <= end; i += COUNT) {
      m0 = m0.min(fromArray(SPECIES, a, offset + i));
    }
    if (i < n) {
      VectorMask<Float> rest = SPECIES.indexInRange(i, n);
      m1 = m1.lanewise(VectorOperators.MIN, fromArray(SPECIES, a, offset + i, rest), rest);
    }
    return -max(m0.min(m1).neg());
  }

  /** The ints of a vector whose lane i is i. */
  static IntVector iota() {
    return IntVector.zero(INTS).addIndex(1);
  }

  private static VectorShuffle<Float> rotation(int by) {
    return VectorShuffle.fromOp(SPECIES, lane -> lane + by & COUNT - 1);
  }
}
