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
 * rows have equal products, wherever they lie: the order of all sums is the same but for which of two comes first. A
 * tail is what is left of the row's last vector: a masked load that passes the array's end checks all lanes.
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

  /**
   * Of those whose bits of a word are set, each to the place of its bit in y.
   *
   * @param block workspace of a vector
   */
  static void marked(long bits, float[] rows, int pitch, int width, float[] x, int xAt, float[] y, int yAt,
      float[] block) {
    for (long left = bits; left != 0; left &= left - 1) {
      int i0 = Long.numberOfTrailingZeros(left);
      left &= left - 1;
      int i1 = left == 0 ? i0 : Long.numberOfTrailingZeros(left);
      left &= left - 1;
      int i2 = left == 0 ? i0 : Long.numberOfTrailingZeros(left);
      left &= left - 1;
      int i3 = left == 0 ? i0 : Long.numberOfTrailingZeros(left);
      four(rows, i0 * pitch, i1 * pitch, i2 * pitch, i3 * pitch, width, x, xAt, block, 0);
      y[yAt + i0] = block[0];
      y[yAt + i1] = block[1];
      y[yAt + i2] = block[2];
      y[yAt + i3] = block[3];
    }
  }

  private static void four(float[] rows, int row0, int row1, int row2, int row3, int width, float[] x, int xAt,
      float[] y, int yAt) {
    if (width < COUNT) {
      y[yAt] = narrow(rows, row0, width, x, xAt);
      y[yAt + 1] = narrow(rows, row1, width, x, xAt);
      y[yAt + 2] = narrow(rows, row2, width, x, xAt);
      y[yAt + 3] = narrow(rows, row3, width, x, xAt);
    } else {
      wide(rows, row0, row1, row2, row3, width, x, xAt, y, yAt);
    }
  }

  private static float narrow(float[] rows, int row, int width, float[] x, int xAt) {
    float sum = 0;
    for (int i = 0; i < width; i++) {
      sum = Math.fma(x[xAt + i], rows[row + i], sum);
    }
    return sum;
  }

  private static void wide(float[] rows, int row0, int row1, int row2, int row3, int width, float[] x, int xAt,
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
      int last = width - COUNT;
      VectorMask<Float> done = SPECIES.indexInRange(0, i - last);
      FloatVector factor = fromArray(SPECIES, x, xAt + last);
      s0 = factor.fma(fromArray(SPECIES, rows, row0 + last), s0).blend(s0, done);
      s1 = factor.fma(fromArray(SPECIES, rows, row1 + last), s1).blend(s1, done);
      s2 = factor.fma(fromArray(SPECIES, rows, row2 + last), s2).blend(s2, done);
      s3 = factor.fma(fromArray(SPECIES, rows, row3 + last), s3).blend(s3, done);
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
