package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/**
 * Copies a matrix (rows, columns) to its transpose (columns, rows).
 *
 * <p>A square of as many rows as lanes is transposed in log2(lanes) passes. A pass of distance h exchanges in each pair
 * of rows i and i + h the elements whose places lie h apart, {@code (i, j + h)} with {@code (i + h, j)}. The first
 * pass takes the square to the target, the others work there.
 */
final class Transposition {
  private static final int LANES = Lanes.COUNT;

  private static final VectorShuffle<Float> LEFT_8 = rotation(8);
  private static final VectorShuffle<Float> LEFT_4 = rotation(4);
  private static final VectorShuffle<Float> LEFT_2 = rotation(2);
  private static final VectorShuffle<Float> LEFT_1 = rotation(1);
  private static final VectorShuffle<Float> RIGHT_8 = rotation(-8);
  private static final VectorShuffle<Float> RIGHT_4 = rotation(-4);
  private static final VectorShuffle<Float> RIGHT_2 = rotation(-2);
  private static final VectorShuffle<Float> RIGHT_1 = rotation(-1);
  private static final VectorMask<Float> UPPER_8 = upper(8);
  private static final VectorMask<Float> UPPER_4 = upper(4);
  private static final VectorMask<Float> UPPER_2 = upper(2);
  private static final VectorMask<Float> UPPER_1 = upper(1);

  private Transposition() {}

  /** {@code target[j*targetStride + i] = source[i*sourceStride + j]} from the two offsets. */
  static void copy(float[] source, int from, int sourceStride, int rows, int columns, float[] target, int to,
      int targetStride) {
    int wholeRows = Lanes.bound(0, rows);
    int wholeColumns = Lanes.bound(0, columns);
    for (int i = 0; i < wholeRows; i += LANES) {
      for (int j = 0; j < wholeColumns; j += LANES) {
        square(source, from + i * sourceStride + j, sourceStride, target, to + j * targetStride + i, targetStride);
      }
    }
    singly(source, from, sourceStride, 0, wholeRows, wholeColumns, columns, target, to, targetStride);
    singly(source, from, sourceStride, wholeRows, rows, 0, columns, target, to, targetStride);
  }

  private static void singly(float[] source, int from, int sourceStride, int firstRow, int rows, int firstColumn,
      int columns, float[] target, int to, int targetStride) {
    for (int j = firstColumn; j < columns; j++) {
      for (int i = firstRow; i < rows; i++) {
        target[to + j * targetStride + i] = source[from + i * sourceStride + j];
      }
    }
  }

  /** A square of LANES rows, to another place or in its own: all passes but the first work in the target. */
  static void square(float[] source, int from, int sourceStride, float[] target, int to, int targetStride) {
    if (LANES == 16) {
      exchange(source, from, sourceStride, target, to, targetStride, 8, RIGHT_8, LEFT_8, UPPER_8);
      exchange(target, to, targetStride, target, to, targetStride, 4, RIGHT_4, LEFT_4, UPPER_4);
    } else if (LANES == 8) {
      exchange(source, from, sourceStride, target, to, targetStride, 4, RIGHT_4, LEFT_4, UPPER_4);
    }
    if (LANES == 4) {
      exchange(source, from, sourceStride, target, to, targetStride, 2, RIGHT_2, LEFT_2, UPPER_2);
    } else {
      exchange(target, to, targetStride, target, to, targetStride, 2, RIGHT_2, LEFT_2, UPPER_2);
    }
    exchange(target, to, targetStride, target, to, targetStride, 1, RIGHT_1, LEFT_1, UPPER_1);
  }

  /** One pass over a square, from one place to another or in place. */
  private static void exchange(float[] source, int from, int sourceStride, float[] target, int to, int targetStride,
      int distance, VectorShuffle<Float> right, VectorShuffle<Float> left, VectorMask<Float> upper) {
    for (int pair = 0; pair < LANES / 2; pair++) {
      int i = pair + (pair & -distance);
      FloatVector first = fromArray(SPECIES, source, from + i * sourceStride);
      FloatVector second = fromArray(SPECIES, source, from + (i + distance) * sourceStride);
      first.blend(second.rearrange(right), upper).intoArray(target, to + i * targetStride);
      first.rearrange(left).blend(second, upper).intoArray(target, to + (i + distance) * targetStride);
    }
  }

  private static VectorShuffle<Float> rotation(int by) {
    return VectorShuffle.fromOp(Lanes.SPECIES, lane -> lane + by & LANES - 1);
  }

  /** The lanes whose number has the bit of a distance. */
  private static VectorMask<Float> upper(int distance) {
    boolean[] lanes = new boolean[LANES];
    for (int lane = 0; lane < LANES; lane++) {
      lanes[lane] = (lane & distance) != 0;
    }
    return VectorMask.fromArray(Lanes.SPECIES, lanes, 0);
  }
}
