package dev.sluice.bench.work.sluice;

import static dev.sluice.autograd.Normalization.layerNorm;

import dev.sluice.Tensor;
import dev.sluice.bench.work.Work;
import dev.sluice.bench.work.sluice.Step.Output;
import java.util.List;

/** Layer normalization with PyTorch's epsilon. */
final class LayerNorms {
  private static final double EPSILON = 1e-5;

  private LayerNorms() {}

  static Step of(Work.LayerNorm work, Arguments arguments) {
    int[] sizes = {work.batch(), work.length(), work.width()};
    int[] normalized = {work.width()};
    Tensor input = arguments.uniform("input", 1, sizes);
    Tensor weight = arguments.uniform("weight", 1, normalized);
    Tensor bias = arguments.uniform("bias", 1, normalized);
    List<Tensor> leaves = Arguments.leaves(work.pass().backward(), input, weight, bias);
    if (!work.pass().backward()) {
      return () -> List.of(new Output("output", layerNorm(input, normalized, weight, bias, EPSILON)));
    }
    Tensor gradient = arguments.uniform("gradient", 1, sizes);
    return () -> Arguments.backward(layerNorm(input, normalized, weight, bias, EPSILON), gradient, leaves);
  }
}
