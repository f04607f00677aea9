package dev.sluice.cuda.kernel;

import dev.sluice.cuda.CudaBuffer;
import dev.sluice.cuda.Device;
import dev.sluice.cuda.Launch;
import dev.sluice.spi.ElementType;
import org.jspecify.annotations.Nullable;

/**
 * How many terms fold to each of many results on the grid (fold.cuh): cut into segments where the results alone would
 * leave the device idle. The sizes alone decide, so that a sum has the same order on every device.
 *
 * @param results how many results
 * @param terms how many terms each has
 * @param across a thread per result, for results that lie side by side; else a warp per result
 */
record Folding(int results, int terms, boolean across) {
  /** Results side by side from which on a thread each reads whole sectors. */
  static final int LEAST_ACROSS = 8;

  private static final int WARP = 32;
  private static final int ROWS = 8;
  private static final int BLOCKS = 1024;
  private static final int LEAST_ALONG = 512;
  private static final int LEAST_TERMS_ACROSS = 64;

  private int gridX() {
    int perBlock = across ? WARP : ROWS;
    return Math.ceilDiv(results, perBlock);
  }

  private int segment() {
    int least = across ? LEAST_TERMS_ACROSS : LEAST_ALONG;
    int wanted = results == 0 ? 1 : Math.min(BLOCKS / gridX(), Math.ceilDiv(terms, least));
    return Math.max(Math.ceilDiv(terms, Math.max(wanted, 1)), 1);
  }

  /** Into how many segments the terms are cut; with one the first stage is the last. */
  int segments() {
    return Math.max(Math.ceilDiv(terms, segment()), 1);
  }

  /** Room for the partials of the first stage, each of so many words; null with one segment. */
  @Nullable
  CudaBuffer partials(Device device, int words) {
    int segments = segments();
    return segments == 1 ? null : device.scratch(ElementType.REAL, segments * results * words);
  }

  /** The first stage, given all arguments but the last three. */
  Launch pass(Launch launch, @Nullable CudaBuffer partials) {
    return launch.integer(results).integer(segment()).buffer(partials);
  }

  /** Queues the first stage. */
  void run(Launch launch) {
    run(launch, gridX(), segments(), across);
  }

  /** Queues the second stage, given all arguments but the last three. */
  void finish(Launch launch, CudaBuffer partials) {
    run(launch.integer(results).integer(segments()).buffer(partials), Math.ceilDiv(results, ROWS), 1, false);
  }

  private static void run(Launch launch, int gridX, int gridY, boolean across) {
    launch.run(gridX, gridY, 1, across ? WARP : WARP * ROWS, across ? ROWS : 1, 0);
  }
}
