package dev.sluice.bench.jmh;

import static dev.sluice.bench.jmh.Kernels.CLASSES;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.CrossEntropySpec;
import dev.sluice.spi.CrossEntropySpec.Reduction;
import dev.sluice.spi.LossKernels;
import java.util.List;

/** Cross-entropy. */
public class LossBenchmark extends KernelBenchmark {
  private static final int ROWS = 32;
  private static final CrossEntropySpec SPEC = new CrossEntropySpec(ROWS, CLASSES, Reduction.MEAN, -1, 0);

  static List<Kernel> kernels() {
    return List.of(Kernel.of(LossBenchmark.class, "forward", LossBenchmark::forward),
        Kernel.of(LossBenchmark.class, "backward", LossBenchmark::backward));
  }

  private static Runnable forward(Buffers buffers) {
    Buffer logits = buffers.real(ROWS * CLASSES);
    Buffer labels = buffers.indices(ROWS, CLASSES);
    Buffer loss = buffers.real(1);
    return () -> buffers.backend().loss().crossEntropy(SPEC, logits, labels, loss, null);
  }

  private static Runnable backward(Buffers buffers) {
    LossKernels kernels = buffers.backend().loss();
    Buffer logits = buffers.real(ROWS * CLASSES);
    Buffer labels = buffers.indices(ROWS, CLASSES);
    Buffer reserve = buffers.real(kernels.crossEntropyReserve(SPEC));
    kernels.crossEntropy(SPEC, logits, labels, buffers.real(1), reserve);
    Buffer gradLoss = buffers.real(1);
    Buffer gradLogits = buffers.real(ROWS * CLASSES);
    return () -> kernels.crossEntropyBackward(SPEC, logits, labels, gradLoss, reserve, gradLogits);
  }
}
