package dev.sluice.backend.vector;

import java.util.Arrays;

/**
 * Sums a dense array over the dimensions along which an argument was broadcast. Neighbouring dimensions that are kept,
 * and those that are summed, are taken as one; then one summed dimension after the other, the innermost first, goes
 * through {@link Sums}.
 */
final class BroadcastSum {
  private BroadcastSum() {}

  /** Whether an argument of these strides is of the shape's own size. */
  static boolean isWhole(int[] shape, int[] strides) {
    for (int d = 0; d < shape.length; d++) {
      if (shape[d] != 1 && strides[d] == 0) {
        return false;
      }
    }
    return true;
  }

  /** Sums x, dense over the shape, to y, dense over the dimensions whose stride is not 0. */
  static void sum(Workers workers, Scratch scratch, int[] shape, int[] strides, float[] x, float[] y) {
    int remaining = shape.length;
    float[] source = x;
    int inner = 1;
    while (true) {
      // The kept dimensions on the right, then the run of summed ones before them.
      while (remaining > 0 && (strides[remaining - 1] != 0 || shape[remaining - 1] == 1)) {
        inner *= shape[--remaining];
      }
      int count = 1;
      while (remaining > 0 && (strides[remaining - 1] == 0 || shape[remaining - 1] == 1)) {
        count *= shape[--remaining];
      }
      int outer = 1;
      for (int d = 0; d < remaining; d++) {
        outer *= shape[d];
      }
      boolean last = isWhole(Arrays.copyOf(shape, remaining), strides);
      float[] target = last ? y : scratch.borrow(outer * inner);
      Sums.sum(workers, scratch, outer, count, inner, source, target);
      if (source != x) {
        scratch.release(source);
      }
      if (last) {
        return;
      }
      source = target;
    }
  }
}
