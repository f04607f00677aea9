package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.VectorMask;

/**
 * The right-hand matrix of a product, B (depth, columns), laid out as the microkernel reads it.
 *
 * <p>The depth is cut into blocks of {@link #BLOCK}; a block is cut into panels of 2 vectors of columns, of 1 where
 * no more are left; a panel holds its rows one after the other. Columns beyond the last are 0; what they give is never
 * stored.
 *
 * @param depth rows of B
 * @param columns columns of B
 * @param values the panels, at least {@link #size} long
 */
record PackedMatrix(int depth, int columns, float[] values) {
  /**
   * Terms that are summed in one chain; chains are added in order. It shapes the bits: every width has the same. Long
   * chains visit C seldom: at 1024x1024x1024 these reach 104 GFLOP/s, half as long ones 98.
   */
  static final int BLOCK = 512;
  /** Where the first panel starts: the microkernel gains 5 to 10 % by {@link Lanes#LINE}. */
  private static final int FIRST = Lanes.LINE;
  /** Floats that make an array one of its own regions in a heap of up to 8 GiB. */
  private static final int OWN_REGION = 1 << 19;
  /** Rows of B that are packed together: enough to fill lines of the panels, few enough for the streams of a core. */
  private static final int STRIP = 8;

  /** Elements of an array for a packed matrix. */
  static int size(int depth, int columns) {
    return Math.max(OWN_REGION, Math.addExact(FIRST, Math.multiplyExact(depth, Lanes.padded(columns))));
  }

  /** How many blocks the depth has; one, without terms, where the depth is 0. */
  int blocks() {
    return Math.max(1, Math.ceilDiv(depth, BLOCK));
  }

  /** The terms of a block. */
  int blockDepth(int block) {
    return Math.min(BLOCK, depth - block * BLOCK);
  }

  /** The vectors in the panel that starts at a column. */
  int panelVectors(int column) {
    return Math.min(Microkernel.VECTORS, Math.ceilDiv(columns - column, Lanes.COUNT));
  }

  /** Where the panel that starts at a column starts in a block. */
  int panelOffset(int block, int column) {
    return FIRST + block * BLOCK * Lanes.padded(columns) + column * blockDepth(block);
  }

  /**
   * Packs all of B: {@code B[p][j]} is at {@code offset + p*stride + j}, or {@code offset + j*stride + p} if
   * transposed.
   */
  void pack(float[] b, int offset, int stride, boolean transposed) {
    for (int block = 0; block < blocks(); block++) {
      pack(block, 0, columns, b, offset, stride, transposed);
    }
  }

  /** Packs one row of B, which starts at an offset. */
  void packRow(int row, float[] b, int offset) {
    packStrip(row / BLOCK, row % BLOCK, 1, 0, columns, b, offset, columns);
  }

  /** Packs the panels of one block that start from a column on and before another. */
  void pack(int block, int columnFrom, int columnTo, float[] b, int offset, int stride, boolean transposed) {
    int blockDepth = blockDepth(block);
    int first = block * BLOCK;
    if (transposed) {
      packColumns(block, columnFrom, columnTo, b, offset + first, stride);
      return;
    }
    for (int p = 0; p < blockDepth; p += STRIP) {
      packStrip(block, p, Math.min(STRIP, blockDepth - p), columnFrom, columnTo, b, offset + (first + p) * stride,
          stride);
    }
  }

  /** Some rows of a block. */
  private void packStrip(int block, int from, int rows, int columnFrom, int columnTo, float[] b, int offset,
      int stride) {
    for (int column = columnFrom; column < columnTo; ) {
      int width = panelVectors(column) * Lanes.COUNT;
      int target = panelOffset(block, column) + from * width;
      for (int j = 0; j < width; j += Lanes.COUNT) {
        copy(b, offset + column + j, stride, rows, columns - column - j, target + j, width);
      }
      column += width;
    }
  }

  /** Panels of a B whose columns are stored. */
  private void packColumns(int block, int columnFrom, int columnTo, float[] b, int offset, int stride) {
    int blockDepth = blockDepth(block);
    for (int column = columnFrom; column < columnTo; ) {
      int width = panelVectors(column) * Lanes.COUNT;
      int present = Math.min(width, columns - column);
      int target = panelOffset(block, column);
      Transposition.copy(b, offset + column * stride, stride, present, blockDepth, values, target, width);
      if (present < width) {
        clear(blockDepth, target + present, width - present, width);
      }
      column += width;
    }
  }

  /** The rows of a vector of columns, of which so many exist. */
  private void copy(float[] b, int offset, int stride, int rows, int present, int target, int width) {
    if (present >= Lanes.COUNT) {
      for (int p = 0; p < rows; p++) {
        fromArray(SPECIES, b, offset + p * stride).intoArray(values, target + p * width);
      }
    } else {
      VectorMask<Float> columns = SPECIES.indexInRange(0, present);
      for (int p = 0; p < rows; p++) {
        fromArray(SPECIES, b, offset + p * stride, columns).intoArray(values, target + p * width);
      }
    }
  }

  /** The last columns of a panel. */
  private void clear(int rows, int from, int count, int width) {
    for (int p = 0; p < rows; p++) {
      for (int i = from + p * width; i < from + p * width + count; i++) {
        values[i] = 0;
      }
    }
  }
}
