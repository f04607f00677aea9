package dev.sluice.cuda.kernel;

import static dev.sluice.cuda.CudaBuffer.reals;
import static dev.sluice.cuda.CudaBuffer.realsOrNull;

import dev.sluice.cuda.CudaBuffer;
import dev.sluice.cuda.Device;
import dev.sluice.cuda.Kernel;
import dev.sluice.cuda.Launch;
import dev.sluice.spi.BatchNormSpec;
import dev.sluice.spi.BatchStatisticsSpec;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.LayerNormSpec;
import dev.sluice.spi.NormalizationKernels;
import org.jspecify.annotations.Nullable;

/**
 * Layer normalisation, a warp for a row or where rows are wide a block; batch normalisation is {@link BatchNorm}'s.
 *
 * <p>The reserve holds each row's mean and sigma.
 */
public final class CudaNormalization implements NormalizationKernels {
  private static final int WARP = 32;
  /** Elements of a row for each of its threads, where that makes no more threads than a block has. */
  private static final int PER_THREAD = 8;
  private static final int THREADS = 256;

  private final Device device;
  private final ColumnSums sums;
  private final Kernel forward;
  private final Kernel backward;
  private final Kernel partials;
  private final BatchNorm batchNorm;

  /** The normalisations of a device. */
  public CudaNormalization(Device device) {
    this.device = device;
    sums = new ColumnSums(device);
    forward = device.kernel("layer_norm");
    backward = device.kernel("layer_norm_backward");
    partials = device.kernel("layer_norm_partials");
    batchNorm = new BatchNorm(device);
  }

  @Override
  public int layerNormReserve(LayerNormSpec spec) {
    long elements = 2L * spec.rows();
    if (elements > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("layerNorm: reserve has " + elements + " elements, wanted at most "
          + Integer.MAX_VALUE);
    }
    return (int) elements;
  }

  @Override
  public void layerNorm(LayerNormSpec spec, Buffer x, @Nullable Buffer weight, @Nullable Buffer bias, Buffer y,
      @Nullable Buffer reserve) {
    CudaBuffer in = reals(x);
    CudaBuffer weights = realsOrNull(weight);
    CudaBuffer biases = realsOrNull(bias);
    CudaBuffer out = reals(y);
    CudaBuffer saved = realsOrNull(reserve);
    runRows(spec, forward.start().integer(spec.rows()).integer(spec.width()).real(spec.epsilon()).buffer(in)
        .buffer(weights).buffer(biases).buffer(out).buffer(saved));
  }

  @Override
  public void layerNormBackward(LayerNormSpec spec, Buffer x, @Nullable Buffer weight, Buffer reserve, Buffer gradY,
      Buffer gradX, @Nullable Buffer gradWeight, @Nullable Buffer gradBias) {
    CudaBuffer in = reals(x);
    CudaBuffer weights = realsOrNull(weight);
    CudaBuffer saved = reals(reserve);
    CudaBuffer gradOut = reals(gradY);
    CudaBuffer gradIn = reals(gradX);
    CudaBuffer gradWeights = realsOrNull(gradWeight);
    CudaBuffer gradBiases = realsOrNull(gradBias);
    int rows = spec.rows();
    int width = spec.width();
    runRows(spec, backward.start().integer(rows).integer(width).buffer(in).buffer(weights).buffer(saved)
        .buffer(gradOut).buffer(gradIn));
    if (gradWeights == null && gradBiases == null) {
      return;
    }
    int chunks = ColumnSums.chunks(rows);
    try (CudaBuffer chunkSums = sums.workspace(rows, 2 * width)) {
      partials.start().integer(rows).integer(width).integer(ColumnSums.chunkRows(rows)).buffer(in).buffer(saved)
          .buffer(gradOut).buffer(chunkSums)
          .run(Math.ceilDiv(width, ColumnSums.TILE), chunks, 1, ColumnSums.TILE, ColumnSums.LANES, 0);
      if (gradWeights != null) {
        sums.totals(chunkSums, chunks, 2 * width, 0, width, gradWeights, 0);
      }
      if (gradBiases != null) {
        sums.totals(chunkSums, chunks, 2 * width, width, width, gradBiases, 0);
      }
    }
  }

  private void runRows(LayerNormSpec spec, Launch launch) {
    int threads = Math.clamp(Math.ceilDiv(spec.width(), PER_THREAD * WARP), 1, THREADS / WARP) * WARP;
    int rows = threads == WARP ? THREADS / WARP : 1;
    launch.run(device.blocks(spec.rows(), rows), 1, 1, threads, rows, 0);
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
}
