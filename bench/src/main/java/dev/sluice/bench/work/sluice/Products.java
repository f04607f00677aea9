package dev.sluice.bench.work.sluice;

import static dev.sluice.autograd.Products.matmul;

import dev.sluice.Tensor;
import dev.sluice.bench.work.Work;
import dev.sluice.bench.work.sluice.Step.Output;
import java.util.List;

/** Matrix products. */
final class Products {
  private Products() {}

  static Step of(Work.Gemm work, Arguments arguments) {
    Tensor a = arguments.uniform("a", 1, work.m(), work.k());
    Tensor b = arguments.uniform("b", 1, work.k(), work.n());
    return () -> List.of(new Output("product", matmul(a, b)));
  }
}
