package dev.sluice.cuda.kernel;

import dev.sluice.spi.RecurrentCell;
import dev.sluice.spi.RecurrentSpec;
import java.util.List;

/**
 * Where a cell's kernels have what belongs to a place, a (time, row) in the layout of the input: columns, each a block
 * of the hidden width. Their pre-activations become what the backward reads, in place.
 *
 * @param columns how many blocks
 * @param hiddenColumn the first of those that the hidden weights feed, block by block
 * @param saves whether a place has one more block, apart from these
 * @param parts which blocks of the input weights feed which columns
 */
record CellLayout(int columns, int hiddenColumn, boolean saves, List<Part> parts) {
  /**
   * Blocks of the input weights and the columns that they feed.
   *
   * @param block the first block
   * @param column the first column
   * @param blocks how many
   */
  record Part(int block, int column, int blocks) {}

  static CellLayout of(RecurrentCell cell) {
    return switch (cell) {
      case LSTM, JANET -> new CellLayout(cell.gates(), 0, true, List.of(new Part(0, 0, cell.gates())));
      // The candidate's two parts lie first and last, so that the hidden weights feed neighbours in their own order.
      case GRU -> new CellLayout(4, 1, false, List.of(new Part(0, 1, 2), new Part(2, 0, 1)));
      case RNN_TANH, RNN_RELU -> new CellLayout(1, 0, false, List.of(new Part(0, 0, 1)));
    };
  }

  /** Elements of a place's columns. */
  int width(RecurrentSpec spec) {
    return columns * spec.hiddenWidth();
  }

  /** Elements of the columns of all places, behind which the reserve has what is saved apart. */
  int gates(RecurrentSpec spec) {
    return spec.steps() * spec.batch() * width(spec);
  }

  /** Elements of the reserve. */
  long reserve(RecurrentSpec spec) {
    return (long) spec.steps() * spec.batch() * (columns + (saves ? 1 : 0)) * spec.hiddenWidth();
  }
}
