package dev.sluice.bench.jmh;

import static dev.sluice.bench.jmh.Kernels.WIDTH;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.GemmSpec;
import java.util.List;

/** Matrix products. */
public class GemmBenchmark extends KernelBenchmark {
  static List<Kernel> kernels() {
    return List.of(product("plain", GemmSpec.of(WIDTH, WIDTH, WIDTH, false, false)),
        product("transposed", GemmSpec.of(WIDTH, WIDTH, WIDTH, true, true)),
        product("one row", GemmSpec.of(1, WIDTH, WIDTH, false, false)),
        product("batched", GemmSpec.batched(8, WIDTH / 2, WIDTH / 2, WIDTH / 2, false, true)));
  }

  private static Kernel product(String name, GemmSpec spec) {
    return Kernel.of(GemmBenchmark.class, name, buffers -> {
      Buffer a = buffers.real(spec.batch() * spec.m() * spec.k());
      Buffer b = buffers.real(spec.batch() * spec.k() * spec.n());
      Buffer c = buffers.real(spec.batch() * spec.m() * spec.n());
      return () -> buffers.backend().gemm().multiply(spec, a, b, null, c);
    });
  }
}
