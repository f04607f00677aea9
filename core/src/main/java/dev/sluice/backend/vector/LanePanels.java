package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.AttentionTile.QUERIES;
import static dev.sluice.backend.vector.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.FloatVector.zero;

import jdk.incubator.vector.VectorMask;

/**
 * Rows of some queries, in the panels that {@link LaneProduct} takes as its right-hand side: filled up with zeros to
 * whole squares, so that their transpose is made of these alone.
 */
final class LanePanels {
  private static final int COUNT = Lanes.COUNT;

  private LanePanels() {}

  /** Elements of rows of a width. */
  static int size(int width) {
    return Math.ceilDiv(width, QUERIES) * LaneProduct.PANEL;
  }

  /**
   * {@code y = x * factors}, a factor for each row.
   *
   * @param pitch from one row of x to the next
   */
  static void pack(float[] x, int at, int pitch, int rows, int width, float[] factors, float[] y) {
    int whole = Lanes.bound(0, width);
    int filled = Lanes.padded(rows);
    for (int column = 0; column < whole; column += COUNT) {
      for (int i = 0, from = at + column, to = LaneProduct.panel(column); i < rows; i++, from += pitch, to += QUERIES) {
        fromArray(SPECIES, x, from).mul(factors[i]).intoArray(y, to);
      }
    }
    if (whole < width) {
      VectorMask<Float> tail = SPECIES.indexInRange(whole, width);
      for (int i = 0, from = at + whole, to = LaneProduct.panel(whole); i < rows; i++, from += pitch, to += QUERIES) {
        fromArray(SPECIES, x, from, tail).mul(factors[i]).intoArray(y, to);
      }
    }
    for (int column = 0; column < width; column += COUNT) {
      for (int i = rows, to = LaneProduct.panel(column) + i * QUERIES; i < filled; i++, to += QUERIES) {
        zero(SPECIES).intoArray(y, to);
      }
    }
  }

  /** Clears a row. */
  static void clear(int width, float[] y, int row) {
    for (int column = 0; column < width; column += COUNT) {
      zero(SPECIES).intoArray(y, LaneProduct.panel(column) + row * QUERIES);
    }
  }

  /**
   * Transposes them.
   *
   * @param vectors how many hold a column of rows
   * @param lanes receives (width in whole vectors, {@link AttentionTile#QUERIES})
   */
  static void transpose(float[] panels, int width, int vectors, float[] lanes) {
    for (int column = 0; column < width; column += COUNT) {
      for (int row = 0; row < vectors * COUNT; row += COUNT) {
        Transposition.square(panels, LaneProduct.panel(column) + row * QUERIES, QUERIES, lanes, column * QUERIES + row,
            QUERIES);
      }
    }
  }

  /** Whether all of some first rows is finite. */
  static boolean isFinite(float[] panels, int rows, int width) {
    boolean finite = true;
    for (int column = 0; column < width; column += QUERIES) {
      finite &= GuardedProduct.isFinite(panels, LaneProduct.panel(column), rows, Math.min(QUERIES, width - column),
          QUERIES);
    }
    return finite;
  }
}
