package dev.sluice.backend.vector;

import dev.sluice.spi.IndRnnSpec;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The lines of neighbouring neurons that an IndRNN steps through, and where what belongs to a (line, step) lies. A line
 * is one direction of one batch row; where the neurons of all rows lie side by side at every step, all are one line.
 * Work is cut by neurons: a chunk is some whole lines, or a part of the one.
 */
final class IndRnnLines {
  /**
   * Neurons of a chunk: many, so that a step reads long runs (8,192 in place of 512 take a third off the time where the
   * sequences exceed the caches), but not all where that would leave one chunk.
   */
  private static final int LEAST_NEURONS = 2048;
  private static final int MOST_NEURONS = 8192;

  private final int batch;
  private final int steps;
  private final boolean single;
  private final int count;
  private final int width;
  private final int neurons;
  private final int weights;
  private final int stride;
  private final int[] starts;
  private final int[] lengths;

  /**
   * The lines of a call.
   *
   * @param grain elements of a chunk, about
   * @throws IllegalArgumentException if a length is out of range
   */
  IndRnnLines(IndRnnSpec spec, int @Nullable [] lengths, int grain) {
    if (lengths != null) {
      Lengths.check("indRnn", lengths, spec.batch(), spec.steps());
    }
    this.batch = spec.batch();
    this.steps = spec.steps();
    this.single = spec.directions() == 1 && lengths == null && (!spec.batchFirst() || batch == 1);
    this.count = single ? 1 : spec.directions() * batch;
    this.width = single ? batch * spec.width() : spec.width();
    this.weights = spec.width();
    this.stride = spec.directions() * spec.width() * (spec.batchFirst() ? 1 : batch);
    int half = Math.ceilDiv(count * width, 2 * Lanes.COUNT) * Lanes.COUNT;
    int wanted = Math.max(Math.clamp(half, LEAST_NEURONS, MOST_NEURONS), Chunks.rows(steps, grain));
    this.neurons = single ? wanted : Math.ceilDiv(wanted, width) * width;
    this.starts = new int[count];
    this.lengths = new int[count];
    Arrays.fill(this.lengths, steps);
    for (int line = 0; line < count && !single; line++) {
      starts[line] = spec.rowOffset(0, line % batch, line / batch);
      this.lengths[line] = lengths == null ? steps : lengths[line % batch];
    }
  }

  /** Chunks of the whole call. */
  int chunks() {
    return Chunks.count(count * width, neurons);
  }

  int firstLine(int chunk) {
    return single ? 0 : chunk * (neurons / width);
  }

  int endLine(int chunk) {
    return single ? 1 : Chunks.end(firstLine(chunk), neurons / width, count);
  }

  /** The first neuron of a chunk's lines. */
  int firstNeuron(int chunk) {
    return single ? chunk * neurons : 0;
  }

  int endNeuron(int chunk) {
    return single ? Chunks.end(firstNeuron(chunk), neurons, width) : width;
  }

  /** Neurons of a line. */
  int width() {
    return width;
  }

  /** How many steps a line takes. */
  int length(int line) {
    return lengths[line];
  }

  /** Where in a sequence a line's step starts; the second direction runs backwards. */
  int at(int line, int step) {
    return starts[line] + (line < batch ? step : lengths[line] - 1 - step) * stride;
  }

  /** From a line's step to the one after it. */
  int stride(int line) {
    return line < batch ? stride : -stride;
  }

  /** Where a line's state starts. */
  int stateAt(int line) {
    return line * width;
  }

  /** Where a line's recurrent weights start, in {@link #tile tiled} ones where all rows are one line. */
  int weightsAt(int line) {
    return single ? 0 : line / batch * weights;
  }

  /** Whether the recurrent weights have to be {@link #tile tiled}. */
  boolean isTiled() {
    return width > weights;
  }

  /** Repeats the recurrent weights for every row of the one line. */
  void tile(float[] recurrent, float[] tiled) {
    for (int at = 0; at < width; at += weights) {
      System.arraycopy(recurrent, 0, tiled, at, weights);
    }
  }

  /** Puts 0 past the length of a line. */
  void clearPadding(int line, float[] sequence) {
    for (int time = lengths[line]; time < steps; time++) {
      int at = starts[line] + time * stride;
      Arrays.fill(sequence, at, at + width, 0);
    }
  }
}
