package dev.sluice.backend.vector;

/** Workspace of kernels: arrays borrowed for one call and given back, from any thread. Contents are undefined. */
final class Scratch {
  private static final long LIMIT_BYTES = Runtime.getRuntime().maxMemory() / 8;

  private final ArrayPool<float[]> arrays = new ArrayPool<>(float[]::new, Float.BYTES, LIMIT_BYTES);
  private final ArrayPool<int[]> ints = new ArrayPool<>(int[]::new, Integer.BYTES, LIMIT_BYTES);

  /** An array of at least n elements. */
  float[] borrow(int n) {
    return arrays.take(n);
  }

  /** An array of at least n ints. */
  int[] borrowInts(int n) {
    return ints.take(n);
  }

  /**
   * Gives a borrowed array back. One that is never given back, as after an exception, is left to the garbage collector.
   */
  void release(float[] array) {
    arrays.give(array);
  }

  /** Gives back ints; see {@link #release(float[])}. */
  void release(int[] array) {
    ints.give(array);
  }

  /** The bytes that wait for reuse. */
  long heldBytes() {
    return arrays.heldBytes() + ints.heldBytes();
  }

  /** The bytes of all arrays made so far. */
  long madeBytes() {
    return arrays.madeBytes() + ints.madeBytes();
  }

  /** Drops everything kept. */
  void clear() {
    arrays.clear();
    ints.clear();
  }
}
