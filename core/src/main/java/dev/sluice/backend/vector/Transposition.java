package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.fromArray;

import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import jdk.incubator.vector.IntVector;

/**
 * Copies a matrix (rows, columns) to its transpose (columns, rows).
 *
 * <p>A square of as many rows as lanes is transposed in log2(lanes) passes. A pass of distance h exchanges in each pair
 * of rows i and i + h the elements whose places lie h apart, {@code (i, j + h)} with {@code (i + h, j)}. The first
 * takes the square to the target, the others work there.
 */
final class Transposition {
  private static final int LANES = Lanes.COUNT;

  private static final IntVector LOW_8 = low(8);
  private static final IntVector LOW_4 = low(4);
  private static final IntVector LOW_2 = low(2);
  private static final IntVector LOW_1 = low(1);
  private static final IntVector HIGH_8 = high(8);
  private static final IntVector HIGH_4 = high(4);
  private static final IntVector HIGH_2 = high(2);
  private static final IntVector HIGH_1 = high(1);

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
      exchangeTwice(source, from, sourceStride, target, to, targetStride, 4, LOW_8, HIGH_8, LOW_4, HIGH_4);
      exchangeTwice(target, to, targetStride, target, to, targetStride, 1, LOW_2, HIGH_2, LOW_1, HIGH_1);
    } else if (LANES == 8) {
      exchange(source, from, sourceStride, target, to, targetStride, 4, LOW_4, HIGH_4);
      exchangeTwice(target, to, targetStride, target, to, targetStride, 1, LOW_2, HIGH_2, LOW_1, HIGH_1);
    } else {
      exchangeTwice(source, from, sourceStride, target, to, targetStride, 1, LOW_2, HIGH_2, LOW_1, HIGH_1);
    }
  }

  /** The pass of a distance over a square, from one place to another or in place. */
  private static void exchange(float[] source, int from, int sourceStride, float[] target, int to, int targetStride,
      int distance, IntVector low, IntVector high) {
    for (int pair = 0; pair < LANES / 2; pair++) {
      int i = pair + (pair & -distance);
      IntVector a = fromArray(SPECIES, source, from + i * sourceStride).reinterpretAsInts();
      IntVector b = fromArray(SPECIES, source, from + (i + distance) * sourceStride).reinterpretAsInts();
      low.selectFrom(a, b).reinterpretAsFloats().intoArray(target, to + i * targetStride);
      high.selectFrom(a, b).reinterpretAsFloats().intoArray(target, to + (i + distance) * targetStride);
    }
  }

  /** The passes of twice a distance and of the distance at once, over four rows at a time. */
  private static void exchangeTwice(float[] source, int from, int sourceStride, float[] target, int to,
      int targetStride, int distance, IntVector firstLow, IntVector firstHigh, IntVector low, IntVector high) {
    for (int four = 0; four < LANES / 4; four++) {
      int i = four + 3 * (four & -distance);
      IntVector a = fromArray(SPECIES, source, from + i * sourceStride).reinterpretAsInts();
      IntVector b = fromArray(SPECIES, source, from + (i + distance) * sourceStride).reinterpretAsInts();
      IntVector c = fromArray(SPECIES, source, from + (i + 2 * distance) * sourceStride).reinterpretAsInts();
      IntVector d = fromArray(SPECIES, source, from + (i + 3 * distance) * sourceStride).reinterpretAsInts();
      IntVector a0 = firstLow.selectFrom(a, c);
      IntVector b0 = firstLow.selectFrom(b, d);
      IntVector c0 = firstHigh.selectFrom(a, c);
      IntVector d0 = firstHigh.selectFrom(b, d);
      low.selectFrom(a0, b0).reinterpretAsFloats().intoArray(target, to + i * targetStride);
      high.selectFrom(a0, b0).reinterpretAsFloats().intoArray(target, to + (i + distance) * targetStride);
      low.selectFrom(c0, d0).reinterpretAsFloats().intoArray(target, to + (i + 2 * distance) * targetStride);
      high.selectFrom(c0, d0).reinterpretAsFloats().intoArray(target, to + (i + 3 * distance) * targetStride);
    }
  }

  /** Which lanes of two rows make the first of them after the pass of a distance. */
  private static IntVector low(int distance) {
    return select(lane -> (lane & distance) == 0 ? lane : LANES + lane - distance);
  }

  /** Which lanes of two rows make the second. */
  private static IntVector high(int distance) {
    return select(lane -> (lane & distance) == 0 ? lane + distance : LANES + lane);
  }

  private static IntVector select(IntUnaryOperator lanes) {
    return IntVector.fromArray(Lanes.INTS, IntStream.range(0, LANES).map(lanes).toArray(), 0);
  }
}
