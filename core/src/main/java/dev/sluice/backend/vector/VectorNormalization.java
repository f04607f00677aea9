package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.FloatVector.zero;

import dev.sluice.spi.BatchNormSpec;
import dev.sluice.spi.BatchStatisticsSpec;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.LayerNormSpec;
import dev.sluice.spi.NormalizationKernels;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import org.jspecify.annotations.Nullable;

/**
 * Layer normalisation of the rows of x (rows, width): {@code n = (x - mean) / sigma}, {@code y = n weight + bias},
 * {@code sigma = sqrt(mean((x - mean)^2) + epsilon)}; backward, with {@code g = gradY weight},
 * {@code gradX = (g - mean(g) - n mean(g n)) / sigma}, {@code gradWeight = sum_rows gradY n}, {@code gradBias =
 * sum_rows gradY}.
 *
 * <p>The mean is the first element and the mean distance from it, so that a constant row has no spread; the variance is
 * summed about it. The reserve holds mean and sigma of each row. A missing weight is a row of ones, a missing bias of zeros:
 * one kernel serves all. Batch normalisation is {@link VectorBatchNorm}'s.
 */
final class VectorNormalization implements NormalizationKernels {
  private static final int COUNT = Lanes.COUNT;
  /** The sums over rows are kept apart for so many chunks at most. */
  private static final int MOST_CHUNKS = 32;

  private final Workers workers;
  private final Scratch scratch;
  private final VectorBatchNorm batchNorm;

  VectorNormalization(Workers workers, Scratch scratch) {
    this.workers = workers;
    this.scratch = scratch;
    this.batchNorm = new VectorBatchNorm(workers, scratch);
  }

  @Override
  public int layerNormReserve(LayerNormSpec spec) {
    return Math.multiplyExact(2, spec.rows());
  }

  @Override
  public void layerNorm(LayerNormSpec spec, Buffer x, @Nullable Buffer weight, @Nullable Buffer bias, Buffer y,
      @Nullable Buffer reserve) {
    if (spec.width() == 0) {
      return;
    }
    int rowsPerChunk = Chunks.rows(spec.width(), Chunks.MEDIUM);
    float[] weights = weight == null ? constant(spec.width(), 1) : VectorBuffer.reals(weight);
    float[] biases = bias == null ? constant(spec.width(), 0) : VectorBuffer.reals(bias);
    workers.run(Chunks.count(spec.rows(), rowsPerChunk),
        new Forward(spec, rowsPerChunk, VectorBuffer.reals(x), weights, biases, VectorBuffer.reals(y),
            reserve == null ? null : VectorBuffer.reals(reserve)));
    if (weight == null) {
      scratch.release(weights);
    }
    if (bias == null) {
      scratch.release(biases);
    }
  }

  @Override
  public void layerNormBackward(LayerNormSpec spec, Buffer x, @Nullable Buffer weight, Buffer reserve, Buffer gradY,
      Buffer gradX, @Nullable Buffer gradWeight, @Nullable Buffer gradBias) {
    int rowsPerChunk =
        Math.max(Chunks.rows(spec.width(), Chunks.MEDIUM), Math.ceilDiv(spec.rows(), MOST_CHUNKS));
    int chunks = Chunks.count(spec.rows(), rowsPerChunk);
    float[] weights = weight == null ? constant(spec.width(), 1) : VectorBuffer.reals(weight);
    int pitch = Math.addExact(spec.width(), Chunks.APART);
    float[] weightSums = scratch.borrow(Math.multiplyExact(chunks, pitch));
    float[] biasSums = scratch.borrow(Math.multiplyExact(chunks, pitch));
    workers.run(chunks, new Backward(spec, rowsPerChunk, pitch, VectorBuffer.reals(x), weights,
        VectorBuffer.reals(reserve), VectorBuffer.reals(gradY), VectorBuffer.reals(gradX), weightSums, biasSums));
    combine(weightSums, chunks, pitch, spec.width(), gradWeight);
    combine(biasSums, chunks, pitch, spec.width(), gradBias);
    if (weight == null) {
      scratch.release(weights);
    }
  }

  @Override
  public void batchStatistics(BatchStatisticsSpec spec, Buffer x, @Nullable Buffer mask, Buffer mean, Buffer variance,
      @Nullable Buffer runningMean, @Nullable Buffer runningVariance) {
    batchNorm.statistics(spec, x, mask, mean, variance, runningMean, runningVariance);
  }

  @Override
  public void batchNorm(BatchNormSpec spec, Buffer x, @Nullable Buffer mask, Buffer mean, Buffer variance,
      @Nullable Buffer weight, @Nullable Buffer bias, Buffer y) {
    batchNorm.forward(spec, x, mask, mean, variance, weight, bias, y);
  }

  @Override
  public void batchNormBackward(BatchNormSpec spec, Buffer x, @Nullable Buffer mask, Buffer mean, Buffer variance,
      @Nullable Buffer weight, Buffer gradY, Buffer gradX, @Nullable Buffer gradWeight, @Nullable Buffer gradBias) {
    batchNorm.backward(spec, x, mask, mean, variance, weight, gradY, gradX, gradWeight, gradBias);
  }

  private float[] constant(int width, float value) {
    float[] row = scratch.borrow(width);
    Arrays.fill(row, 0, width, value);
    return row;
  }

  /** The chunks' sums added in order, where somebody wants them. */
  private void combine(float[] sums, int chunks, int pitch, int width, @Nullable Buffer total) {
    if (total != null) {
      float[] target = VectorBuffer.reals(total);
      Arrays.fill(target, 0, width, 0);
      for (int chunk = 0; chunk < chunks; chunk++) {
        Rows.add(target, 0, sums, chunk * pitch, width);
      }
    }
    scratch.release(sums);
  }

