package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.VectorRecurrent.reals;

import dev.sluice.spi.BatchNormSpec;
import dev.sluice.spi.BatchStatisticsSpec;
import dev.sluice.spi.Buffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Batch normalisation of each channel of x (outer, channels, inner): {@code n = (x - mean) / sigma}, {@code sigma =
 * sqrt(variance + epsilon)}, {@code y = n weight + bias}; backward, with {@code g = gradY weight} and in training,
 * {@code gradX = (g - mean(g) - n mean(g n)) / sigma}, else {@code g / sigma}; {@code gradWeight = sum gradY n}, {@code
 * gradBias = sum gradY}.
 *
 * <p>Channels that lie side by side (inner size 1) are the lanes, {@link BatchNormRows}; else the inner elements are,
 * {@link BatchNormRuns}. A first pass finds the mean to float's precision; a second sums distances from it and their
 * squares, which corrects the mean and gives the variance. What is the same for a whole channel is made in double.
 */
final class VectorBatchNorm {
  private final Workers workers;
  private final Scratch scratch;

  VectorBatchNorm(Workers workers, Scratch scratch) {
    this.workers = workers;
    this.scratch = scratch;
  }

  void statistics(BatchStatisticsSpec spec, Buffer x, @Nullable Buffer mask, Buffer mean, Buffer variance,
      @Nullable Buffer runningMean, @Nullable Buffer runningVariance) {
    if ((runningMean == null) != (runningVariance == null)) {
      throw new IllegalArgumentException("batchStatistics: " + (runningMean == null
          ? "runningVariance without runningMean" : "runningMean without runningVariance") + ", wanted both or none");
    }
    int channels = spec.channels();
    float[] in = VectorBuffer.reals(x);
    float[] means = VectorBuffer.reals(mean);
    float[] variances = VectorBuffer.reals(variance);
    float[] runningMeans = reals(runningMean);
    float[] runningVariances = reals(runningVariance);
    BatchNormLayout layout = layout(spec.outer(), channels, spec.inner(), mask);
    int count = layout.count();
    float[] rough = scratch.borrow(channels);
    Arrays.fill(rough, 0, channels, 0);
    double[] sums = BatchNormSums.moments(workers, scratch, layout, in, rough);
    for (int c = 0; c < channels; c++) {
      rough[c] = (float) (sums[c] / count);
    }
    sums = BatchNormSums.moments(workers, scratch, layout, in, rough);
    for (int c = 0; c < channels; c++) {
      // About an infinite mean there is no distance: it stays, and the variance is NaN.
      double average = Float.isInfinite(rough[c]) ? rough[c] : rough[c] + sums[c] / count;
      double squares = Math.max(0, sums[channels + c] - sums[c] * sums[c] / count);
      means[c] = (float) average;
      variances[c] = (float) (squares / count);
      if (runningMeans != null && runningVariances != null && count > 0) {
        runningMeans[c] = running(spec, runningMeans[c], average);
        runningVariances[c] = running(spec, runningVariances[c], squares / (count - 1));
      }
    }
    scratch.release(rough);
  }

  private static float running(BatchStatisticsSpec spec, float old, double statistic) {
    return (float) ((1 - spec.momentum()) * old + spec.momentum() * statistic);
  }

  void forward(BatchNormSpec spec, Buffer x, @Nullable Buffer mask, Buffer mean, Buffer variance,
      @Nullable Buffer weight, @Nullable Buffer bias, Buffer y) {
    int channels = spec.channels();
    float[] scale = scratch.borrow(channels);
    scale(spec, VectorBuffer.reals(variance), reals(weight), scale);
    float[] biases = bias == null ? scratch.borrow(channels) : VectorBuffer.reals(bias);
    if (bias == null) {
      Arrays.fill(biases, 0, channels, 0);
    }
    BatchNormLayout layout = layout(spec.outer(), channels, spec.inner(), mask);
    workers.run(layout.chunks(), new Forward(layout, VectorBuffer.reals(x), VectorBuffer.reals(mean), scale, biases,
        VectorBuffer.reals(y)));
    scratch.release(scale);
    if (bias == null) {
      scratch.release(biases);
    }
  }

