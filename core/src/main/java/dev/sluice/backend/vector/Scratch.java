package dev.sluice.backend.vector;

/** Workspace of kernels: arrays borrowed for one call and given back, from any thread. Contents are undefined. */
final class Scratch {
  private static final long LIMIT_BYTES = Runtime.getRuntime().maxMemory() / 8;

  private final ArrayPool<float[]> allReals = new ArrayPool<>(float[]::new, Float.BYTES, LIMIT_BYTES);
  private final ArrayPool<int[]> allInts = new ArrayPool<>(int[]::new, Integer.BYTES, LIMIT_BYTES);
  private final NearArrays<float[]> reals = new NearArrays<>(allReals);
  private final NearArrays<int[]> ints = new NearArrays<>(allInts);

  /** An array of at least n elements. */
  float[] borrow(int n) {
    return reals.take(n);
  }

  /** An array of at least n ints. */
  int[] borrowInts(int n) {
    return ints.take(n);
  }

  /**
   * Gives a borrowed array back. One that is never given back, as after an exception, is left to the garbage collector.
   */
  void release(float[] array) {
    reals.give(array);
  }

  /** Gives back ints; see {@link #release(float[])}. */
  void release(int[] array) {
    ints.give(array);
  }

  /** The bytes of all arrays made so far. */
  long madeBytes() {
    return allReals.madeBytes() + allInts.madeBytes();
  }

  /** Drops everything kept but the little that each thread has at hand. */
  void clear() {
    allReals.clear();
    allInts.clear();
  }
}
