package dev.sluice.backend.vector;

import dev.sluice.spi.CopySpec;
import java.util.Arrays;

/**
 * A copy's walk with as few dimensions as its strides allow, seen as planes of rows and columns. Columns are the
 * innermost dimension. Rows are the next one, or, where the columns are not contiguous in the source, the dimension
 * that is: a plane is then a transposition.
 */
final class StridedWalk {
  private static final int LEAST_RANK = 2;

  private final int[] shape;
  private final int[] source;
  private final int[] target;
  private final int sourceOffset;
  private final int targetOffset;
  private final int planes;

  StridedWalk(CopySpec spec) {
    int rank = 0;
    int[] size = new int[spec.shape().length + LEAST_RANK];
    int[] from = new int[size.length];
    int[] to = new int[size.length];
    for (int d = spec.shape().length - 1; d >= 0; d--) {
      int n = spec.shape()[d];
      if (n == 1) {
        continue;
      }
      boolean merges = rank > 0 && spec.sourceStrides()[d] == from[rank - 1] * size[rank - 1]
          && spec.targetStrides()[d] == to[rank - 1] * size[rank - 1];
      if (merges) {
        size[rank - 1] *= n;
      } else {
        size[rank] = n;
        from[rank] = spec.sourceStrides()[d];
        to[rank] = spec.targetStrides()[d];
        rank++;
      }
    }
    for (; rank < LEAST_RANK; rank++) {
      size[rank] = 1;
      from[rank] = 1;
      to[rank] = 1;
    }
    shape = Arrays.copyOf(size, rank);
    source = Arrays.copyOf(from, rank);
    target = Arrays.copyOf(to, rank);
    sourceOffset = spec.sourceOffset();
    targetOffset = spec.targetOffset();
    if (source[0] != 1) {
      makeRows(contiguousInSource());
    }
    planes = Arrays.stream(shape).skip(2).reduce(1, (a, b) -> a * b);
  }

  private int contiguousInSource() {
    for (int d = 1; d < shape.length; d++) {
      if (source[d] == 1) {
        return d;
      }
    }
    return 1;
  }

  private void makeRows(int dimension) {
    for (int[] array : new int[][] {shape, source, target}) {
      int kept = array[1];
      array[1] = array[dimension];
      array[dimension] = kept;
    }
  }

  int columns() {
    return shape[0];
  }

  int rows() {
    return shape[1];
  }

  int planes() {
    return planes;
  }

  /** The source's step from column to column. */
  int sourceColumn() {
    return source[0];
  }

  int sourceRow() {
    return source[1];
  }

  /** The target's step from column to column. */
  int targetColumn() {
    return target[0];
  }

  int targetRow() {
    return target[1];
  }

  /** Whether all is one run, contiguous on both sides. */
  boolean isRun() {
    return planes == 1 && shape[1] == 1 && isContiguous();
  }

  /** Whether rows are contiguous on both sides. */
  boolean isContiguous() {
    return source[0] == 1 && target[0] == 1;
  }

  /** Where a plane starts in the source. */
  int sourceStart(int plane) {
    return start(plane, sourceOffset, source);
  }

  /** Where a plane starts in the target. */
  int targetStart(int plane) {
    return start(plane, targetOffset, target);
  }

  private int start(int plane, int offset, int[] strides) {
    int at = offset;
    int rest = plane;
    for (int d = 2; d < shape.length; d++) {
      at += rest % shape[d] * strides[d];
      rest /= shape[d];
    }
    return at;
  }
}
