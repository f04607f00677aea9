package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.CrossEntropySpec;
import dev.sluice.spi.CrossEntropySpec.Reduction;
import dev.sluice.spi.LossKernels;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import org.jspecify.annotations.Nullable;

/**
 * Cross-entropy of logits (rows, classes) against labels (rows), smoothed by s: with {@code l = x - m - log z}, {@code
 * m = max x}, {@code z = sum exp(x - m)}, the loss of a row is {@code -(1-s) l[label] - s/classes sum l}; backward
 * {@code gradLogits = g (exp(x - m) / z - target)}, {@code target = s/classes + (1-s) [label]}.
 *
 * <p>The reserve holds m and z of each row: apart, they lose no digits to a large maximum. Rows are summed in double,
 * chunk by chunk.
 */
final class VectorLoss implements LossKernels {
  private static final int COUNT = Lanes.COUNT;

  private final Workers workers;

  VectorLoss(Workers workers, Scratch scratch) {
    this.workers = workers;
  }

  @Override
  public int crossEntropyReserve(CrossEntropySpec spec) {
    return Math.multiplyExact(2, spec.rows());
  }

  @Override
  public void crossEntropy(CrossEntropySpec spec, Buffer logits, Buffer labels, Buffer loss,
      @Nullable Buffer reserve) {
    int[] targets = VectorBuffer.ints(labels);
    int counted = counted(spec, targets);
    int rowsPerChunk = Chunks.rows(spec.classes(), Chunks.MEDIUM);
    int chunks = Chunks.count(spec.rows(), rowsPerChunk);
    float[] losses = VectorBuffer.reals(loss);
    double[] sums = new double[chunks];
    workers.run(chunks, new Forward(spec, rowsPerChunk, VectorBuffer.reals(logits), targets, losses, sums,
        reserve == null ? null : VectorBuffer.reals(reserve)));
    if (spec.reduction() != Reduction.NONE) {
      double sum = 0;
      for (double part : sums) {
        sum += part;
      }
      losses[0] = (float) (spec.reduction() == Reduction.MEAN ? sum / counted : sum);
    }
  }

  @Override
  public void crossEntropyBackward(CrossEntropySpec spec, Buffer logits, Buffer labels, Buffer gradLoss, Buffer reserve,
      Buffer gradLogits) {
    int[] targets = VectorBuffer.ints(labels);
    int divisor = spec.reduction() == Reduction.MEAN ? counted(spec, targets) : 1;
    int rowsPerChunk = Chunks.rows(spec.classes(), Chunks.MEDIUM);
    int chunks = Chunks.count(spec.rows(), rowsPerChunk);
    workers.run(chunks, new Backward(spec, rowsPerChunk, VectorBuffer.reals(logits), targets, divisor,
        VectorBuffer.reals(gradLoss), VectorBuffer.reals(reserve), VectorBuffer.reals(gradLogits)));
  }

  /** How many rows count; refuses a label out of range. */
  private static int counted(CrossEntropySpec spec, int[] labels) {
    int counted = 0;
    for (int row = 0; row < spec.rows(); row++) {
      int label = labels[row];
      if (label == spec.ignoreIndex()) {
        continue;
      }
      if (label < 0 || label >= spec.classes()) {
        throw new IllegalArgumentException("crossEntropy: labels[" + row + "] is " + label + ", wanted 0 to "
            + (spec.classes() - 1) + " or " + spec.ignoreIndex() + " to ignore the row");
      }
      counted++;
    }
    return counted;
  }

  private record Forward(CrossEntropySpec spec, int rowsPerChunk, float[] logits, int[] labels, float[] losses,
      double[] sums, float @Nullable [] reserve) implements Workers.Task {
    @Override
    public void run(int chunk) {
      double sum = 0;
      int start = chunk * rowsPerChunk;
      for (int row = start; row < Chunks.end(start, rowsPerChunk, spec.rows()); row++) {
        double loss = labels[row] == spec.ignoreIndex() ? 0 : loss(row);
        sum += loss;
        if (spec.reduction() == Reduction.NONE) {
          losses[row] = (float) loss;
        }
      }
      sums[chunk] = sum;
    }

    private double loss(int row) {
      int classes = spec.classes();
      int at = row * classes;
      float max = Rows.max(logits, at, classes);
      float sum = Rows.sumExp(logits, at, classes, max);
      if (reserve != null) {
        reserve[2 * row] = max;
        reserve[2 * row + 1] = sum;
      }
      double logSum = VectorMath.log(sum);
      double smoothing = spec.labelSmoothing();
      double loss = -(1 - smoothing) * ((double) logits[at + labels[row]] - max - logSum);
      if (smoothing > 0) {
        loss -= smoothing / classes * (Rows.sumAbout(logits, at, classes, max) - classes * logSum);
      }
      return loss;
    }
  }

  private record Backward(CrossEntropySpec spec, int rowsPerChunk, float[] logits, int[] labels, int divisor,
      float[] gradLoss, float[] reserve, float[] gradLogits) implements Workers.Task {
    @Override
    public void run(int chunk) {
      int classes = spec.classes();
      int start = chunk * rowsPerChunk;
      for (int row = start; row < Chunks.end(start, rowsPerChunk, spec.rows()); row++) {
        int at = row * classes;
        if (labels[row] == spec.ignoreIndex()) {
          Arrays.fill(gradLogits, at, at + classes, 0);
        } else {
          row(row, at, (double) gradLoss[spec.reduction() == Reduction.NONE ? row : 0] / divisor);
        }
      }
    }

    private void row(int row, int at, double gradient) {
      float max = reserve[2 * row];
      float sum = reserve[2 * row + 1];
      double everywhere = spec.labelSmoothing() / spec.classes();
      gradient(logits, at, spec.classes(), max, sum, (float) gradient, (float) everywhere, gradLogits);
      int label = at + labels[row];
      double probability = (double) VectorMath.expNegative(logits[label] - max) / sum;
      gradLogits[label] = (float) (gradient * (probability - everywhere - (1 - spec.labelSmoothing())));
    }

    /** {@code y = factor * (exp(x - max) / sum - share)}: in this form an infinite factor keeps its sign. */
    private static void gradient(float[] x, int at, int n, float max, float sum, float factor, float share,
        float[] y) {
      int whole = Lanes.bound(0, n);
      FloatVector inverse = broadcast(SPECIES, 1 / sum);
      FloatVector minusShare = broadcast(SPECIES, -share);
      for (int i = at; i < at + whole; i += COUNT) {
        VectorMath.expNegative(fromArray(SPECIES, x, i).sub(max)).fma(inverse, minusShare).mul(factor).intoArray(y, i);
      }
      if (whole < n) {
        gradientTail(x, at + whole, n - whole, max, sum, factor, share, y);
      }
    }

    private static void gradientTail(float[] x, int at, int n, float max, float sum, float factor, float share,
        float[] y) {
      VectorMask<Float> tail = SPECIES.indexInRange(0, n);
      VectorMath.expNegative(fromArray(SPECIES, x, at, tail).sub(max))
          .fma(broadcast(SPECIES, 1 / sum), broadcast(SPECIES, -share)).mul(factor).intoArray(y, at, tail);
    }
  }
}
