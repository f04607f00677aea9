package dev.sluice.backend.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Transposes matrices by the squares of {@link Transposition}, the last of which overlap with those before. What is
 * less than a square, or is to be filled up with zeros so that rows of lanes are whole vectors, goes by way of a block.
 */
final class LaneTransposition {
  /** Elements of workspace. */
  static final int WORKSPACE = Lanes.COUNT * Lanes.COUNT;

  private static final int COUNT = Lanes.COUNT;

  private LaneTransposition() {}

  /**
   * Transposes x (rows, columns) to y (columns, rows).
   *
   * @param xPitch from one row of x to the next
   * @param yPitch from one row of y to the next
   * @param padded whether y's rows are whole vectors, to be filled up with zeros; else those of x are
   * @param block at least {@link #WORKSPACE} floats
   */
  static void transpose(float[] x, int xAt, int xPitch, int rows, int columns, float[] y, int yAt, int yPitch,
      boolean padded, float[] block) {
    for (int nextRow = 0; nextRow < rows; nextRow += COUNT) {
      int row = padded ? nextRow : start(nextRow, rows);
      int some = Math.min(COUNT, rows - row);
      for (int nextColumn = 0; nextColumn < columns; nextColumn += COUNT) {
        int column = start(nextColumn, columns);
        int present = Math.min(COUNT, columns - column);
        int from = xAt + row * xPitch + column;
        int to = yAt + column * yPitch + row;
        boolean readable = some == COUNT && (!padded || present == COUNT);
        boolean writable = present == COUNT && (padded || some == COUNT);
        float[] source = x;
        int sourcePitch = xPitch;
        if (!readable) {
          load(x, from, xPitch, some, present, block);
          source = block;
          from = 0;
          sourcePitch = COUNT;
        }
        if (writable) {
          Transposition.square(source, from, sourcePitch, y, to, yPitch);
        } else {
          Transposition.square(source, from, sourcePitch, block, 0, COUNT);
          store(block, y, to, yPitch, present, padded ? COUNT : some);
        }
      }
    }
  }

  /** Where a square starts that would go beyond the end: so far back that it does not, if there is so much. */
  private static int start(int next, int n) {
    return n < COUNT ? next : Math.min(next, n - COUNT);
  }

  private static void load(float[] x, int at, int pitch, int rows, int columns, float[] block) {
    if (columns == COUNT) {
      for (int i = 0; i < rows; i++) {
        FloatVector.fromArray(Lanes.SPECIES, x, at + i * pitch).intoArray(block, i * COUNT);
      }
    } else {
      VectorMask<Float> tail = Lanes.SPECIES.indexInRange(0, columns);
      for (int i = 0; i < rows; i++) {
        FloatVector.fromArray(Lanes.SPECIES, x, at + i * pitch, tail).intoArray(block, i * COUNT);
      }
    }
    for (int i = rows; i < COUNT; i++) {
      FloatVector.zero(Lanes.SPECIES).intoArray(block, i * COUNT);
    }
  }

  private static void store(float[] block, float[] y, int at, int pitch, int rows, int columns) {
    if (columns == COUNT) {
      for (int i = 0; i < rows; i++) {
        FloatVector.fromArray(Lanes.SPECIES, block, i * COUNT).intoArray(y, at + i * pitch);
      }
    } else {
      VectorMask<Float> tail = Lanes.SPECIES.indexInRange(0, columns);
      for (int i = 0; i < rows; i++) {
        FloatVector.fromArray(Lanes.SPECIES, block, i * COUNT).intoArray(y, at + i * pitch, tail);
      }
    }
  }
}
