package dev.sluice.bench.jmh;

import static dev.sluice.bench.jmh.Kernels.CLASSES;
import static dev.sluice.bench.jmh.Kernels.ROWS;
import static dev.sluice.bench.jmh.Kernels.WIDTH;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.EmbeddingSpec;
import java.util.List;

/** Looking rows up, and the gradient of the table. */
public class EmbeddingBenchmark extends KernelBenchmark {
  private static final EmbeddingSpec SPEC = new EmbeddingSpec(ROWS, CLASSES, WIDTH, EmbeddingSpec.NO_PADDING);

  static List<Kernel> kernels() {
    return List.of(Kernel.of(EmbeddingBenchmark.class, "forward", EmbeddingBenchmark::forward).plain(),
        Kernel.of(EmbeddingBenchmark.class, "backward", EmbeddingBenchmark::backward).plain());
  }

  private static Runnable forward(Buffers buffers) {
    Buffer table = buffers.real(CLASSES * WIDTH);
    Buffer indices = buffers.indices(ROWS, CLASSES);
    Buffer y = buffers.real(ROWS * WIDTH);
    return () -> buffers.backend().embedding().embedding(SPEC, table, indices, y);
  }

  private static Runnable backward(Buffers buffers) {
    Buffer indices = buffers.indices(ROWS, CLASSES);
    Buffer gradY = buffers.real(ROWS * WIDTH);
    Buffer gradTable = buffers.real(CLASSES * WIDTH);
    return () -> buffers.backend().embedding().embeddingBackward(SPEC, indices, gradY, gradTable);
  }
}
