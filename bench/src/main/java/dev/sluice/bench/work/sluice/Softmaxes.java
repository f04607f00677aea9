package dev.sluice.bench.work.sluice;

import static dev.sluice.autograd.Softmax.softmax;

import dev.sluice.Shape;
import dev.sluice.Tensor;
import dev.sluice.bench.work.Pass;
import dev.sluice.bench.work.Work;
import dev.sluice.bench.work.sluice.Step.Output;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.SoftmaxSpec;
import java.util.List;

/** Softmax of rows, and its gradient alone from the weights that forward left. */
final class Softmaxes {
  private Softmaxes() {}

  static Step of(Work.Softmax work, Arguments arguments) {
    Tensor logits = arguments.uniform("logits", 4, work.rows(), work.width());
    if (work.pass() == Pass.FORWARD) {
      return () -> List.of(new Output("weights", softmax(logits, -1)));
    }
    Tensor gradient = arguments.uniform("gradient", 1, work.rows(), work.width());
    Tensor weights = softmax(logits, -1);
    var spec = new SoftmaxSpec(work.rows(), work.width(), false);
    Shape shape = logits.shape();
    return () -> {
      Tensor gradLogits = Tensor.allocate(arguments.backend(), ElementType.REAL, shape);
      arguments.backend().softmax()
          .softmaxBackward(spec, weights.buffer(), null, null, gradient.buffer(), gradLogits.buffer());
      return List.of(new Output("gradient of logits", gradLogits));
    };
  }
}
