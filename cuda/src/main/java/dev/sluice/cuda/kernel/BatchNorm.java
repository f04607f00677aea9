package dev.sluice.cuda.kernel;

import static dev.sluice.cuda.CudaBuffer.flagsOrNull;
import static dev.sluice.cuda.CudaBuffer.reals;
import static dev.sluice.cuda.CudaBuffer.realsOrNull;

import dev.sluice.cuda.CudaBuffer;
import dev.sluice.cuda.Device;
import dev.sluice.cuda.Kernel;
import dev.sluice.cuda.Launch;
import dev.sluice.spi.BatchNormSpec;
import dev.sluice.spi.BatchStatisticsSpec;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementType;
import org.jspecify.annotations.Nullable;

/** Batch normalisation: sums over the positions in two stages, then a thread for each element. */
final class BatchNorm {
  /** Numbers that a chunk of positions has of each channel. */
  private static final int SUMS = 3;
  /** Columns and rows of a block, as the kernels have them. */
  private static final int TILE = ColumnSums.TILE;
  private static final int LANES = ColumnSums.LANES;
  /** Positions of a chunk for each of its threads, at least. */
  private static final int LEAST_PER_THREAD = 4;
  private static final int MOST_CHUNKS = 256;
  private static final int THREADS = 256;

  private final Device device;
  private final Kernel statisticsPartials;
  private final Kernel statisticsPartialsLast;
  private final Kernel statisticsTotals;
  private final Kernel forward;
  private final Kernel partials;
  private final Kernel partialsLast;
  private final Kernel totals;
  private final Kernel backward;

  BatchNorm(Device device) {
    this.device = device;
    statisticsPartials = device.kernel("batch_statistics_partials");
    statisticsPartialsLast = device.kernel("batch_statistics_partials_last");
    statisticsTotals = device.kernel("batch_statistics_totals");
    forward = device.kernel("batch_norm");
    partials = device.kernel("batch_norm_partials");
    partialsLast = device.kernel("batch_norm_partials_last");
    totals = device.kernel("batch_norm_totals");
    backward = device.kernel("batch_norm_backward");
  }

  /**
   * How the sums over x (outer, channels, inner) are cut up.
   *
   * @param positions of a chunk
   * @param count how many chunks
   */
  private record Chunks(int outer, int channels, int inner, int positions, int count) {
    static Chunks of(int outer, int channels, int inner) {
      int threads = inner == 1 ? LANES : LANES * TILE;
      int positions = Math.max(threads * LEAST_PER_THREAD, Math.ceilDiv(outer * inner, MOST_CHUNKS));
      return new Chunks(outer, channels, inner, positions, Math.ceilDiv(outer * inner, positions));
    }

    boolean channelsLast() {
      return inner == 1;
    }

    Launch start(Kernel kernel) {
      return kernel.start().integers(outer, channels, inner).integer(positions);
    }

    void run(Launch launch) {
      launch.run(channelsLast() ? Math.ceilDiv(channels, TILE) : channels, count, 1, TILE, LANES, 0);
    }
  }

  void statistics(BatchStatisticsSpec spec, Buffer x, @Nullable Buffer mask, Buffer mean, Buffer variance,
      @Nullable Buffer runningMean, @Nullable Buffer runningVariance) {
    CudaBuffer in = reals(x);
    CudaBuffer taking = flagsOrNull(mask);
    CudaBuffer means = reals(mean);
    CudaBuffer variances = reals(variance);
    CudaBuffer runningMeans = realsOrNull(runningMean);
    CudaBuffer runningVariances = realsOrNull(runningVariance);
    Chunks chunks = Chunks.of(spec.outer(), spec.channels(), spec.inner());
    try (CudaBuffer sums = workspace(chunks)) {
      chunks.run(chunks.start(chunks.channelsLast() ? statisticsPartialsLast : statisticsPartials).buffer(in)
          .buffer(taking).buffer(sums));
      run(statisticsTotals.start().integer(chunks.count()).integer(spec.channels()).real(spec.momentum()).buffer(sums)
          .buffer(means).buffer(variances).buffer(runningMeans).buffer(runningVariances), spec.channels());
    }
  }

  void forward(BatchNormSpec spec, Buffer x, @Nullable Buffer mask, Buffer mean, Buffer variance,
      @Nullable Buffer weight, @Nullable Buffer bias, Buffer y) {
    CudaBuffer in = reals(x);
    CudaBuffer taking = flagsOrNull(mask);
    CudaBuffer means = reals(mean);
    CudaBuffer variances = reals(variance);
    CudaBuffer weights = realsOrNull(weight);
    CudaBuffer biases = realsOrNull(bias);
    CudaBuffer out = reals(y);
    run(start(forward, spec).buffer(in).buffer(taking).buffer(means).buffer(variances).buffer(weights).buffer(biases)
        .buffer(out), elements(spec));
  }

  void backward(BatchNormSpec spec, Buffer x, @Nullable Buffer mask, Buffer mean, Buffer variance,
      @Nullable Buffer weight, Buffer gradY, Buffer gradX, @Nullable Buffer gradWeight, @Nullable Buffer gradBias) {
    CudaBuffer in = reals(x);
    CudaBuffer taking = flagsOrNull(mask);
    CudaBuffer means = reals(mean);
    CudaBuffer variances = reals(variance);
    CudaBuffer weights = realsOrNull(weight);
    CudaBuffer gradOut = reals(gradY);
    CudaBuffer gradIn = reals(gradX);
    CudaBuffer gradWeights = realsOrNull(gradWeight);
    CudaBuffer gradBiases = realsOrNull(gradBias);
    Chunks chunks = Chunks.of(spec.outer(), spec.channels(), spec.inner());
    try (CudaBuffer sums = workspace(chunks);
        CudaBuffer gradMeans = device.scratch(ElementType.REAL, 2 * spec.channels())) {
      if (spec.training() || gradWeights != null || gradBiases != null) {
        chunks.run(chunks.start(chunks.channelsLast() ? partialsLast : partials).real(spec.epsilon()).buffer(in)
            .buffer(taking).buffer(means).buffer(variances).buffer(gradOut).buffer(sums));
        run(totals.start().integer(chunks.count()).integer(spec.channels()).buffer(sums).buffer(gradMeans)
            .buffer(gradWeights).buffer(gradBiases), spec.channels());
      }
      run(start(backward, spec).buffer(in).buffer(taking).buffer(means).buffer(variances).buffer(weights)
          .buffer(gradOut).buffer(spec.training() ? gradMeans : null).buffer(gradIn), elements(spec));
    }
  }

  private CudaBuffer workspace(Chunks chunks) {
    return device.scratch(ElementType.REAL, chunks.count() * SUMS * chunks.channels());
  }

  private static Launch start(Kernel kernel, BatchNormSpec spec) {
    return kernel.start().integers(spec.outer(), spec.channels(), spec.inner()).real(spec.epsilon());
  }

  private static int elements(BatchNormSpec spec) {
    return spec.outer() * spec.channels() * spec.inner();
  }

  private void run(Launch launch, int elements) {
    launch.run(device.blocks(elements, THREADS), THREADS);
  }
}
