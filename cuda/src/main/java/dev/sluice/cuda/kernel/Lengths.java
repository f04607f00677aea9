package dev.sluice.cuda.kernel;

import dev.sluice.cuda.CudaBuffer;

/** Lengths of rows, checked on the host before anything is written. */
final class Lengths {
  private Lengths() {}

  /** @throws IllegalArgumentException if one of the first count lengths is not 0 to most */
  static void check(String operation, CudaBuffer lengths, int count, int most) {
    int[] values = lengths.hostInts(0, count);
    for (int row = 0; row < count; row++) {
      if (values[row] < 0 || values[row] > most) {
        throw new IllegalArgumentException(operation + ": lengths[" + row + "] is " + values[row] + ", wanted 0 to "
            + most);
      }
    }
  }
}
