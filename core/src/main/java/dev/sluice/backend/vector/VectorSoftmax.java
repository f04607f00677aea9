package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.FloatVector.zero;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.SelectionSpec;
import dev.sluice.spi.SoftmaxKernels;
import dev.sluice.spi.SoftmaxSpec;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import org.jspecify.annotations.Nullable;

/**
 * Softmax and log-softmax of the rows of x (rows, width):
 * {@code y = exp(x - m) / s} and {@code y = x - m - log s} with {@code m = max x}, {@code s = sum exp(x - m)}; backward
 * {@code gradX = y (gradY - sum y gradY)} and {@code gradX = gradY - exp(y) sum gradY}.
 *
 * <p>A masked row is first copied to the result with negative infinity (backward: 0) in place of what is hidden, and
 * worked on there without a mask: {@code exp(-inf) = 0} takes no part in any sum. Only a sum that is not finite could
 * reach hidden elements; those rows are cleaned again.
 */
final class VectorSoftmax implements SoftmaxKernels {
  private static final int COUNT = Lanes.COUNT;

  private final Workers workers;
  private final Scratch scratch;

  VectorSoftmax(Workers workers, Scratch scratch) {
    this.workers = workers;
    this.scratch = scratch;
  }

  @Override
  public void softmax(SoftmaxSpec spec, Buffer x, @Nullable Buffer mask, @Nullable Buffer lengths, Buffer y) {
    int rowsPerChunk = Chunks.rows(spec.width(), Chunks.MEDIUM);
    int chunks = Chunks.count(spec.rows(), rowsPerChunk);
    Taking taking = Taking.of(spec, mask, lengths);
    workers.run(chunks, new Forward(spec, rowsPerChunk, taking, VectorBuffer.reals(x), VectorBuffer.reals(y)));
  }

  @Override
  public void softmaxBackward(SoftmaxSpec spec, Buffer y, @Nullable Buffer mask, @Nullable Buffer lengths, Buffer gradY,
      Buffer gradX) {
    int rowsPerChunk = Chunks.rows(spec.width(), Chunks.MEDIUM);
    int chunks = Chunks.count(spec.rows(), rowsPerChunk);
    Taking taking = Taking.of(spec, mask, lengths);
    workers.run(chunks, new Backward(spec, rowsPerChunk, taking, VectorBuffer.reals(y), VectorBuffer.reals(gradY),
        VectorBuffer.reals(gradX)));
  }

  @Override
  public void sparsemax(SoftmaxSpec spec, Buffer x, @Nullable Buffer mask, @Nullable Buffer lengths, Buffer y) {
    int rowsPerChunk = Chunks.rows(spec.width(), Chunks.MEDIUM);
    Taking taking = Taking.of(spec, mask, lengths);
    workers.run(Chunks.count(spec.rows(), rowsPerChunk),
        new SparseForward(spec, rowsPerChunk, taking, VectorBuffer.reals(x), VectorBuffer.reals(y)));
  }

  @Override
  public void sparsemaxBackward(SoftmaxSpec spec, Buffer y, @Nullable Buffer mask, @Nullable Buffer lengths,
      Buffer gradY, Buffer gradX) {
    int rowsPerChunk = Chunks.rows(spec.width(), Chunks.MEDIUM);
    Taking taking = Taking.of(spec, mask, lengths);
    workers.run(Chunks.count(spec.rows(), rowsPerChunk), new SparseBackward(spec, rowsPerChunk, taking,
        VectorBuffer.reals(y), VectorBuffer.reals(gradY), VectorBuffer.reals(gradX)));
  }

  @Override
  public void select(SelectionSpec spec, Buffer weights, @Nullable Buffer predicate, Buffer selected, Buffer kept) {
    int rowsPerChunk = Chunks.rows(spec.width(), Chunks.MEDIUM);
    workers.run(Chunks.count(spec.rows(), rowsPerChunk),
        new VectorSelection.Forward(spec, rowsPerChunk, scratch, VectorBuffer.reals(weights),
            predicate == null ? new boolean[0] : VectorBuffer.flags(predicate), VectorBuffer.reals(selected),
            VectorBuffer.flags(kept)));
  }

  @Override
  public void selectBackward(SelectionSpec spec, Buffer weights, Buffer kept, Buffer gradSelected, Buffer gradWeights) {
    int rowsPerChunk = Chunks.rows(spec.width(), Chunks.MEDIUM);
    workers.run(Chunks.count(spec.rows(), rowsPerChunk),
        new VectorSelection.Backward(spec, rowsPerChunk, VectorBuffer.reals(weights), VectorBuffer.flags(kept),
            VectorBuffer.reals(gradSelected), VectorBuffer.reals(gradWeights)));
  }

