package dev.sluice.bench.work.sluice;

import dev.sluice.Tensor;
import dev.sluice.bench.work.Work;
import dev.sluice.optim.Adam;
import java.util.List;

/** Steps of Adam, one after the other. */
final class AdamSteps implements Step {
  private static final double LEARNING_RATE = 1e-3;

  private final List<Tensor> parameters;
  private final Adam adam;
  private final Tensor afterFirst;

  AdamSteps(Work.AdamStep work, Arguments arguments) {
    parameters = new Gradients(arguments, work.count(), work.width()).parameters();
    adam = new Adam(parameters, LEARNING_RATE);
    adam.step();
    Tensor first = parameters.getFirst();
    afterFirst = Tensor.of(arguments.backend(), first.toFloats(), first.shape().toArray());
  }

  @Override
  public List<Output> run() {
    adam.step();
    return List.of(new Output("parameter0", parameters.getFirst()));
  }

  @Override
  public List<Output> first() {
    return List.of(new Output("parameter0", afterFirst));
  }
}
