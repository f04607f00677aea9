package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.VectorBuffer.ints;
import static dev.sluice.backend.vector.VectorBuffer.reals;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.ReductionKernels;
import dev.sluice.spi.ReductionOp;
import dev.sluice.spi.ReductionSpec;
import java.util.Arrays;

/**
 * Sum, mean, largest, smallest and arg-max of x (outer, count, inner) along the count; y is (outer, inner). With an
 * inner size of 1 a run is contiguous and vectors go along it, else they go across the columns. A mean is the sum of
 * {@link Sums} divided by the count.
 */
final class VectorReduction implements ReductionKernels {
  private final Workers workers;
  private final Scratch scratch;

  VectorReduction(Workers workers, Scratch scratch) {
    this.workers = workers;
    this.scratch = scratch;
  }

  @Override
  public void reduce(ReductionSpec spec, Buffer x, Buffer y) {
    float[] elements = reals(x);
    float[] result = reals(y);
    switch (spec.op()) {
      case SUM -> Sums.sum(workers, scratch, spec.outer(), spec.count(), spec.inner(), elements, result);
      case MEAN -> {
        Sums.sum(workers, scratch, spec.outer(), spec.count(), spec.inner(), elements, result);
        divide(result, spec.outer() * spec.inner(), spec.count());
      }
      case MAX, MIN -> extremes(spec, elements, result);
    }
  }

  private static void divide(float[] sums, int n, int count) {
    for (int i = 0; i < n; i++) {
      sums[i] /= count;
    }
  }

  private void extremes(ReductionSpec spec, float[] x, float[] y) {
    boolean largest = spec.op() == ReductionOp.MAX;
    int count = spec.count();
    int inner = spec.inner();
    outerChunks(spec, (from, to) -> {
      for (int o = from; o < to; o++) {
        if (inner > 1) {
          Extremes.columns(largest, x, o * count * inner, count, inner, y, o * inner);
        } else if (inner == 1) {
          y[o] = largest ? Lanes.max(x, o * count, count) : Lanes.min(x, o * count, count);
        }
      }
    });
  }

  @Override
  public void reduceBackward(ReductionSpec spec, Buffer x, Buffer y, Buffer gradY, Buffer gradX) {
    float[] elements = reals(x);
    float[] result = reals(y);
    float[] gradResult = reals(gradY);
    float[] gradElements = reals(gradX);
    outerChunks(spec, (from, to) -> {
      for (int o = from; o < to; o++) {
        switch (spec.op()) {
          case SUM -> repeat(spec, o, gradResult, 1, gradElements);
          case MEAN -> repeat(spec, o, gradResult, spec.count(), gradElements);
          case MAX, MIN -> Extremes.share(elements, spec, o, result, gradResult, gradElements);
        }
      }
    });
  }

  /** Each element's gradient is that of its sum, divided. */
  private static void repeat(ReductionSpec spec, int o, float[] gradY, int divisor, float[] gradX) {
    int inner = spec.inner();
    int start = o * spec.count() * inner;
    if (inner == 1) {
      Arrays.fill(gradX, start, start + spec.count(), gradY[o] / divisor);
      return;
    }
    if (spec.count() > 0) {
      for (int i = 0; i < inner; i++) {
        gradX[start + i] = gradY[o * inner + i] / divisor;
      }
    }
    for (int c = 1; c < spec.count(); c++) {
      System.arraycopy(gradX, start, gradX, start + c * inner, inner);
    }
  }

  @Override
  public void argMax(ReductionSpec spec, Buffer x, Buffer indices) {
    float[] elements = reals(x);
    int[] result = ints(indices);
    int count = spec.count();
    int inner = spec.inner();
    if (count == 0 && spec.outer() * inner > 0) {
      throw new IllegalArgumentException("argMax: nothing to reduce, wanted 1 element or more");
    }
    outerChunks(spec, (from, to) -> {
      for (int o = from; o < to; o++) {
        if (inner > 1) {
          Extremes.argMaxColumns(elements, o * count * inner, count, inner, result, o * inner);
        } else if (inner == 1) {
          result[o] = Extremes.argMax(elements, o * count, count);
        }
      }
    });
  }

  /** Shares out the outer dimension. */
  private void outerChunks(ReductionSpec spec, Range range) {
    int rows = Chunks.rows(spec.count() * spec.inner(), Chunks.LIGHT);
    workers.run(Chunks.count(spec.outer(), rows), chunk -> {
      int from = chunk * rows;
      range.run(from, Chunks.end(from, rows, spec.outer()));
    });
  }

  /** What is done for some rows of the outer dimension. */
  private interface Range {
    void run(int from, int to);
  }
}
