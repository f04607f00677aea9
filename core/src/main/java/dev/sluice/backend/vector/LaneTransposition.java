package dev.sluice.backend.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/**
 * Transposes matrices in square blocks as wide as a vector: {@code y[j][i] = x[i][j]}. A block is transposed in
 * log2(lanes) stages; the stage of a bit exchanges, of each two rows that differ in it, the elements off the diagonal.
 */
final class LaneTransposition {
  /** Elements of workspace. */
  static final int WORKSPACE = Lanes.COUNT * Lanes.COUNT;

  private static final int COUNT = Lanes.COUNT;
  private static final VectorShuffle<Float> SWAP_8 = swap(8);
  private static final VectorShuffle<Float> SWAP_4 = swap(4);
  private static final VectorShuffle<Float> SWAP_2 = swap(2);
  private static final VectorShuffle<Float> SWAP_1 = swap(1);
  private static final VectorMask<Float> HIGH_8 = high(8);
  private static final VectorMask<Float> HIGH_4 = high(4);
  private static final VectorMask<Float> HIGH_2 = high(2);
  private static final VectorMask<Float> HIGH_1 = high(1);

  private LaneTransposition() {}

  /**
   * Transposes x (rows, columns) to y (columns, rows).
   *
   * @param xPitch from one row of x to the next
   * @param yPitch from one row of y to the next
   * @param padded whether y's rows are whole vectors, to be filled up with zeros
   * @param block at least {@link #WORKSPACE} floats
   */
  static void transpose(float[] x, int xAt, int xPitch, int rows, int columns, float[] y, int yAt, int yPitch,
      boolean padded, float[] block) {
    for (int row = 0; row < rows; row += COUNT) {
      int some = Math.min(COUNT, rows - row);
      for (int column = 0; column < columns; column += COUNT) {
        int present = Math.min(COUNT, columns - column);
        int from = xAt + row * xPitch + column;
        int to = yAt + column * yPitch + row;
        if (some == COUNT && present == COUNT) {
          turn(x, from, xPitch, block, y, to, yPitch);
        } else {
          load(x, from, xPitch, some, present, block);
          turn(block, 0, COUNT, block, block, 0, COUNT);
          store(block, y, to, yPitch, present, padded ? COUNT : some);
        }
      }
    }
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

  /** The first stage reads x, the last writes y. */
  private static void turn(float[] x, int xAt, int xPitch, float[] block, float[] y, int yAt, int yPitch) {
    if (COUNT > 8) {
      exchange(x, xAt, xPitch, block, 0, COUNT, 8, SWAP_8, HIGH_8);
      exchange(block, 0, COUNT, block, 0, COUNT, 4, SWAP_4, HIGH_4);
      exchange(block, 0, COUNT, block, 0, COUNT, 2, SWAP_2, HIGH_2);
    } else if (COUNT > 4) {
      exchange(x, xAt, xPitch, block, 0, COUNT, 4, SWAP_4, HIGH_4);
      exchange(block, 0, COUNT, block, 0, COUNT, 2, SWAP_2, HIGH_2);
    } else {
      exchange(x, xAt, xPitch, block, 0, COUNT, 2, SWAP_2, HIGH_2);
    }
    exchange(block, 0, COUNT, y, yAt, yPitch, 1, SWAP_1, HIGH_1);
  }

  private static void exchange(float[] x, int xAt, int xPitch, float[] y, int yAt, int yPitch, int bit,
      VectorShuffle<Float> swap, VectorMask<Float> high) {
    for (int pair = 0; pair < COUNT / 2; pair++) {
      int i = pair + (pair & -bit);
      FloatVector low = FloatVector.fromArray(Lanes.SPECIES, x, xAt + i * xPitch);
      FloatVector up = FloatVector.fromArray(Lanes.SPECIES, x, xAt + (i + bit) * xPitch);
      low.blend(up.rearrange(swap), high).intoArray(y, yAt + i * yPitch);
      low.rearrange(swap).blend(up, high).intoArray(y, yAt + (i + bit) * yPitch);
    }
  }

  private static VectorShuffle<Float> swap(int bit) {
    return VectorShuffle.fromOp(Lanes.SPECIES, lane -> (lane ^ bit) & COUNT - 1);
  }

  private static VectorMask<Float> high(int bit) {
    boolean[] bits = new boolean[COUNT];
    for (int lane = 0; lane < COUNT; lane++) {
      bits[lane] = (lane & bit) != 0;
    }
    return VectorMask.fromArray(Lanes.SPECIES, bits, 0);
  }
}
