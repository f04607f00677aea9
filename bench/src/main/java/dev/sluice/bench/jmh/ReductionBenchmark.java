package dev.sluice.bench.jmh;

import static dev.sluice.bench.jmh.Kernels.ROWS;
import static dev.sluice.bench.jmh.Kernels.WIDTH;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.ReductionKernels;
import dev.sluice.spi.ReductionOp;
import dev.sluice.spi.ReductionSpec;
import java.util.ArrayList;
import java.util.List;

/** Reductions of rows and of columns. */
public class ReductionBenchmark extends KernelBenchmark {
  static List<Kernel> kernels() {
    List<Kernel> kernels = new ArrayList<>();
    for (ReductionOp op : ReductionOp.values()) {
      add(kernels, op + " of rows", new ReductionSpec(op, ROWS, WIDTH, 1));
      add(kernels, op + " of columns", new ReductionSpec(op, 1, ROWS, WIDTH));
    }
    var rows = new ReductionSpec(ReductionOp.MAX, ROWS, WIDTH, 1);
    var columns = new ReductionSpec(ReductionOp.MAX, 1, ROWS, WIDTH);
    kernels.add(Kernel.of(ReductionBenchmark.class, "argmax of rows", buffers -> argMax(rows, buffers)));
    kernels.add(Kernel.of(ReductionBenchmark.class, "argmax of columns", buffers -> argMax(columns, buffers)));
    return kernels;
  }

  private static void add(List<Kernel> kernels, String name, ReductionSpec spec) {
    kernels.add(Kernel.of(ReductionBenchmark.class, name + " forward", buffers -> forward(spec, buffers)));
    kernels.add(Kernel.of(ReductionBenchmark.class, name + " backward", buffers -> backward(spec, buffers)));
  }

  private static Runnable forward(ReductionSpec spec, Buffers buffers) {
    Buffer x = buffers.real(ROWS * WIDTH);
    Buffer y = buffers.real(spec.outer() * spec.inner());
    return () -> buffers.backend().reduction().reduce(spec, x, y);
  }

  private static Runnable backward(ReductionSpec spec, Buffers buffers) {
    ReductionKernels kernels = buffers.backend().reduction();
    Buffer x = buffers.real(ROWS * WIDTH);
    Buffer y = buffers.real(spec.outer() * spec.inner());
    kernels.reduce(spec, x, y);
    Buffer gradY = buffers.real(spec.outer() * spec.inner());
    Buffer gradX = buffers.real(ROWS * WIDTH);
    return () -> kernels.reduceBackward(spec, x, y, gradY, gradX);
  }

  private static Runnable argMax(ReductionSpec spec, Buffers buffers) {
    Buffer x = buffers.real(ROWS * WIDTH);
    Buffer indices = buffers.backend().allocate(ElementType.INT32, spec.outer() * spec.inner());
    return () -> buffers.backend().reduction().argMax(spec, x, indices);
  }
}
