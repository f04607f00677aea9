package dev.sluice.backend.vector;

import dev.sluice.spi.Buffer;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * The pieces that a list of buffers is cut into: each at most a grain of one buffer's elements, numbered in the order
 * of the list. Lists of no more than a grain in total, and lists in which a buffer to be changed stands twice, are run
 * in order by the caller alone.
 */
final class TensorList {
  private final int[] lengths;
  private final int[] firstPieces;
  private final int grain;
  private final long elements;

  /** What is done with a piece. */
  interface Task {
    void run(int piece, int tensor, int from, int to);
  }

  TensorList(List<Buffer> tensors, int grain) {
    this.grain = grain;
    lengths = new int[tensors.size()];
    firstPieces = new int[lengths.length + 1];
    long sum = 0;
    for (int t = 0; t < lengths.length; t++) {
      lengths[t] = tensors.get(t).length();
      firstPieces[t + 1] = firstPieces[t] + Chunks.count(lengths[t], grain);
      sum += lengths[t];
    }
    elements = sum;
  }

  /** The arrays of REAL buffers. */
  static float[][] arrays(List<Buffer> tensors) {
    float[][] arrays = new float[tensors.size()][];
    for (int t = 0; t < arrays.length; t++) {
      arrays[t] = VectorBuffer.reals(tensors.get(t));
    }
    return arrays;
  }

  /** Whether no array stands in the list twice. */
  static boolean distinct(float[][] arrays) {
    Map<float[], Boolean> seen = new IdentityHashMap<>();
    for (float[] array : arrays) {
      if (seen.put(array, true) != null) {
        return false;
      }
    }
    return true;
  }

  int pieces() {
    return firstPieces[lengths.length];
  }

  /** The first piece of a tensor; of the number of tensors, the number of pieces. */
  int firstPiece(int tensor) {
    return firstPieces[tensor];
  }

  /** Elements of the whole list. */
  long elements() {
    return elements;
  }

  /** Runs all pieces; in order and in this thread where they are few or must not run at the same time. */
  void run(Workers workers, boolean concurrent, Task task) {
    if (concurrent && elements > grain) {
      workers.run(pieces(), piece -> run(piece, task));
    } else {
      workers.run(1, all -> {
        for (int piece = 0; piece < pieces(); piece++) {
          run(piece, task);
        }
      });
    }
  }

  /** {@link #run}, backwards: see {@link Workers#runBackwards}. */
  void runBackwards(Workers workers, boolean concurrent, Task task) {
    if (concurrent && elements > grain) {
      workers.runBackwards(pieces(), piece -> run(piece, task));
    } else {
      workers.run(1, all -> {
        for (int piece = pieces() - 1; piece >= 0; piece--) {
          run(piece, task);
        }
      });
    }
  }

  private void run(int piece, Task task) {
    int found = Arrays.binarySearch(firstPieces, piece);
    // Empty tensors share their first piece with the next one: the last of equals is the one that has it.
    int tensor = found >= 0 ? found : -found - 2;
    while (firstPieces[tensor + 1] == piece) {
      tensor++;
    }
    int from = (piece - firstPieces[tensor]) * grain;
    task.run(piece, tensor, from, Chunks.end(from, grain, lengths[tensor]));
  }
}
