package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.fromArray;

import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import jdk.incubator.vector.IntVector;

/**
 * Copies a matrix (rows, columns) to its transpose (columns, rows).
 *
 * <p>A square of as many rows as lanes is transposed in registers, in log2(lanes) passes. A pass of distance h
 * exchanges in each pair of rows i and i + h the elements whose places lie h apart, {@code (i, j + h)} with {@code (i +
 * h, j)}. All rows are read before the first is written.
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

  /** A square of LANES rows, to another place or in its own. */
  static void square(float[] source, int from, int sourceStride, float[] target, int to, int targetStride) {
    switch (LANES) {
      case 4 -> square4(source, from, sourceStride, target, to, targetStride);
      case 8 -> square8(source, from, sourceStride, target, to, targetStride);
      default -> square16(source, from, sourceStride, target, to, targetStride);
    }
  }

  private static void square4(float[] source, int from, int sourceStride, float[] target, int to,
      int targetStride) {
    IntVector a0 = fromArray(SPECIES, source, from).reinterpretAsInts();
    IntVector a1 = fromArray(SPECIES, source, from + sourceStride).reinterpretAsInts();
    IntVector a2 = fromArray(SPECIES, source, from + 2 * sourceStride).reinterpretAsInts();
    IntVector a3 = fromArray(SPECIES, source, from + 3 * sourceStride).reinterpretAsInts();
    IntVector b0 = LOW_2.selectFrom(a0, a2);
    IntVector b2 = HIGH_2.selectFrom(a0, a2);
    IntVector b1 = LOW_2.selectFrom(a1, a3);
    IntVector b3 = HIGH_2.selectFrom(a1, a3);
    LOW_1.selectFrom(b0, b1).reinterpretAsFloats().intoArray(target, to);
    HIGH_1.selectFrom(b0, b1).reinterpretAsFloats().intoArray(target, to + targetStride);
    LOW_1.selectFrom(b2, b3).reinterpretAsFloats().intoArray(target, to + 2 * targetStride);
    HIGH_1.selectFrom(b2, b3).reinterpretAsFloats().intoArray(target, to + 3 * targetStride);
  }

  private static void square8(float[] source, int from, int sourceStride, float[] target, int to,
      int targetStride) {
    IntVector a0 = fromArray(SPECIES, source, from).reinterpretAsInts();
    IntVector a1 = fromArray(SPECIES, source, from + sourceStride).reinterpretAsInts();
    IntVector a2 = fromArray(SPECIES, source, from + 2 * sourceStride).reinterpretAsInts();
    IntVector a3 = fromArray(SPECIES, source, from + 3 * sourceStride).reinterpretAsInts();
    IntVector a4 = fromArray(SPECIES, source, from + 4 * sourceStride).reinterpretAsInts();
    IntVector a5 = fromArray(SPECIES, source, from + 5 * sourceStride).reinterpretAsInts();
    IntVector a6 = fromArray(SPECIES, source, from + 6 * sourceStride).reinterpretAsInts();
    IntVector a7 = fromArray(SPECIES, source, from + 7 * sourceStride).reinterpretAsInts();
    IntVector b0 = LOW_4.selectFrom(a0, a4);
    IntVector b4 = HIGH_4.selectFrom(a0, a4);
    IntVector b1 = LOW_4.selectFrom(a1, a5);
    IntVector b5 = HIGH_4.selectFrom(a1, a5);
    IntVector b2 = LOW_4.selectFrom(a2, a6);
    IntVector b6 = HIGH_4.selectFrom(a2, a6);
    IntVector b3 = LOW_4.selectFrom(a3, a7);
    IntVector b7 = HIGH_4.selectFrom(a3, a7);
    IntVector c0 = LOW_2.selectFrom(b0, b2);
    IntVector c2 = HIGH_2.selectFrom(b0, b2);
    IntVector c1 = LOW_2.selectFrom(b1, b3);
    IntVector c3 = HIGH_2.selectFrom(b1, b3);
    IntVector c4 = LOW_2.selectFrom(b4, b6);
    IntVector c6 = HIGH_2.selectFrom(b4, b6);
    IntVector c5 = LOW_2.selectFrom(b5, b7);
    IntVector c7 = HIGH_2.selectFrom(b5, b7);
    LOW_1.selectFrom(c0, c1).reinterpretAsFloats().intoArray(target, to);
    HIGH_1.selectFrom(c0, c1).reinterpretAsFloats().intoArray(target, to + targetStride);
    LOW_1.selectFrom(c2, c3).reinterpretAsFloats().intoArray(target, to + 2 * targetStride);
    HIGH_1.selectFrom(c2, c3).reinterpretAsFloats().intoArray(target, to + 3 * targetStride);
    LOW_1.selectFrom(c4, c5).reinterpretAsFloats().intoArray(target, to + 4 * targetStride);
    HIGH_1.selectFrom(c4, c5).reinterpretAsFloats().intoArray(target, to + 5 * targetStride);
    LOW_1.selectFrom(c6, c7).reinterpretAsFloats().intoArray(target, to + 6 * targetStride);
    HIGH_1.selectFrom(c6, c7).reinterpretAsFloats().intoArray(target, to + 7 * targetStride);
  }

  private static void square16(float[] source, int from, int sourceStride, float[] target, int to,
      int targetStride) {
    IntVector a0 = fromArray(SPECIES, source, from).reinterpretAsInts();
    IntVector a1 = fromArray(SPECIES, source, from + sourceStride).reinterpretAsInts();
    IntVector a2 = fromArray(SPECIES, source, from + 2 * sourceStride).reinterpretAsInts();
    IntVector a3 = fromArray(SPECIES, source, from + 3 * sourceStride).reinterpretAsInts();
    IntVector a4 = fromArray(SPECIES, source, from + 4 * sourceStride).reinterpretAsInts();
    IntVector a5 = fromArray(SPECIES, source, from + 5 * sourceStride).reinterpretAsInts();
    IntVector a6 = fromArray(SPECIES, source, from + 6 * sourceStride).reinterpretAsInts();
    IntVector a7 = fromArray(SPECIES, source, from + 7 * sourceStride).reinterpretAsInts();
    IntVector a8 = fromArray(SPECIES, source, from + 8 * sourceStride).reinterpretAsInts();
    IntVector a9 = fromArray(SPECIES, source, from + 9 * sourceStride).reinterpretAsInts();
    IntVector a10 = fromArray(SPECIES, source, from + 10 * sourceStride).reinterpretAsInts();
    IntVector a11 = fromArray(SPECIES, source, from + 11 * sourceStride).reinterpretAsInts();
    IntVector a12 = fromArray(SPECIES, source, from + 12 * sourceStride).reinterpretAsInts();
    IntVector a13 = fromArray(SPECIES, source, from + 13 * sourceStride).reinterpretAsInts();
    IntVector a14 = fromArray(SPECIES, source, from + 14 * sourceStride).reinterpretAsInts();
    IntVector a15 = fromArray(SPECIES, source, from + 15 * sourceStride).reinterpretAsInts();
    IntVector b0 = LOW_8.selectFrom(a0, a8);
    IntVector b8 = HIGH_8.selectFrom(a0, a8);
    IntVector b1 = LOW_8.selectFrom(a1, a9);
    IntVector b9 = HIGH_8.selectFrom(a1, a9);
    IntVector b2 = LOW_8.selectFrom(a2, a10);
    IntVector b10 = HIGH_8.selectFrom(a2, a10);
    IntVector b3 = LOW_8.selectFrom(a3, a11);
    IntVector b11 = HIGH_8.selectFrom(a3, a11);
    IntVector b4 = LOW_8.selectFrom(a4, a12);
    IntVector b12 = HIGH_8.selectFrom(a4, a12);
    IntVector b5 = LOW_8.selectFrom(a5, a13);
    IntVector b13 = HIGH_8.selectFrom(a5, a13);
    IntVector b6 = LOW_8.selectFrom(a6, a14);
    IntVector b14 = HIGH_8.selectFrom(a6, a14);
    IntVector b7 = LOW_8.selectFrom(a7, a15);
    IntVector b15 = HIGH_8.selectFrom(a7, a15);
    IntVector c0 = LOW_4.selectFrom(b0, b4);
    IntVector c4 = HIGH_4.selectFrom(b0, b4);
    IntVector c1 = LOW_4.selectFrom(b1, b5);
    IntVector c5 = HIGH_4.selectFrom(b1, b5);
    IntVector c2 = LOW_4.selectFrom(b2, b6);
    IntVector c6 = HIGH_4.selectFrom(b2, b6);
    IntVector c3 = LOW_4.selectFrom(b3, b7);
    IntVector c7 = HIGH_4.selectFrom(b3, b7);
    IntVector c8 = LOW_4.selectFrom(b8, b12);
    IntVector c12 = HIGH_4.selectFrom(b8, b12);
    IntVector c9 = LOW_4.selectFrom(b9, b13);
    IntVector c13 = HIGH_4.selectFrom(b9, b13);
    IntVector c10 = LOW_4.selectFrom(b10, b14);
    IntVector c14 = HIGH_4.selectFrom(b10, b14);
    IntVector c11 = LOW_4.selectFrom(b11, b15);
    IntVector c15 = HIGH_4.selectFrom(b11, b15);
    IntVector d0 = LOW_2.selectFrom(c0, c2);
    IntVector d2 = HIGH_2.selectFrom(c0, c2);
    IntVector d1 = LOW_2.selectFrom(c1, c3);
    IntVector d3 = HIGH_2.selectFrom(c1, c3);
    IntVector d4 = LOW_2.selectFrom(c4, c6);
    IntVector d6 = HIGH_2.selectFrom(c4, c6);
    IntVector d5 = LOW_2.selectFrom(c5, c7);
    IntVector d7 = HIGH_2.selectFrom(c5, c7);
    IntVector d8 = LOW_2.selectFrom(c8, c10);
    IntVector d10 = HIGH_2.selectFrom(c8, c10);
    IntVector d9 = LOW_2.selectFrom(c9, c11);
    IntVector d11 = HIGH_2.selectFrom(c9, c11);
    IntVector d12 = LOW_2.selectFrom(c12, c14);
    IntVector d14 = HIGH_2.selectFrom(c12, c14);
    IntVector d13 = LOW_2.selectFrom(c13, c15);
    IntVector d15 = HIGH_2.selectFrom(c13, c15);
    LOW_1.selectFrom(d0, d1).reinterpretAsFloats().intoArray(target, to);
    HIGH_1.selectFrom(d0, d1).reinterpretAsFloats().intoArray(target, to + targetStride);
    LOW_1.selectFrom(d2, d3).reinterpretAsFloats().intoArray(target, to + 2 * targetStride);
    HIGH_1.selectFrom(d2, d3).reinterpretAsFloats().intoArray(target, to + 3 * targetStride);
    LOW_1.selectFrom(d4, d5).reinterpretAsFloats().intoArray(target, to + 4 * targetStride);
    HIGH_1.selectFrom(d4, d5).reinterpretAsFloats().intoArray(target, to + 5 * targetStride);
    LOW_1.selectFrom(d6, d7).reinterpretAsFloats().intoArray(target, to + 6 * targetStride);
    HIGH_1.selectFrom(d6, d7).reinterpretAsFloats().intoArray(target, to + 7 * targetStride);
    LOW_1.selectFrom(d8, d9).reinterpretAsFloats().intoArray(target, to + 8 * targetStride);
    HIGH_1.selectFrom(d8, d9).reinterpretAsFloats().intoArray(target, to + 9 * targetStride);
    LOW_1.selectFrom(d10, d11).reinterpretAsFloats().intoArray(target, to + 10 * targetStride);
    HIGH_1.selectFrom(d10, d11).reinterpretAsFloats().intoArray(target, to + 11 * targetStride);
    LOW_1.selectFrom(d12, d13).reinterpretAsFloats().intoArray(target, to + 12 * targetStride);
    HIGH_1.selectFrom(d12, d13).reinterpretAsFloats().intoArray(target, to + 13 * targetStride);
    LOW_1.selectFrom(d14, d15).reinterpretAsFloats().intoArray(target, to + 14 * targetStride);
    HIGH_1.selectFrom(d14, d15).reinterpretAsFloats().intoArray(target, to + 15 * targetStride);
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
