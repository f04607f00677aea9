package dev.sluice.bench.jmh;

import static dev.sluice.bench.jmh.Kernels.ROWS;
import static dev.sluice.bench.jmh.Kernels.WIDTH;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.SoftmaxKernels;
import dev.sluice.spi.SoftmaxSpec;
import java.util.ArrayList;
import java.util.List;

/** Softmax and its logarithm. */
public class SoftmaxBenchmark extends KernelBenchmark {
  static List<Kernel> kernels() {
    List<Kernel> kernels = new ArrayList<>();
    for (boolean log : new boolean[] {false, true}) {
      var spec = new SoftmaxSpec(ROWS, WIDTH, log);
      String name = log ? " log" : "";
      kernels.add(Kernel.of(SoftmaxBenchmark.class, "forward" + name, buffers -> forward(spec, buffers)));
      kernels.add(Kernel.of(SoftmaxBenchmark.class, "backward" + name, buffers -> backward(spec, buffers)));
    }
    return kernels;
  }

  private static Runnable forward(SoftmaxSpec spec, Buffers buffers) {
    SoftmaxKernels kernels = buffers.backend().softmax();
    Buffer x = buffers.real(ROWS * WIDTH);
    Buffer y = buffers.real(ROWS * WIDTH);
    return () -> kernels.softmax(spec, x, null, null, y);
  }

  private static Runnable backward(SoftmaxSpec spec, Buffers buffers) {
    SoftmaxKernels kernels = buffers.backend().softmax();
    Buffer y = buffers.real(ROWS * WIDTH);
    Buffer gradY = buffers.real(ROWS * WIDTH);
    Buffer gradX = buffers.real(ROWS * WIDTH);
    return () -> kernels.softmaxBackward(spec, y, null, null, gradY, gradX);
  }
}
