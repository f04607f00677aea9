package dev.sluice.bench.work.sluice;

import static dev.sluice.autograd.Losses.crossEntropy;

import dev.sluice.Shape;
import dev.sluice.Tensor;
import dev.sluice.bench.work.Work;
import dev.sluice.bench.work.sluice.Step.Output;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.EmbeddingSpec;
import java.util.List;

/** What large vocabularies need: the loss over them, and the gradient of the table that is looked up. */
final class Classes {
  private Classes() {}

  static Step of(Work.CrossEntropy work, Arguments arguments) {
    Tensor logits = arguments.uniform("logits", 4, work.rows(), work.classes());
    Tensor labels = arguments.indices("labels", work.classes(), work.rows());
    List<Tensor> leaves = Arguments.leaves(true, logits);
    return () -> {
      logits.clearGradient();
      Tensor loss = crossEntropy(logits, labels);
      loss.backward();
      return Arguments.withGradients(new Output("loss", loss), leaves);
    };
  }

  static Step of(Work.EmbeddingGradient work, Arguments arguments) {
    Tensor tokens = arguments.indices("tokens", work.classes(), work.tokens());
    Tensor gradient = arguments.uniform("gradient", 1, work.tokens(), work.width());
    var spec = new EmbeddingSpec(work.tokens(), work.classes(), work.width(), EmbeddingSpec.NO_PADDING);
    Shape table = Shape.of(work.classes(), work.width());
    return () -> {
      Tensor gradTable = Tensor.allocate(arguments.backend(), ElementType.REAL, table);
      arguments.backend().embedding()
          .embeddingBackward(spec, tokens.buffer(), gradient.buffer(), gradTable.buffer());
      return List.of(new Output("gradient of table", gradTable));
    };
  }
}