  /** Which elements of a row take part. */
  private record Taking(SoftmaxSpec spec, boolean @Nullable [] mask, int @Nullable [] lengths) {
    static Taking of(SoftmaxSpec spec, @Nullable Buffer mask, @Nullable Buffer lengths) {
      int[] counts = lengths == null ? null : VectorBuffer.ints(lengths);
      if (counts != null) {
        Lengths.check("softmax", counts, spec.rows() / spec.rowsPerLength(), spec.width());
      }
      return new Taking(spec, mask == null ? null : VectorBuffer.flags(mask), counts);
    }

    /** Whether all elements of all rows take part. */
    boolean isEverything() {
      return mask == null && lengths == null;
    }

    /** How many leading elements of the row may take part. */
    int length(int row) {
      return lengths == null ? spec.width() : lengths[row / spec.rowsPerLength()];
    }
  }

  private record Forward(SoftmaxSpec spec, int rowsPerChunk, Taking taking, float[] x, float[] y)
      implements Workers.Task {
    @Override
    public void run(int chunk) {
      int start = chunk * rowsPerChunk;
      int end = Chunks.end(start, rowsPerChunk, spec.rows());
      if (!spec.log() && taking.isEverything() && spec.width() % COUNT == 0) {
        wholeRows(x, start * spec.width(), end * spec.width(), spec.width(), y);
        return;
      }
      for (int row = start; row < end; row++) {
        row(row * spec.width(), taking.length(row));
      }
    }

    /** Rows of whole vectors: with each one's exponentials goes the maximum of the next. */
    private static void wholeRows(float[] x, int from, int to, int width, float[] y) {
      float[] max = {Rows.max(x, from, width)};
      for (int at = from; at < to; at += width) {
        float shift = max[0] == Float.NEGATIVE_INFINITY ? 0 : max[0];
        int next = at + width < to ? at + width : at;
        float sum = Rows.expAndMax(x, at, width, shift, y, at, next, max);
        Rows.scale(y, at, width, sum == 0 ? 0 : 1 / sum, y, at);
      }
    }

    private void row(int at, int n) {
      float nothing = spec.log() ? Float.NEGATIVE_INFINITY : 0;
      boolean[] mask = taking.mask;
      float[] source = x;
      if (mask != null) {
        Rows.hide(x, at, mask, at, n, Float.NEGATIVE_INFINITY, y, at);
        source = y;
      }
      float max = Rows.max(source, at, n);
      float shift = max == Float.NEGATIVE_INFINITY ? 0 : max;
      float sum = spec.log() ? Rows.sumExp(source, at, n, shift) : Rows.exp(source, at, n, shift, y, at);
      if (sum == 0) {
        Arrays.fill(y, at, at + n, nothing);
      } else if (spec.log()) {
        subtract(source, at, n, shift, VectorMath.log(sum), y);
      } else {
        // The largest element alone adds 1: the reciprocal neither overflows nor loses digits.
        Rows.scale(y, at, n, 1 / sum, y, at);
      }
      if (mask != null && Float.isNaN(sum)) {
        Rows.hide(y, at, mask, at, n, nothing, y, at);
      }
      if (n < spec.width()) {
        Arrays.fill(y, at + n, at + spec.width(), nothing);
      }
    }

    private static void subtract(float[] x, int at, int n, float shift, float logSum, float[] y) {
      int i = 0;
      for (; i <= n - COUNT; i += COUNT) {
        fromArray(SPECIES, x, at + i).sub(shift).sub(logSum).intoArray(y, at + i);
      }
      if (i < n) {
        VectorMask<Float> tail = SPECIES.indexInRange(i, n);
        fromArray(SPECIES, x, at + i, tail).sub(shift).sub(logSum).intoArray(y, at + i, tail);
      }
    }
  }

  private record SparseForward(SoftmaxSpec spec, int rowsPerChunk, Taking taking, float[] x, float[] y)
      implements Workers.Task {
    @Override
    public void run(int chunk) {
      int start = chunk * rowsPerChunk;
      for (int row = start; row < Chunks.end(start, rowsPerChunk, spec.rows()); row++) {
        row(row * spec.width(), taking.length(row));
      }
    }

    private void row(int at, int n) {
      boolean[] mask = taking.mask;
      if (mask == null) {
        System.arraycopy(x, at, y, at, n);
      } else {
        Rows.hide(x, at, mask, at, n, Float.NEGATIVE_INFINITY, y, at);
      }
      Sparsemax.forward(y, at, n, y);
      if (mask != null) {
        // A row of NaN is NaN throughout.
        Rows.hide(y, at, mask, at, n, 0, y, at);
      }
      Arrays.fill(y, at + n, at + spec.width(), 0);
    }
  }

