package dev.sluice.bench.jmh;

import static dev.sluice.bench.jmh.Kernels.ELEMENTS;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.Dropout;
import dev.sluice.spi.DropoutSpec;
import java.util.List;

/** Dropout. */
public class DropoutBenchmark extends KernelBenchmark {
  private static final DropoutSpec SPEC = new DropoutSpec(ELEMENTS, new Dropout(0.2, 1, 0));

  static List<Kernel> kernels() {
    return List.of(Kernel.of(DropoutBenchmark.class, "forward", buffers -> {
      Buffer x = buffers.real(ELEMENTS);
      Buffer y = buffers.real(ELEMENTS);
      return () -> buffers.backend().dropout().dropout(SPEC, x, y);
    }), Kernel.of(DropoutBenchmark.class, "backward", buffers -> {
      Buffer gradY = buffers.real(ELEMENTS);
      Buffer gradX = buffers.real(ELEMENTS);
      return () -> buffers.backend().dropout().dropoutBackward(SPEC, gradY, gradX);
    }));
  }
}
