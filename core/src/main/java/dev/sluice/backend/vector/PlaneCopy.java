package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Lanes.COUNT;
import static dev.sluice.backend.vector.Lanes.SPECIES;
import static dev.sluice.backend.vector.Lanes.bound;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import dev.sluice.spi.CopySpec;
import jdk.incubator.vector.FloatVector;

/**
 * Copies the rows of a plane from one array to another of the same type. Contiguous rows go as runs, others tile by
 * tile.
 */
final class PlaneCopy {
  /** Rows and columns of a tile: both sides' cache lines of a tile stay in the first-level cache. */
  private static final int TILE = 32;

  private final Object source;
  private final Object target;
  private final float scale;
  private final boolean accumulate;

  PlaneCopy(CopySpec spec, Object source, Object target) {
    this.source = source;
    this.target = target;
    scale = (float) spec.scale();
    accumulate = spec.accumulate();
  }

  /** Rows from to to of a plane. */
  void plane(StridedWalk walk, int plane, int from, int to) {
    int s = walk.sourceStart(plane);
    int t = walk.targetStart(plane);
    if (walk.isContiguous()) {
      for (int row = from; row < to; row++) {
        run(s + row * walk.sourceRow(), t + row * walk.targetRow(), walk.columns());
      }
      return;
    }
    for (int row = from; row < to; row += TILE) {
      int rowEnd = Math.min(row + TILE, to);
      for (int column = 0; column < walk.columns(); column += TILE) {
        tile(walk, s, t, row, rowEnd, column, Math.min(column + TILE, walk.columns()));
      }
    }
  }

  /** A run that is contiguous on both sides. */
  @SuppressWarnings("SuspiciousSystemArraycopy")
  void run(int from, int to, int n) {
    if (accumulate) {
      add((float[]) source, from, (float[]) target, to, n);
    } else if (scale != 1) {
      scale((float[]) source, from, (float[]) target, to, n);
    } else {
      System.arraycopy(source, from, target, to, n);
    }
  }

  private void add(float[] a, int from, float[] b, int to, int n) {
    FloatVector factor = broadcast(SPECIES, scale);
    int i = 0;
    for (int end = bound(0, n); i < end; i += COUNT) {
      fromArray(SPECIES, a, from + i).fma(factor, fromArray(SPECIES, b, to + i)).intoArray(b, to + i);
    }
    for (; i < n; i++) {
      b[to + i] = Math.fma(a[from + i], scale, b[to + i]);
    }
  }

  private void scale(float[] a, int from, float[] b, int to, int n) {
    FloatVector factor = broadcast(SPECIES, scale);
    int i = 0;
    for (int end = bound(0, n); i < end; i += COUNT) {
      fromArray(SPECIES, a, from + i).mul(factor).intoArray(b, to + i);
    }
    for (; i < n; i++) {
      b[to + i] = a[from + i] * scale;
    }
  }

  private void tile(StridedWalk walk, int s, int t, int row, int rowEnd, int column, int columnEnd) {
    for (int r = row; r < rowEnd; r++) {
      int from = s + r * walk.sourceRow() + column * walk.sourceColumn();
      int to = t + r * walk.targetRow() + column * walk.targetColumn();
      int n = columnEnd - column;
      switch (source) {
        case float[] a -> row(a, from, walk.sourceColumn(), (float[]) target, to, walk.targetColumn(), n);
        case int[] a -> row(a, from, walk.sourceColumn(), (int[]) target, to, walk.targetColumn(), n);
        case boolean[] a -> row(a, from, walk.sourceColumn(), (boolean[]) target, to, walk.targetColumn(), n);
        default -> throw new AssertionError(source.getClass());
      }
    }
  }

  private void row(float[] a, int from, int aStep, float[] b, int to, int bStep, int n) {
    if (accumulate) {
      for (int i = 0; i < n; i++) {
        b[to + i * bStep] = Math.fma(a[from + i * aStep], scale, b[to + i * bStep]);
      }
    } else {
      for (int i = 0; i < n; i++) {
        b[to + i * bStep] = a[from + i * aStep] * scale;
      }
    }
  }

  private static void row(int[] a, int from, int aStep, int[] b, int to, int bStep, int n) {
    for (int i = 0; i < n; i++) {
      b[to + i * bStep] = a[from + i * aStep];
    }
  }

  private static void row(boolean[] a, int from, int aStep, boolean[] b, int to, int bStep, int n) {
    for (int i = 0; i < n; i++) {
      b[to + i * bStep] = a[from + i * aStep];
    }
  }
}
