package dev.sluice.bench.jmh;

import static dev.sluice.bench.jmh.Kernels.ELEMENTS;
import static dev.sluice.bench.jmh.Kernels.TENSORS;

import dev.sluice.spi.AdamSpec;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.SgdSpec;
import java.util.List;

/** Steps of the optimizers. */
public class OptimizerBenchmark extends KernelBenchmark {
  private static final double RATE = 1e-3;

  static List<Kernel> kernels() {
    return List.of(Kernel.of(OptimizerBenchmark.class, "sgd", buffers -> sgd(0, buffers)).plain(),
        Kernel.of(OptimizerBenchmark.class, "sgd momentum", buffers -> sgd(0.9, buffers)).plain(),
        Kernel.of(OptimizerBenchmark.class, "adam", buffers -> adam(false, buffers)),
        Kernel.of(OptimizerBenchmark.class, "adam amsgrad", buffers -> adam(true, buffers)));
  }

  private static Runnable sgd(double momentum, Buffers buffers) {
    var spec = new SgdSpec(RATE, momentum, 0, 0, false, false, false);
    List<Buffer> parameters = buffers.list(TENSORS, ELEMENTS);
    List<Buffer> gradients = buffers.list(TENSORS, ELEMENTS);
    List<Buffer> velocities = momentum == 0 ? null : buffers.list(TENSORS, ELEMENTS);
    return () -> buffers.backend().optimizer().sgd(spec, parameters, gradients, velocities);
  }

  private static Runnable adam(boolean amsgrad, Buffers buffers) {
    var spec = new AdamSpec(RATE, 0.9, 0.999, 1e-8, 0, false, amsgrad, false, 10);
    List<Buffer> parameters = buffers.list(TENSORS, ELEMENTS);
    List<Buffer> gradients = buffers.list(TENSORS, ELEMENTS);
    List<Buffer> means = buffers.list(TENSORS, ELEMENTS);
    List<Buffer> variances = buffers.list(TENSORS, ELEMENTS);
    List<Buffer> largest = amsgrad ? buffers.list(TENSORS, ELEMENTS) : null;
    return () -> buffers.backend().optimizer().adam(spec, parameters, gradients, means, variances, largest);
  }
}
