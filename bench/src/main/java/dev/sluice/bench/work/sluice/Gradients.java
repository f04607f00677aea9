package dev.sluice.bench.work.sluice;

import dev.sluice.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Square parameters with gradients, which can be given anew. */
final class Gradients {
  private final Arguments arguments;
  private final List<Tensor> parameters = new ArrayList<>();
  private final List<float[]> values = new ArrayList<>();

  Gradients(Arguments arguments, int count, int width) {
    this.arguments = arguments;
    for (int i = 0; i < count; i++) {
      Tensor parameter = arguments.uniform("parameter" + i, 1, width, width).requiresGrad(true);
      values.add(arguments.inputs().uniform("gradient" + i, width * width, 1));
      parameter.backward(Tensor.of(arguments.backend(), values.getLast(), width, width), false);
      parameters.add(parameter);
    }
  }

  List<Tensor> parameters() {
    return parameters;
  }

  /** Gives the gradients their first values. */
  void fill() {
    for (int i = 0; i < values.size(); i++) {
      Tensor gradient = parameters.get(i).gradient();
      arguments.backend().write(values.get(i), 0, gradient.buffer(), 0, gradient.elements());
      gradient.markModified();
    }
  }
}
