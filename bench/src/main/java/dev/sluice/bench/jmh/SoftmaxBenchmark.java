package dev.sluice.bench.jmh;

import static dev.sluice.bench.jmh.Kernels.ROWS;
import static dev.sluice.bench.jmh.Kernels.WIDTH;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.Selection;
import dev.sluice.spi.SelectionSpec;
import dev.sluice.spi.SoftmaxKernels;
import dev.sluice.spi.SoftmaxSpec;
import java.util.ArrayList;
import java.util.List;

/** Softmax, its logarithm, sparsemax, and a selection from weights. */
public class SoftmaxBenchmark extends KernelBenchmark {
  static List<Kernel> kernels() {
    List<Kernel> kernels = new ArrayList<>();
    for (boolean log : new boolean[] {false, true}) {
      var spec = new SoftmaxSpec(ROWS, WIDTH, log);
      String name = log ? " log" : "";
      kernels.add(Kernel.of(SoftmaxBenchmark.class, "forward" + name, buffers -> forward(spec, buffers)));
      kernels.add(Kernel.of(SoftmaxBenchmark.class, "backward" + name, buffers -> backward(spec, buffers)));
    }
    kernels.add(Kernel.of(SoftmaxBenchmark.class, "sparsemax forward", SoftmaxBenchmark::sparsemax));
    kernels.add(Kernel.of(SoftmaxBenchmark.class, "sparsemax backward", SoftmaxBenchmark::sparsemaxBackward));
    kernels.add(Kernel.of(SoftmaxBenchmark.class, "select largest", SoftmaxBenchmark::select));
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

  private static Runnable sparsemax(Buffers buffers) {
    SoftmaxKernels kernels = buffers.backend().softmax();
    var spec = new SoftmaxSpec(ROWS, WIDTH, false);
    Buffer x = buffers.real(ROWS * WIDTH);
    Buffer y = buffers.real(ROWS * WIDTH);
    return () -> kernels.sparsemax(spec, x, null, null, y);
  }

  private static Runnable sparsemaxBackward(Buffers buffers) {
    SoftmaxKernels kernels = buffers.backend().softmax();
    var spec = new SoftmaxSpec(ROWS, WIDTH, false);
    Buffer y = buffers.real(ROWS * WIDTH);
    Buffer gradY = buffers.real(ROWS * WIDTH);
    Buffer gradX = buffers.real(ROWS * WIDTH);
    kernels.sparsemax(spec, gradY, null, null, y);
    return () -> kernels.sparsemaxBackward(spec, y, null, null, gradY, gradX);
  }

  private static Runnable select(Buffers buffers) {
    SoftmaxKernels kernels = buffers.backend().softmax();
    var spec = new SelectionSpec(ROWS, WIDTH, new Selection.Largest(WIDTH / 16, false));
    Buffer weights = buffers.real(ROWS * WIDTH, 0, 1);
    Buffer selected = buffers.real(ROWS * WIDTH);
    Buffer kept = buffers.backend().allocate(ElementType.BOOL, ROWS * WIDTH);
    return () -> kernels.select(spec, weights, null, selected, kept);
  }
}
