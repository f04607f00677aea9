package dev.sluice.bench.jmh;

import static dev.sluice.bench.jmh.Kernels.ROWS;
import static dev.sluice.bench.jmh.Kernels.WIDTH;

import dev.sluice.spi.BatchNormSpec;
import dev.sluice.spi.BatchStatisticsSpec;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.LayerNormSpec;
import dev.sluice.spi.NormalizationKernels;
import java.util.ArrayList;
import java.util.List;

/** Layer and batch normalization, the latter with channels last and in the middle. */
public class NormalizationBenchmark extends KernelBenchmark {
  private static final double EPSILON = 1e-5;
  private static final double MOMENTUM = 0.1;
  private static final int INNER = 16;

  static List<Kernel> kernels() {
    List<Kernel> kernels = new ArrayList<>();
    add(kernels, "layer forward", NormalizationBenchmark::layerForward);
    add(kernels, "layer backward", NormalizationBenchmark::layerBackward);
    for (int inner : new int[] {1, INNER}) {
      String name = inner == 1 ? "batch" : "batch inner " + inner;
      int outer = ROWS / inner;
      add(kernels, name + " statistics", buffers -> statistics(outer, inner, buffers));
      add(kernels, name + " forward", buffers -> batchForward(outer, inner, buffers));
      add(kernels, name + " backward", buffers -> batchBackward(outer, inner, buffers));
    }
    return kernels;
  }

  private static void add(List<Kernel> kernels, String name, Kernel.Call call) {
    kernels.add(Kernel.of(NormalizationBenchmark.class, name, call));
  }

  private static Runnable layerForward(Buffers buffers) {
    NormalizationKernels kernels = buffers.backend().normalization();
    var spec = new LayerNormSpec(ROWS, WIDTH, EPSILON);
    Buffer x = buffers.real(ROWS * WIDTH);
    Buffer weight = buffers.real(WIDTH);
    Buffer bias = buffers.real(WIDTH);
    Buffer y = buffers.real(ROWS * WIDTH);
    return () -> kernels.layerNorm(spec, x, weight, bias, y, null);
  }

  private static Runnable layerBackward(Buffers buffers) {
    NormalizationKernels kernels = buffers.backend().normalization();
    var spec = new LayerNormSpec(ROWS, WIDTH, EPSILON);
    Buffer x = buffers.real(ROWS * WIDTH);
    Buffer weight = buffers.real(WIDTH);
    Buffer reserve = buffers.real(kernels.layerNormReserve(spec));
    kernels.layerNorm(spec, x, weight, null, buffers.real(ROWS * WIDTH), reserve);
    Buffer gradY = buffers.real(ROWS * WIDTH);
    Buffer gradX = buffers.real(ROWS * WIDTH);
    Buffer gradWeight = buffers.real(WIDTH);
    Buffer gradBias = buffers.real(WIDTH);
    return () -> kernels.layerNormBackward(spec, x, weight, reserve, gradY, gradX, gradWeight, gradBias);
  }

  private static Runnable statistics(int outer, int inner, Buffers buffers) {
    var spec = new BatchStatisticsSpec(outer, WIDTH, inner, MOMENTUM);
    Buffer x = buffers.real(ROWS * WIDTH);
    Buffer mean = buffers.real(WIDTH);
    Buffer variance = buffers.real(WIDTH);
    return () -> buffers.backend().normalization().batchStatistics(spec, x, null, mean, variance, null, null);
  }

  private static Runnable batchForward(int outer, int inner, Buffers buffers) {
    var spec = new BatchNormSpec(outer, WIDTH, inner, EPSILON, true);
    Buffer x = buffers.real(ROWS * WIDTH);
    Buffer mean = buffers.real(WIDTH);
    Buffer variance = buffers.real(WIDTH, 0.5, 1);
    Buffer weight = buffers.real(WIDTH);
    Buffer bias = buffers.real(WIDTH);
    Buffer y = buffers.real(ROWS * WIDTH);
    return () -> buffers.backend().normalization().batchNorm(spec, x, null, mean, variance, weight, bias, y);
  }

  private static Runnable batchBackward(int outer, int inner, Buffers buffers) {
    NormalizationKernels kernels = buffers.backend().normalization();
    var spec = new BatchNormSpec(outer, WIDTH, inner, EPSILON, true);
    Buffer x = buffers.real(ROWS * WIDTH);
    Buffer mean = buffers.real(WIDTH);
    Buffer variance = buffers.real(WIDTH, 0.5, 1);
    Buffer weight = buffers.real(WIDTH);
    Buffer gradY = buffers.real(ROWS * WIDTH);
    Buffer gradX = buffers.real(ROWS * WIDTH);
    Buffer gradWeight = buffers.real(WIDTH);
    Buffer gradBias = buffers.real(WIDTH);
    return () ->
        kernels.batchNormBackward(spec, x, null, mean, variance, weight, gradY, gradX, gradWeight, gradBias);
  }
}