  private record SparseBackward(SoftmaxSpec spec, int rowsPerChunk, Taking taking, float[] y, float[] gradY,
      float[] gradX) implements Workers.Task {
    @Override
    public void run(int chunk) {
      int start = chunk * rowsPerChunk;
      for (int row = start; row < Chunks.end(start, rowsPerChunk, spec.rows()); row++) {
        int n = taking.length(row);
        Sparsemax.backward(y, gradY, row * spec.width(), n, gradX);
        Arrays.fill(gradX, row * spec.width() + n, (row + 1) * spec.width(), 0);
      }
    }
  }

  private record Backward(SoftmaxSpec spec, int rowsPerChunk, Taking taking, float[] y, float[] gradY, float[] gradX)
      implements Workers.Task {
    /** Elements of a row before the first line that starts in it. */
    private static final int BEFORE = Lanes.LINE & COUNT - 1;
    private static final VectorMask<Float> BEFORE_LINE = SPECIES.indexInRange(0, BEFORE);
    /** Elements of a row whose vectors are worth aligning. */
    private static final int LONG = 8 * COUNT;

    @Override
    public void run(int chunk) {
      int start = chunk * rowsPerChunk;
      int end = Chunks.end(start, rowsPerChunk, spec.rows());
      if (!spec.log() && taking.isEverything()) {
        gradients(y, gradY, start * spec.width(), end * spec.width(), spec.width(), gradX);
        return;
      }
      for (int row = start; row < end; row++) {
        row(row * spec.width(), taking.length(row));
      }
    }

    private void row(int at, int n) {
      boolean[] mask = taking.mask;
      float[] source = gradY;
      if (mask != null) {
        Rows.hide(gradY, at, mask, at, n, 0, gradX, at);
        source = gradX;
      }
      float sum;
      if (spec.log()) {
        sum = Lanes.sum(source, at, n);
        logGradient(y, source, at, n, sum, gradX);
      } else {
        sum = gradients(y, source, at, at + n, n, gradX);
      }
      if (mask != null && !Float.isFinite(sum)) {
        Rows.hide(gradX, at, mask, at, n, 0, gradX, at);
      }
      if (n < spec.width()) {
        Arrays.fill(gradX, at + n, at + spec.width(), 0);
      }
    }

    /** The gradients of rows, where gradX may be gradY; returns {@code sum y gradY} of the last. */
    private static float gradients(float[] y, float[] gradY, int from, int to, int width, float[] gradX) {
      if (width < COUNT) {
        return narrow(y, gradY, from, to, width, gradX);
      }
      if (width > 2 * COUNT && width <= 4 * COUNT) {
        return four(y, gradY, from, to, width, gradX);
      }
      return width % COUNT == 0 && width >= LONG
          ? aligned(y, gradY, from, to, width, gradX)
          : wide(y, gradY, from, to, width, gradX);
    }

    private static float narrow(float[] y, float[] gradY, int from, int to, int width, float[] gradX) {
      VectorMask<Float> row = SPECIES.indexInRange(0, width);
      float sum = 0;
      for (int at = from; at < to; at += width) {
        FloatVector weights = fromArray(SPECIES, y, at, row);
        FloatVector gradients = fromArray(SPECIES, gradY, at, row);
        sum = Lanes.sum(weights.mul(gradients));
        gradients.sub(sum).mul(weights).intoArray(gradX, at, row);
      }
      return sum;
    }

    /** Rows of more than two vectors to four, which wait in registers; the third ends with the row at the latest. */
    private static float four(float[] y, float[] gradY, int from, int to, int width, float[] gradX) {
      int last = width - COUNT;
      int third = Math.min(2 * COUNT, last);
      VectorMask<Float> sharedByThird = SPECIES.indexInRange(0, 2 * COUNT - third);
      VectorMask<Float> sharedByLast = SPECIES.indexInRange(0, third + COUNT - last);
      float sum = 0;
      for (int at = from; at < to; at += width) {
        FloatVector y0 = fromArray(SPECIES, y, at);
        FloatVector y1 = fromArray(SPECIES, y, at + COUNT);
        FloatVector y2 = fromArray(SPECIES, y, at + third);
        FloatVector y3 = fromArray(SPECIES, y, at + last);
        FloatVector g0 = fromArray(SPECIES, gradY, at);
        FloatVector g1 = fromArray(SPECIES, gradY, at + COUNT);
        FloatVector g2 = fromArray(SPECIES, gradY, at + third);
        FloatVector g3 = fromArray(SPECIES, gradY, at + last);
        FloatVector s01 = y0.mul(g0).add(y1.mul(g1));
        FloatVector s23 = y2.mul(g2).blend(0, sharedByThird).add(y3.mul(g3).blend(0, sharedByLast));
        sum = Lanes.sum(s01.add(s23));
        g0.sub(sum).mul(y0).intoArray(gradX, at);
        g1.sub(sum).mul(y1).intoArray(gradX, at + COUNT);
        g2.sub(sum).mul(y2).intoArray(gradX, at + third);
        g3.sub(sum).mul(y3).intoArray(gradX, at + last);
      }
      return sum;
    }

    /**
     * Rows of a vector or more. The last vector ends with the row: what it shares with the one before counts once, and
     * it waits in registers. One accumulator is fastest here: more ask for lines sooner than they are fetched ahead.
     */
    private static float wide(float[] y, float[] gradY, int from, int to, int width, float[] gradX) {
      VectorMask<Float> shared = SPECIES.indexInRange(0, -width & COUNT - 1);
      float sum = 0;
      for (int at = from; at < to; at += width) {
        int last = at + width - COUNT;
        FloatVector sums = zero(SPECIES);
        for (int i = at; i < last; i += COUNT) {
          sums = fromArray(SPECIES, y, i).fma(fromArray(SPECIES, gradY, i), sums);
        }
        FloatVector weights = fromArray(SPECIES, y, last);
        FloatVector gradients = fromArray(SPECIES, gradY, last);
        sum = Lanes.sum(sums.add(weights.mul(gradients).blend(0, shared)));
        for (int i = at; i < last; i += COUNT) {
          fromArray(SPECIES, gradY, i).sub(sum).mul(fromArray(SPECIES, y, i)).intoArray(gradX, i);
        }
        gradients.sub(sum).mul(weights).intoArray(gradX, last);
      }
      return sum;
    }

    /**
     * Long rows of whole vectors, which start on a cache line in a large array ({@link Lanes#LINE}): the first and the
     * last vector overlap with those between, and wait in registers. 1024 rows of 1024 take 180 us so, and 192 by
     * {@link #wide}, which short rows stay with: the first vector would be one more.
     */
    private static float aligned(float[] y, float[] gradY, int from, int to, int width, float[] gradX) {
      float sum = 0;
      for (int at = from; at < to; at += width) {
        int last = at + width - COUNT;
        FloatVector firstWeights = fromArray(SPECIES, y, at);
        FloatVector firstGradients = fromArray(SPECIES, gradY, at);
        FloatVector sums = zero(SPECIES).blend(firstWeights.mul(firstGradients), BEFORE_LINE);
        for (int i = at + BEFORE; i < last; i += COUNT) {
          sums = fromArray(SPECIES, y, i).fma(fromArray(SPECIES, gradY, i), sums);
        }
        FloatVector lastWeights = fromArray(SPECIES, y, last);
        FloatVector lastGradients = fromArray(SPECIES, gradY, last);
        sum = Lanes.sum(sums.add(lastWeights.mul(lastGradients).blend(0, BEFORE_LINE)));
        for (int i = at + BEFORE; i < last; i += COUNT) {
          fromArray(SPECIES, gradY, i).sub(sum).mul(fromArray(SPECIES, y, i)).intoArray(gradX, i);
        }
        firstGradients.sub(sum).mul(firstWeights).intoArray(gradX, at);
        lastGradients.sub(sum).mul(lastWeights).intoArray(gradX, last);
      }
      return sum;
    }

    private static void logGradient(float[] y, float[] gradY, int at, int n, float sum, float[] gradX) {
      int whole = Lanes.bound(0, n);
      FloatVector minusSum = broadcast(SPECIES, -sum);
      for (int i = at; i < at + whole; i += COUNT) {
        VectorMath.expNegative(fromArray(SPECIES, y, i)).fma(minusSum, fromArray(SPECIES, gradY, i))
            .intoArray(gradX, i);
      }
      if (whole < n) {
        logGradientTail(y, gradY, at + whole, n - whole, sum, gradX);
      }
    }

    private static void logGradientTail(float[] y, float[] gradY, int at, int n, float sum, float[] gradX) {
      VectorMask<Float> tail = SPECIES.indexInRange(0, n);
      VectorMath.expNegative(fromArray(SPECIES, y, at, tail))
          .fma(broadcast(SPECIES, -sum), fromArray(SPECIES, gradY, at, tail)).intoArray(gradX, at, tail);
    }
  }
}
