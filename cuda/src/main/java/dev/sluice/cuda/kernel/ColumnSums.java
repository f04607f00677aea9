package dev.sluice.cuda.kernel;

import dev.sluice.cuda.CudaBuffer;
import dev.sluice.cuda.Device;
import dev.sluice.cuda.Kernel;
import dev.sluice.spi.ElementType;

/**
 * Sums over the rows of a matrix, column by column, in two stages: each chunk of rows, then the chunks in their order.
 * The number of rows alone decides the chunks.
 */
final class ColumnSums {
  /** Columns and rows of a block, as the kernels have them. */
  static final int TILE = 32;
  static final int LANES = 8;
  private static final int LEAST_ROWS = 64;
  private static final int MOST_CHUNKS = 64;
  private static final int THREADS = 128;

  private final Device device;
  private final Kernel partials;
  private final Kernel totals;

  ColumnSums(Device device) {
    this.device = device;
    partials = device.kernel("column_partials");
    totals = device.kernel("column_totals");
  }

  /** Rows of a chunk. */
  static int chunkRows(int rows) {
    return Math.max(LEAST_ROWS, Math.ceilDiv(rows, MOST_CHUNKS));
  }

  /** How many chunks there are. */
  static int chunks(int rows) {
    return Math.ceilDiv(rows, chunkRows(rows));
  }

  /** A workspace for the sums of every chunk. */
  CudaBuffer workspace(int rows, int columns) {
    return device.scratch(ElementType.REAL, chunks(rows) * columns);
  }

  /** The first stage: target (chunks, columns) of matrix (rows, columns). */
  void partials(CudaBuffer matrix, int rows, int columns, CudaBuffer target) {
    partials.start().integer(rows).integer(columns).integer(chunkRows(rows)).buffer(matrix).buffer(target)
        .run(Math.ceilDiv(columns, TILE), chunks(rows), 1, TILE, LANES, 0);
  }

  /** The second: the sums of some columns of partials (chunks, stride), from a first one on, to target at an offset. */
  void totals(CudaBuffer partials, int chunks, int stride, int first, int columns, CudaBuffer target, int offset) {
    totals.start().integer(chunks).integer(stride).integer(first).integer(columns).buffer(partials)
        .buffer(target, offset).run(device.blocks(columns, THREADS), THREADS);
  }
}
