package dev.sluice.backend.vector;

import dev.sluice.spi.LogicalOp;
import java.util.Arrays;

/** {@code y = f(left, right)} of truth values run by run: along a run each argument is an array or one value. */
final class LogicalForward {
  private LogicalForward() {}

  /** Elements from to to of y, numbered row by row. */
  static void apply(LogicalOp op, Broadcast over, boolean[] left, boolean[] right, boolean[] y, int from, int to) {
    boolean one = op == LogicalOp.OR;
    Broadcast.Walk walk = over.walk(from / over.run());
    int column = from % over.run();
    for (int i = from; i < to;) {
      int n = Math.min(over.run() - column, to - i);
      int l = walk.leftOffset() + column * over.leftStride();
      int r = walk.rightOffset() + column * over.rightStride();
      if (over.leftStride() == 1 && over.rightStride() == 1) {
        arrays(left, l, right, r, y, i, n, one);
      } else if (over.leftStride() == 1) {
        arrayAndValue(left, l, right[r], y, i, n, one);
      } else if (over.rightStride() == 1) {
        arrayAndValue(right, r, left[l], y, i, n, one);
      } else {
        Arrays.fill(y, i, i + n, (left[l] | right[r]) == one);
      }
      i += n;
      column = 0;
      walk.next();
    }
  }

  /** What the function makes of a true value is one, what it makes of none is not. */
  private static void arrays(boolean[] l, int lo, boolean[] r, int ro, boolean[] y, int yo, int n, boolean one) {
    boolean none = !one;
    for (int i = 0; i < n; i++) {
      y[yo + i] = (l[lo + i] | r[ro + i]) ^ none;
    }
  }

  private static void arrayAndValue(boolean[] l, int lo, boolean r, boolean[] y, int yo, int n, boolean one) {
    if (r) {
      Arrays.fill(y, yo, yo + n, one);
      return;
    }
    boolean none = !one;
    for (int i = 0; i < n; i++) {
      y[yo + i] = l[lo + i] ^ none;
    }
  }
}
