package dev.sluice.backend.vector;

import java.util.Arrays;

/**
 * A shape over which two arguments are walked, with as few dimensions as their strides allow: dimensions of size 1 are
 * dropped, and neighbours that both arguments walk as one are merged. Along the innermost dimension each argument has
 * stride 1 or 0.
 */
final class Broadcast {
  private final int[] shape;
  private final int[] left;
  private final int[] right;
  private final int length;

  Broadcast(int[] shape, int[] leftStrides, int[] rightStrides) {
    int rank = 0;
    int[] size = new int[shape.length + 1];
    int[] l = new int[shape.length + 1];
    int[] r = new int[shape.length + 1];
    int elements = 1;
    for (int d = shape.length - 1; d >= 0; d--) {
      elements *= shape[d];
      if (shape[d] == 1) {
        continue;
      }
      boolean merges = rank > 0 && leftStrides[d] == l[rank - 1] * size[rank - 1]
          && rightStrides[d] == r[rank - 1] * size[rank - 1];
      if (merges) {
        size[rank - 1] *= shape[d];
      } else {
        size[rank] = shape[d];
        l[rank] = leftStrides[d];
        r[rank] = rightStrides[d];
        rank++;
      }
    }
    if (rank == 0) {
      size[rank++] = 1;
    }
    // Innermost first: the order in which a walk counts up.
    this.shape = Arrays.copyOf(size, rank);
    left = Arrays.copyOf(l, rank);
    right = Arrays.copyOf(r, rank);
    length = elements;
  }

  /** The strides of a dense array of the shape. */
  static int[] dense(int[] shape) {
    int[] strides = new int[shape.length];
    int step = 1;
    for (int d = shape.length - 1; d >= 0; d--) {
      strides[d] = step;
      step *= shape[d];
    }
    return strides;
  }

  /** Elements walked. */
  int length() {
    return length;
  }

  /** Elements of a run: the innermost dimension. */
  int run() {
    return shape[0];
  }

  /** The left argument's stride within a run, 0 or 1. */
  int leftStride() {
    return left[0];
  }

  /** The right argument's stride within a run, 0 or 1. */
  int rightStride() {
    return right[0];
  }

  /** A walk over the runs, from a given one on. */
  Walk walk(int firstRun) {
    return new Walk(firstRun);
  }

  /** Where the current run starts in each argument. */
  final class Walk {
    private final int[] index = new int[shape.length];
    private int leftOffset;
    private int rightOffset;

    private Walk(int firstRun) {
      int rest = firstRun;
      for (int d = 1; d < shape.length; d++) {
        index[d] = rest % shape[d];
        rest /= shape[d];
        leftOffset += index[d] * left[d];
        rightOffset += index[d] * right[d];
      }
    }

    int leftOffset() {
      return leftOffset;
    }

    int rightOffset() {
      return rightOffset;
    }

    /** Goes to the next run. */
    void next() {
      for (int d = 1; d < shape.length; d++) {
        leftOffset += left[d];
        rightOffset += right[d];
        if (++index[d] < shape[d]) {
          return;
        }
        leftOffset -= shape[d] * left[d];
        rightOffset -= shape[d] * right[d];
        index[d] = 0;
      }
    }
  }
}
