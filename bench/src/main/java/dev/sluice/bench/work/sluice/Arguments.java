package dev.sluice.bench.work.sluice;

import dev.sluice.Shape;
import dev.sluice.Tensor;
import dev.sluice.bench.work.Inputs;
import dev.sluice.bench.work.sluice.Step.Output;
import dev.sluice.spi.Backend;
import java.util.ArrayList;
import java.util.List;

/** The inputs of a work as tensors of a backend. */
record Arguments(Backend backend, Inputs inputs) {
  /** Numbers in [-bound, bound). */
  Tensor uniform(String name, double bound, int... sizes) {
    return Tensor.of(backend, inputs.uniform(name, Shape.of(sizes).elements(), bound), sizes).named(name);
  }

  /** Indices in [0, bound). */
  Tensor indices(String name, int bound, int size) {
    return Tensor.of(backend, inputs.indices(name, size, bound), size).named(name);
  }

  /**
   * What backward makes of a result: clears what leaves have, walks back, and lists the result with the leaves'
   * gradients.
   *
   * @param result computed from the leaves
   * @param gradient of the result
   */
  static List<Output> backward(Tensor result, Tensor gradient, List<Tensor> leaves) {
    leaves.forEach(Tensor::clearGradient);
    result.backward(gradient, false);
    return withGradients(new Output("output", result), leaves);
  }

  /** A result, and the gradients of leaves. */
  static List<Output> withGradients(Output result, List<Tensor> leaves) {
    List<Output> outputs = new ArrayList<>(leaves.size() + 1);
    outputs.add(result);
    for (Tensor leaf : leaves) {
      outputs.add(new Output("gradient of " + leaf.name(), leaf.gradient()));
    }
    return outputs;
  }

  /** Makes leaves require gradients where a work wants them. */
  static List<Tensor> leaves(boolean wanted, Tensor... tensors) {
    List<Tensor> leaves = List.of(tensors);
    leaves.forEach(leaf -> leaf.requiresGrad(wanted));
    return leaves;
  }
}
