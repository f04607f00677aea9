package dev.sluice.backend.vector;

/** The check of valid lengths that kernels share. */
final class Lengths {
  private Lengths() {}

  /**
   * Refuses a length below 0 or above the given one.
   *
   * @throws IllegalArgumentException for the first such length
   */
  static void check(String operation, int[] lengths, int count, int most) {
    for (int i = 0; i < count; i++) {
      if (lengths[i] < 0 || lengths[i] > most) {
        throw new IllegalArgumentException(
            operation + ": lengths[" + i + "] is " + lengths[i] + ", wanted 0 to " + most);
      }
    }
  }
}
