package dev.sluice.cuda.kernel;

import dev.sluice.cuda.Launch;
import dev.sluice.spi.RecurrentSpec;

/**
 * Blocks of a kernel that runs all steps with the hidden weights in shared memory: a thread for a unit of two rows, as
 * many rows in a block as still leave blocks for every multiprocessor.
 *
 * @param blocks how many
 * @param unitThreads threads along the units
 * @param rowThreads threads along the rows
 * @param sharedBytes shared memory of a block: the packed weights, and two copies of what the block's rows exchange
 */
record FusedGrid(int blocks, int unitThreads, int rowThreads, int sharedBytes) {
  /** What every device lets a block have. */
  private static final int MOST_BYTES = 48 << 10;
  /** Rows of a thread, as the kernels have them. */
  private static final int TILE_ROWS = 2;
  private static final int WARP = 32;
  private static final int MOST_THREADS = 256;
  private static final int QUAD = 4;

  /** Whether the weights fit, forward and backward. */
  static boolean fits(RecurrentSpec spec) {
    return spec.projectionWidth() == 0 && bytes(spec.hiddenWidth(), spec.gateWidth(), 1) <= MOST_BYTES
        && bytes(spec.gateWidth(), spec.hiddenWidth(), 1) <= MOST_BYTES;
  }

  /** For sums over the hidden state, one for every gate. */
  static FusedGrid forward(int multiprocessors, RecurrentSpec spec) {
    return of(multiprocessors, spec, spec.hiddenWidth(), spec.gateWidth());
  }

  /** For sums over the gates, one for every unit of the hidden state. */
  static FusedGrid backward(int multiprocessors, RecurrentSpec spec) {
    return of(multiprocessors, spec, spec.gateWidth(), spec.hiddenWidth());
  }

  private static FusedGrid of(int multiprocessors, RecurrentSpec spec, int depth, int columns) {
    int units = Math.ceilDiv(spec.hiddenWidth(), WARP) * WARP;
    int rows = Math.clamp(spec.batch() / (TILE_ROWS * multiprocessors), 1, MOST_THREADS / units);
    while (bytes(depth, columns, rows) > MOST_BYTES) {
      rows--;
    }
    int blocks = Math.ceilDiv(spec.batch(), rows * TILE_ROWS);
    return new FusedGrid(blocks, units, rows, (int) bytes(depth, columns, rows));
  }

  private static long bytes(int depth, int columns, int rowThreads) {
    long quads = Math.ceilDiv(depth, QUAD);
    return quads * QUAD * Float.BYTES * (columns + 2L * TILE_ROWS * rowThreads);
  }

  void run(Launch launch) {
    launch.run(blocks, 1, 1, unitThreads, rowThreads, sharedBytes);
  }
}
