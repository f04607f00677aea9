package dev.sluice.bench.jmh;

import static dev.sluice.bench.jmh.Kernels.ELEMENTS;
import static dev.sluice.bench.jmh.Kernels.ROWS;
import static dev.sluice.bench.jmh.Kernels.WIDTH;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.CopySpec;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.FillSpec;
import java.util.List;

/** Filling and moving. */
public class MemoryBenchmark extends KernelBenchmark {
  static List<Kernel> kernels() {
    var fill = new FillSpec(ElementType.REAL, ELEMENTS, 1);
    var transposed = new CopySpec(ElementType.REAL, new int[] {WIDTH, ROWS}, 0, new int[] {1, WIDTH}, 0,
        new int[] {ROWS, 1}, 1, false);
    return List.of(Kernel.of(MemoryBenchmark.class, "fill", buffers -> {
      Buffer target = buffers.real(ELEMENTS);
      return () -> buffers.backend().memory().fill(fill, target);
    }).plain(), copy("copy", CopySpec.contiguous(ElementType.REAL, ELEMENTS)),
        copy("copy accumulating", CopySpec.accumulating(ELEMENTS, 0.5)), copy("copy transposed", transposed));
  }

  private static Kernel copy(String name, CopySpec spec) {
    return Kernel.of(MemoryBenchmark.class, name, buffers -> {
      Buffer source = buffers.real(ELEMENTS);
      Buffer target = buffers.real(ELEMENTS);
      return () -> buffers.backend().memory().copy(spec, source, target);
    });
  }
}
