package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Lanes.COUNT;
import static dev.sluice.backend.vector.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.FloatVector.zero;

import java.util.function.IntUnaryOperator;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/**
 * Products of one row x with several others, {@code y[i] = x . row i}, rows one pitch apart. The lanes of four sums are
 * added up together, in one vector in the end, which is stored as a whole: y has room for one behind the last. Equal
 * rows have equal products, wherever they lie: the order of all sums is the same but for which of two comes first.
 */
final class RowDots {
  private static final int ROWS = 4;
  private static final int HALF = COUNT / 2;
  private static final int QUARTER = COUNT / 4;

  private static final VectorShuffle<Float> SWAP_HALVES = shuffle(lane -> lane ^ HALF);
  private static final VectorShuffle<Float> SWAP_QUARTERS = shuffle(lane -> lane ^ QUARTER);
  private static final VectorShuffle<Float> SWAP_2 = shuffle(lane -> lane ^ 2);
  private static final VectorShuffle<Float> SWAP_1 = shuffle(lane -> lane ^ 1);
  private static final VectorShuffle<Float> FIRST_OF_QUARTERS = shuffle(lane -> lane * QUARTER % COUNT);
  private static final VectorMask<Float> UPPER_HALF = VectorMask.fromLong(SPECIES, -1L << HALF);
  private static final VectorMask<Float> ODD_QUARTERS =
      VectorMask.fromLong(SPECIES, (1L << HALF) - (1L << QUARTER) | -1L << HALF + QUARTER);

  private RowDots() {}

  private static VectorShuffle<Float> shuffle(IntUnaryOperator source) {
    return VectorShuffle.fromOp(SPECIES, source);
  }

  /** Of the first rows. */
  static void first(int count, float[] rows, int at, int pitch, int width, float[] x, int xAt, float[] y, int yAt) {
    int last = count - 1;
    for (int i = 0; i < count; i += ROWS) {
      four(rows, at + i * pitch, at + Math.min(i + 1, last) * pitch, at + Math.min(i + 2, last) * pitch,
          at + Math.min(i + 3, last) * pitch, width, x, xAt, y, yAt + i);
    }
  }

  /** Of rows by their indices. */
  static void listed(int[] indices, int count, float[] rows, int at, int pitch, int width, float[] x, int xAt,
      float[] y) {
    int last = count - 1;
    for (int i = 0; i < count; i += ROWS) {
      four(rows, at + indices[i] * pitch, at + indices[Math.min(i + 1, last)] * pitch,
          at + indices[Math.min(i + 2, last)] * pitch, at + indices[Math.min(i + 3, last)] * pitch, width, x, xAt, y,
          i);
    }
  }

  private static void four(float[] rows, int row0, int row1, int row2, int row3, int width, float[] x, int xAt,
      float[] y, int yAt) {
    FloatVector s0 = zero(SPECIES);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int i = 0;
    for (; i <= width - COUNT; i += COUNT) {
      FloatVector factor = fromArray(SPECIES, x, xAt + i);
      s0 = factor.fma(fromArray(SPECIES, rows, row0 + i), s0);
      s1 = factor.fma(fromArray(SPECIES, rows, row1 + i), s1);
      s2 = factor.fma(fromArray(SPECIES, rows, row2 + i), s2);
      s3 = factor.fma(fromArray(SPECIES, rows, row3 + i), s3);
    }
    if (i < width) {
      VectorMask<Float> tail = SPECIES.indexInRange(i, width);
      FloatVector factor = fromArray(SPECIES, x, xAt + i, tail);
      s0 = factor.fma(fromArray(SPECIES, rows, row0 + i, tail), s0);
      s1 = factor.fma(fromArray(SPECIES, rows, row1 + i, tail), s1);
      s2 = factor.fma(fromArray(SPECIES, rows, row2 + i, tail), s2);
      s3 = factor.fma(fromArray(SPECIES, rows, row3 + i, tail), s3);
    }
    FloatVector s02 = s0.blend(s2, UPPER_HALF).add(s2.blend(s0, UPPER_HALF).rearrange(SWAP_HALVES));
    FloatVector s13 = s1.blend(s3, UPPER_HALF).add(s3.blend(s1, UPPER_HALF).rearrange(SWAP_HALVES));
    FloatVector s = s02.blend(s13, ODD_QUARTERS).add(s13.blend(s02, ODD_QUARTERS).rearrange(SWAP_QUARTERS));
    if (COUNT > 8) {
      s = s.add(s.rearrange(SWAP_2));
    }
    if (COUNT > 4) {
      s = s.add(s.rearrange(SWAP_1));
    }
    s.rearrange(FIRST_OF_QUARTERS).intoArray(y, yAt);
  }
}