  private record Forward(LayerNormSpec spec, int rowsPerChunk, float[] x, float[] weight, float[] bias, float[] y,
      float @Nullable [] reserve) implements Workers.Task {
    @Override
    public void run(int chunk) {
      int n = spec.width();
      int start = chunk * rowsPerChunk;
      for (int row = start; row < Chunks.end(start, rowsPerChunk, spec.rows()); row++) {
        int at = row * n;
        float mean = (float) (x[at] + (double) Rows.sumAbout(x, at, n, x[at]) / n);
        float sigma = (float) Math.sqrt((double) Rows.squaresAbout(x, at, n, mean) / n + spec.epsilon());
        normalize(x, at, n, mean, sigma, weight, bias, y);
        if (reserve != null) {
          reserve[2 * row] = mean;
          reserve[2 * row + 1] = sigma;
        }
      }
    }

    private static void normalize(float[] x, int at, int n, float mean, float sigma, float[] weight, float[] bias,
        float[] y) {
      float inverse = 1 / sigma;
      int i = 0;
      for (; i <= n - COUNT; i += COUNT) {
        fromArray(SPECIES, x, at + i).sub(mean).mul(inverse)
            .fma(fromArray(SPECIES, weight, i), fromArray(SPECIES, bias, i))
            .intoArray(y, at + i);
      }
      if (i < n) {
        VectorMask<Float> tail = SPECIES.indexInRange(i, n);
        fromArray(SPECIES, x, at + i, tail).sub(mean).mul(inverse)
            .fma(fromArray(SPECIES, weight, i, tail), fromArray(SPECIES, bias, i, tail))
            .intoArray(y, at + i, tail);
      }
    }
  }

  private record Backward(LayerNormSpec spec, int rowsPerChunk, int pitch, float[] x, float[] weight,
      float[] reserve, float[] gradY, float[] gradX, float[] weightSums, float[] biasSums) implements Workers.Task {
    @Override
    public void run(int chunk) {
      int n = spec.width();
      int sums = chunk * pitch;
      Arrays.fill(weightSums, sums, sums + n, 0);
      Arrays.fill(biasSums, sums, sums + n, 0);
      float[] dots = new float[2];
      int start = chunk * rowsPerChunk;
      for (int row = start; row < Chunks.end(start, rowsPerChunk, spec.rows()); row++) {
        float mean = reserve[2 * row];
        float inverse = 1 / reserve[2 * row + 1];
        addRow(row * n, n, mean, inverse, sums, dots);
        if (n % COUNT != 0) {
          addTail(row * n, n, mean, inverse, sums, dots);
        }
        gradient(x, gradY, row * n, n, mean, inverse, weight, dots[0] / n, dots[1] * inverse / n, gradX);
      }
    }

    /**
     * All sums of a row's whole vectors in one pass: {@code weightSums += gradY (x - mean) / sigma},
     * {@code biasSums += gradY}, {@code dots = sum g, sum (x - mean) g}. The gradient comes after them: its stores
     * would hold up loads of x and gradY, which often stand at the same place of a page.
     */
    private void addRow(int at, int n, float mean, float inverse, int sums, float[] dots) {
      FloatVector sumG = zero(SPECIES);
      FloatVector sumGX = sumG;
      for (int i = 0; i <= n - COUNT; i += COUNT) {
        FloatVector grad = fromArray(SPECIES, gradY, at + i);
        FloatVector distance = fromArray(SPECIES, x, at + i).sub(mean);
        FloatVector g = grad.mul(fromArray(SPECIES, weight, i));
        sumG = sumG.add(g);
        sumGX = distance.fma(g, sumGX);
        distance.mul(inverse).fma(grad, fromArray(SPECIES, weightSums, sums + i)).intoArray(weightSums, sums + i);
        fromArray(SPECIES, biasSums, sums + i).add(grad).intoArray(biasSums, sums + i);
      }
      dots[0] = Lanes.sum(sumG);
      dots[1] = Lanes.sum(sumGX);
    }

    /** The same of the elements behind the whole vectors, added. */
    private void addTail(int at, int n, float mean, float inverse, int sums, float[] dots) {
      for (int i = Lanes.bound(0, n); i < n; i++) {
        float grad = gradY[at + i];
        float distance = x[at + i] - mean;
        float g = grad * weight[i];
        dots[0] += g;
        dots[1] = Math.fma(distance, g, dots[1]);
        weightSums[sums + i] = Math.fma(distance * inverse, grad, weightSums[sums + i]);
        biasSums[sums + i] += grad;
      }
    }

    private static void gradient(float[] x, float[] gradY, int at, int n, float mean, float inverse, float[] weight,
        float meanG, float meanGN, float[] gradX) {
      FloatVector minusMeanGN = broadcast(SPECIES, -meanGN);
      int i = 0;
      for (; i <= n - COUNT; i += COUNT) {
        FloatVector g = fromArray(SPECIES, gradY, at + i).mul(fromArray(SPECIES, weight, i));
        fromArray(SPECIES, x, at + i).sub(mean).mul(inverse).fma(minusMeanGN, g.sub(meanG)).mul(inverse)
            .intoArray(gradX, at + i);
      }
      if (i < n) {
        VectorMask<Float> tail = SPECIES.indexInRange(i, n);
        FloatVector g = fromArray(SPECIES, gradY, at + i, tail).mul(fromArray(SPECIES, weight, i, tail));
        fromArray(SPECIES, x, at + i, tail).sub(mean).mul(inverse).fma(minusMeanGN, g.sub(meanG)).mul(inverse)
            .intoArray(gradX, at + i, tail);
      }
    }
  }
}
