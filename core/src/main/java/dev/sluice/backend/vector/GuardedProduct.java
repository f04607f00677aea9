package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.FloatVector.zero;

import dev.sluice.backend.vector.LaneProduct.Left;
import jdk.incubator.vector.FloatVector;

/**
 * Products in which some exponentials or weights take no part: they are {@link LaneMath#NONE}, but 0 times NaN or
 * infinity is NaN. Where what they meet is finite, {@link LaneProduct} is right as it stands; where not, these add the
 * terms one by one, and read nothing for those that take no part.
 */
final class GuardedProduct {
  private static final int PITCH = AttentionTile.QUERIES;

  private GuardedProduct() {}

  /**
   * {@code C (rows, lanes) += A (rows, depth) B (depth, lanes)}.
   *
   * @param gates laid out as B
   */
  static void addLanes(Left a, int aAt, int rows, int depth, float[] b, float[] gates, int at, float[] c, int lanes) {
    for (int p = 0; p < depth; p++) {
      for (int lane = 0; lane < lanes; lane++) {
        int index = at + p * PITCH + lane;
        if (!LaneMath.isNone(gates[index])) {
          for (int i = 0; i < rows; i++) {
            int to = i * PITCH + lane;
            c[to] = Math.fma(a.values()[aAt + i * a.row() + p * a.step()], b[index], c[to]);
          }
        }
      }
    }
  }

  /**
   * {@code C (rows, columns) += A (rows, lanes) B (lanes, columns)}.
   *
   * @param gates laid out as A
   */
  static void addRows(float[] a, float[] gates, int at, int rows, int lanes, float[] b, float[] c, int cAt,
      int pitch, int columns) {
    for (int i = 0; i < rows; i++) {
      for (int lane = 0; lane < lanes; lane++) {
        int index = at + i * PITCH + lane;
        if (!LaneMath.isNone(gates[index])) {
          for (int j = 0; j < columns; j++) {
            int to = cAt + i * pitch + j;
            c[to] = Math.fma(a[index], b[LaneProduct.panel(j) + lane * PITCH], c[to]);
          }
        }
      }
    }
  }

  /** Whether all of some rows is finite: only then is each, less itself, 0. */
  static boolean isFinite(float[] x, int at, int rows, int columns, int pitch) {
    FloatVector sum = zero(SPECIES);
    float rest = 0;
    for (int row = 0; row < rows; row++) {
      int i = at + row * pitch;
      int end = i + columns;
      for (int bound = Lanes.bound(i, end); i < bound; i += Lanes.COUNT) {
        FloatVector v = fromArray(SPECIES, x, i);
        sum = sum.add(v.sub(v));
      }
      for (; i < end; i++) {
        rest += x[i] - x[i];
      }
    }
    return Lanes.sum(sum) + rest == 0;
  }
}
