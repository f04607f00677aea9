package dev.sluice.backend.vector;

/**
 * Products with the right-hand side and the result in lanes: {@code C (rows, lanes) = A (rows, depth) B (depth,
 * lanes)}, or added to C. A is read where it lies, element by element. B lies in panels: {@link AttentionTile#QUERIES}
 * columns of a row side by side, rows one after the other; one of more columns has as many panels of as many rows. The
 * rows of C are one pitch apart.
 *
 * <p>A tile of C is 6x4 vectors (6x2 with 16 registers), or has 4 rows where no more are left: one chain of fused
 * multiply-adds each over the depth from 0 up, in every kernel and lane; what is in C comes last. Tiles call vector
 * operations without a method of our own between: 24 sums are more than the compiler inlines otherwise.
 */
final class LaneProduct {
  /** Vectors in a row of the widest register tile. */
  private static final int VECTORS = Lanes.COUNT >= 16 ? 4 : 2;
  private static final int ROWS = 6;
  /** Rows of the smaller tile. */
  private static final int LAST = 4;
  /**
   * From one row of B to the next; constant, so that no index of B is checked inside a loop that counts in places of B.
   * One that counts terms computes each place anew, and is 5 to 15 % slower.
   */
  static final int PITCH = AttentionTile.QUERIES;
  private static final int LANES = Lanes.COUNT;
  private static final float[] ZEROS = new float[VECTORS * LANES];

  /** Elements of a panel with a row for each query. */
  static final int PANEL = PITCH * AttentionTile.QUERIES;

  private LaneProduct() {}

  /**
   * A left-hand side: element (i, p) is {@code i * row + p * step} from its first.
   *
   * @param values the array it lies in
   * @param row from one row to the next
   * @param step from one term to the next
   */
  record Left(float[] values, int row, int step) {}

  /** {@code C = A B}. */
  static void store(Left a, int aAt, int rows, int depth, float[] b, int bAt, float[] c, int cAt, int pitch,
      int vectors) {
    for (int v = 0; v < vectors; v += width(vectors - v)) {
      int column = v * LANES;
      for (int row = 0; row < rows; row += ROWS) {
        multiply(width(vectors - v), depth, a, aAt + row * a.row, Math.min(ROWS, rows - row), b, bAt + panel(column),
            ZEROS, 0, 0, c, cAt + row * pitch + column, pitch);
      }
    }
  }

  /** {@code C += A B}. */
  static void add(Left a, int aAt, int rows, int depth, float[] b, int bAt, float[] c, int cAt, int pitch,
      int vectors) {
    for (int v = 0; v < vectors; v += width(vectors - v)) {
      int column = v * LANES;
      for (int row = 0; row < rows; row += ROWS) {
        int to = cAt + row * pitch + column;
        multiply(width(vectors - v), depth, a, aAt + row * a.row, Math.min(ROWS, rows - row), b, bAt + panel(column),
            c, to, pitch, c, to, pitch);
      }
    }
  }

  /** Where a column of B starts. */
  static int panel(int column) {
    return column / PITCH * PANEL + column % PITCH;
  }

  private static int width(int vectors) {
    return vectors >= VECTORS ? VECTORS : Integer.highestOneBit(vectors);
  }

  private static void multiply(int width, int depth, Left a, int aAt, int rows, float[] b, int bAt, float[] base,
      int baseAt, int basePitch, float[] c, int cAt, int pitch) {
    if (rows > LAST) {
      LaneTile6.multiply(width, depth, a, aAt, rows, b, bAt, base, baseAt, basePitch, c, cAt, pitch);
    } else {
      LaneTile4.multiply(width, depth, a, aAt, rows, b, bAt, base, baseAt, basePitch, c, cAt, pitch);
    }
  }
}