  void backward(BatchNormSpec spec, Buffer x, @Nullable Buffer mask, Buffer mean, Buffer variance,
      @Nullable Buffer weight, Buffer gradY, Buffer gradX, @Nullable Buffer gradWeight, @Nullable Buffer gradBias) {
    int channels = spec.channels();
    float[] in = VectorBuffer.reals(x);
    float[] means = VectorBuffer.reals(mean);
    float[] gradOut = VectorBuffer.reals(gradY);
    BatchNormLayout layout = layout(spec.outer(), channels, spec.inner(), mask);
    float[] scale = scratch.borrow(channels);
    scale(spec, VectorBuffer.reals(variance), reals(weight), scale);
    float[] shift = scratch.borrow(channels);
    float[] slope = scratch.borrow(channels);
    if (spec.training() || gradWeight != null || gradBias != null) {
      float[] inverse = scratch.borrow(channels);
      scale(spec, VectorBuffer.reals(variance), null, inverse);
      double[] sums = BatchNormSums.products(workers, scratch, layout, in, gradOut, means, inverse);
      scratch.release(inverse);
      int count = layout.count();
      for (int c = 0; c < channels; c++) {
        shift[c] = (float) (sums[c] / count);
        slope[c] = (float) (sums[channels + c] / count / sigma(spec, VectorBuffer.reals(variance)[c]));
        if (gradWeight != null) {
          VectorBuffer.reals(gradWeight)[c] = (float) sums[channels + c];
        }
        if (gradBias != null) {
          VectorBuffer.reals(gradBias)[c] = (float) sums[c];
        }
      }
    }
    workers.run(layout.chunks(), new Backward(layout, spec.training(), in, gradOut, means, shift, slope, scale,
        VectorBuffer.reals(gradX)));
    scratch.release(scale);
    scratch.release(shift);
    scratch.release(slope);
  }

  private static BatchNormLayout layout(int outer, int channels, int inner, @Nullable Buffer mask) {
    return BatchNormLayout.of(outer, channels, inner, mask == null ? null : VectorBuffer.flags(mask));
  }

  private static double sigma(BatchNormSpec spec, float variance) {
    return Math.sqrt(variance + spec.epsilon());
  }

  /** {@code scale = weight / sigma}, with a weight of 1 for null. */
  private static void scale(BatchNormSpec spec, float[] variance, float @Nullable [] weight, float[] scale) {
    for (int c = 0; c < spec.channels(); c++) {
      scale[c] = (float) ((weight == null ? 1 : weight[c]) / sigma(spec, variance[c]));
    }
  }

  private record Forward(BatchNormLayout layout, float[] x, float[] mean, float[] scale, float[] bias, float[] y)
      implements Workers.Task {
    @Override
    public void run(int chunk) {
      int channels = layout.channels();
      int inner = layout.inner();
      for (int o = layout.first(chunk); o < layout.end(chunk); o++) {
        if (inner == 1 && layout.takesPart(o)) {
          BatchNormRows.normalize(channels, x, o * channels, mean, scale, bias, y);
        } else if (inner == 1) {
          Arrays.fill(y, o * channels, (o + 1) * channels, 0);
        } else {
          for (int c = 0; c < channels; c++) {
            BatchNormRuns.normalize(inner, x, (o * channels + c) * inner, layout.flags(), layout.flagsAt(o), mean[c],
                scale[c], bias[c], y);
          }
        }
      }
    }
  }

  private record Backward(BatchNormLayout layout, boolean training, float[] x, float[] gradY, float[] mean,
      float[] shift, float[] slope, float[] scale, float[] gradX) implements Workers.Task {
    @Override
    public void run(int chunk) {
      for (int o = layout.first(chunk); o < layout.end(chunk); o++) {
        if (layout.inner() == 1) {
          row(o);
        } else {
          runs(o);
        }
      }
    }

    private void row(int o) {
      int n = layout.channels();
      if (!layout.takesPart(o)) {
        Arrays.fill(gradX, o * n, (o + 1) * n, 0);
      } else if (training) {
        BatchNormRows.gradient(n, x, gradY, o * n, mean, shift, slope, scale, gradX);
      } else {
        BatchNormRows.scale(n, gradY, o * n, scale, gradX);
      }
    }

    private void runs(int o) {
      int n = layout.inner();
      for (int c = 0; c < layout.channels(); c++) {
        int at = (o * layout.channels() + c) * n;
        if (training) {
          BatchNormRuns.gradient(n, x, gradY, at, layout.flags(), layout.flagsAt(o), mean[c], shift[c], slope[c],
              scale[c], gradX);
        } else {
          BatchNormRuns.scale(n, gradY, at, layout.flags(), layout.flagsAt(o), scale[c], gradX);
        }
      }
    }
  }
}
