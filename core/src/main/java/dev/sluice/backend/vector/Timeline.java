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
 * valid (row, step) and none for the others: without lengths in the order of the input, which is then itself such a
 * matrix; with lengths row by row, without gaps.
 */
final class Timeline {
  private final RecurrentSpec spec;
  private final boolean compact;
  private final int[] rows;
  private final int[] lengths;
  private final int[] starts;
  private final int stride;
  private final int places;

  /** @throws IllegalArgumentException if a length is out of range */
  Timeline(RecurrentSpec spec, int @Nullable [] lengths) {
    this.spec = spec;
    this.compact = lengths != null;
    int batch = spec.batch();
    long[] keys = new long[batch];
    int[] startOfRow = new int[batch];
    int place = 0;
    for (int row = 0; row < batch; row++) {
      int length = lengths == null ? spec.steps() : checked(spec, lengths, row);
      keys[row] = (long) (spec.steps() - length) << 32 | row;
      startOfRow[row] = compact || spec.batchFirst() ? place : row;
      place += length;
    }
    Arrays.sort(keys);
    this.places = place;
    this.stride = compact || spec.batchFirst() ? 1 : batch;
    this.rows = new int[batch];
    this.lengths = new int[batch];
    this.starts = new int[batch];
    for (int i = 0; i < batch; i++) {
      rows[i] = (int) keys[i];
      this.lengths[i] = spec.steps() - (int) (keys[i] >>> 32);
      starts[i] = startOfRow[rows[i]];
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

  /** Rows of the inner matrices. */
  int places() {
    return places;
  }

  /** Whether the inner matrices are laid out otherwise than the input. */
  boolean isCompact() {
    return compact;
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

  /** The row of the inner matrices for the i-th row's step. */
  int place(int i, int step) {
    return starts[i] + time(i, step) * stride;
  }

  /** Where the i-th row's output at a time starts. */
  int outputOffset(int i, int time) {
    int width = spec.outputWidth();
    return spec.rowOffset(time, rows[i], spec.directions() * width) + spec.direction() * width;
  }

  /** Copies the states of count rows from the first on, one after the other; 0 where there are none. */
  void readStates(int first, int count, float @Nullable [] states, float[] target, int width) {
    for (int i = 0; i < count; i++) {
      if (states == null) {
        Arrays.fill(target, i * width, (i + 1) * width, 0);
      } else {
        System.arraycopy(states, spec.stateOffset(rows[first + i], width), target, i * width, width);
      }
    }
  }

  /** Copies rows that lie one after the other to their states, where these are wanted. */
  void writeStates(int first, int count, float[] source, float @Nullable [] states, int width) {
    for (int i = 0; i < count && states != null; i++) {
      System.arraycopy(source, i * width, states, spec.stateOffset(rows[first + i], width), width);
    }
  }

  /** Copies the valid rows of a matrix laid out as the input into an inner one. */
  void gather(float[] source, float[] target, int width) {
    for (int i = 0; i < rows.length; i++) {
      for (int step = 0; step < lengths[i]; step++) {
        System.arraycopy(source, spec.rowOffset(time(i, step), rows[i], width), target, place(i, step) * width, width);
      }
    }
  }

  /** Copies, or adds, an inner matrix to the valid rows of one laid out as the input; the others become 0, or stay. */
  void scatter(float[] source, float[] target, int width, boolean add) {
    for (int i = 0; i < rows.length; i++) {
      for (int time = 0; time < spec.steps(); time++) {
        int to = spec.rowOffset(time, rows[i], width);
        int from = (starts[i] + time * stride) * width;
        if (add && time < lengths[i]) {
          GateMath.add(target, to, source, from, width);
        } else if (time < lengths[i]) {
          System.arraycopy(source, from, target, to, width);
        } else if (!add) {
          Arrays.fill(target, to, to + width, 0);
        }
      }
    }
  }
}
