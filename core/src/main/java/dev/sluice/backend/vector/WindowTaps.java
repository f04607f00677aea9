package dev.sluice.backend.vector;

import dev.sluice.spi.Windows.Axis;

/**
 * Of each window along an axis the taps that lie inside.
 *
 * @param first the position of its first
 * @param count how many
 */
record WindowTaps(int[] first, int[] count) {
  static WindowTaps of(Axis axis) {
    int[] first = new int[axis.count()];
    int[] count = new int[axis.count()];
    for (int window = 0; window < axis.count(); window++) {
      first[window] = axis.position(window, axis.firstTap(window));
      count[window] = axis.endTap(window) - axis.firstTap(window);
    }
    return new WindowTaps(first, count);
  }
}
