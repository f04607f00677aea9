package dev.sluice.backend.vector;

import dev.sluice.spi.RecurrentSpec;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Which batch row takes part in which step of a recurrence, and where what belongs to a (row, step) lies.
 *
 * <p>Rows are taken in the order of falling length, so that the rows of a chunk that still run are its first ones.
 * Inner matrices (gates, their gradients, what goes into the weights' gradients) have one row, its place, for each
 * valid (row, step) and none for the others: step by step, the rows of a step in that order.
 */
final class Timeline {
  private final RecurrentSpec spec;
  private final int[] rows;
  private final int[] lengths;
  /** The first place of each step, and behind the last step how many places there are. */
  private final int[] starts;

  /** @throws IllegalArgumentException if a length is out of range */
  Timeline(RecurrentSpec spec, int @Nullable [] lengths) {
    this.spec = spec;
    int batch = spec.batch();
    long[] keys = new long[batch];
    for (int row = 0; row < batch; row++) {
      int length = lengths == null ? spec.steps() : checked(spec, lengths, row);
      keys[row] = (long) (spec.steps() - length) << 32 | row;
    }
    Arrays.sort(keys);
    this.rows = new int[batch];
    this.lengths = new int[batch];
    for (int i = 0; i < batch; i++) {
      rows[i] = (int) keys[i];
      this.lengths[i] = spec.steps() - (int) (keys[i] >>> 32);
    }
    this.starts = new int[spec.steps() + 1];
    int active = batch;
    for (int step = 0; step < spec.steps(); step++) {
      active = active(0, active, step);
      starts[step + 1] = starts[step] + active;
    }
  }

  private static int checked(RecurrentSpec spec, int[] lengths, int row) {
    int length = lengths[row];
    if (length < 0 || length > spec.steps()) {
      throw new IllegalArgumentException(spec.cell().name().toLowerCase(Locale.ROOT) + ": lengths[" + row + "] is "
          + length + ", wanted 0 to " + spec.steps());
    }
    return length;
  }

  /** The batch row that is i-th in order. */
  int row(int i) {
    return rows[i];
  }

  /** How many steps the i-th row takes. */
  int length(int i) {
    return lengths[i];
  }

  /** How many of count rows from the first on take a step: they come first. */
  int active(int first, int count, int step) {
    int active = count;
    while (active > 0 && lengths[first + active - 1] <= step) {
      active--;
    }
    return active;
  }

  /** The position in the input of the i-th row's step. */
  int time(int i, int step) {
    return spec.reverse() ? lengths[i] - 1 - step : step;
  }

  /** The row of the inner matrices for the i-th row's step; of row 0 also one step past the last. */
  int place(int i, int step) {
    return starts[step] + i;
  }

  /** Where the i-th row's input at a time starts. */
  int inputOffset(int i, int time) {
    return spec.rowOffset(time, rows[i], spec.inputWidth());
  }

  /** Where the i-th row's output at a time starts. */
  int outputOffset(int i, int time) {
    int width = spec.outputWidth();
    return spec.rowOffset(time, rows[i], spec.directions() * width) + spec.direction() * width;
  }

  /**
   * Copies the states of count rows from the first on into rows that start {@code stride} apart; 0 where there are
   * none.
   */
  void readStates(int first, int count, float @Nullable [] states, int width, float[] target, int at, int stride) {
    for (int i = 0; i < count; i++) {
      int to = at + i * stride;
      if (states == null) {
        Arrays.fill(target, to, to + width, 0);
      } else {
        System.arraycopy(states, spec.stateOffset(rows[first + i], width), target, to, width);
      }
    }
  }

  /** Copies rows that start {@code stride} apart to their states, where these are wanted. */
  void writeStates(int first, int count, float[] source, int at, int stride, float @Nullable [] states, int width) {
    for (int i = 0; i < count && states != null; i++) {
      System.arraycopy(source, at + i * stride, states, spec.stateOffset(rows[first + i], width), width);
    }
  }
}
