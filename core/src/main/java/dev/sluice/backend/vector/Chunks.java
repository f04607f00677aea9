package dev.sluice.backend.vector;

/**
 * How work is cut: into pieces of a fixed size, whatever the number of threads. The grains are such that a piece takes
 * some tens of microseconds, the time that handing work to a parked thread costs; work of one grain is not handed on at
 * all.
 */
final class Chunks {
  /**
   * Elements per chunk where each costs little more than its memory traffic. A multiple of every vector's lanes, and of
   * 4.
   */
  static final int LIGHT = 1 << 17;

  /** Elements per chunk where each costs a transcendental function or some ten operations. */
  static final int MEDIUM = 1 << 15;

  /** Elements per chunk where each costs a scalar library call. */
  static final int HEAVY = 1 << 11;

  /**
   * Elements between the sums that two chunks add to again and again: two cache lines, since a core fetches them in
   * pairs. On a line of both, each addition would take it from the other core.
   */
  static final int APART = 32;

  private Chunks() {}

  /** The number of chunks of a grain that n elements make; 0 for none. */
  static int count(int n, int grain) {
    return (int) (((long) n + grain - 1) / grain);
  }

  /** How many rows of a width make a chunk of about a grain of elements: at least 1. */
  static int rows(int width, int grain) {
    return Math.max(1, grain / Math.max(1, width));
  }

  /** The end of a chunk that starts at an element: at most n. */
  static int end(int start, int grain, int n) {
    return (int) Math.min((long) start + grain, n);
  }
}
