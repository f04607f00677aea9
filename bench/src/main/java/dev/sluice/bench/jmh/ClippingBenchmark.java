package dev.sluice.bench.jmh;

import static dev.sluice.bench.jmh.Kernels.ELEMENTS;
import static dev.sluice.bench.jmh.Kernels.TENSORS;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.ClampSpec;
import dev.sluice.spi.NormSpec;
import dev.sluice.spi.ScaleToNormSpec;
import java.util.ArrayList;
import java.util.List;

/** Norms of lists and what bounds them, each way of clipping. */
public class ClippingBenchmark extends KernelBenchmark {
  static List<Kernel> kernels() {
    List<Kernel> kernels = new ArrayList<>();
    for (double p : new double[] {2, 1, 3, 2.5, Double.POSITIVE_INFINITY, 0}) {
      kernels.add(Kernel.of(ClippingBenchmark.class, "norm " + p, buffers -> norm(new NormSpec(p), buffers)));
    }
    kernels.add(Kernel.of(ClippingBenchmark.class, "scale to norm", ClippingBenchmark::scale).plain());
    kernels.add(Kernel.of(ClippingBenchmark.class, "clamp", ClippingBenchmark::clamp));
    return kernels;
  }

  private static Runnable norm(NormSpec spec, Buffers buffers) {
    List<Buffer> tensors = buffers.list(TENSORS, ELEMENTS);
    Buffer norm = buffers.real(1);
    return () -> buffers.backend().clipping().norm(spec, tensors, norm);
  }

  /** By a factor so near to 1 that the numbers stay what they are, however often. */
  private static Runnable scale(Buffers buffers) {
    var spec = new ScaleToNormSpec(1);
    List<Buffer> tensors = buffers.list(TENSORS, ELEMENTS);
    Buffer norm = buffers.real(1, 1, 1.000_000_1);
    return () -> buffers.backend().clipping().scaleToNorm(spec, norm, tensors);
  }

  private static Runnable clamp(Buffers buffers) {
    var spec = new ClampSpec(0.1, 0.9);
    List<Buffer> tensors = buffers.list(TENSORS, ELEMENTS);
    return () -> buffers.backend().clipping().clamp(spec, tensors);
  }
}
