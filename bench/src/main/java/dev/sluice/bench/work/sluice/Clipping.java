package dev.sluice.bench.work.sluice;

import static dev.sluice.optim.GradientClipping.clipGradNorm;
import static dev.sluice.optim.GradientClipping.getTotalNorm;

import dev.sluice.Tensor;
import dev.sluice.bench.work.Work;
import java.util.List;

/**
 * Clipping by norm, which leaves gradients of the maximal norm: so that the next run clips as much, its maximum is half
 * as large. Gradients are filled anew before they come near what is too small for a float.
 */
final class Clipping implements Step {
  private final Gradients gradients;
  private final double norm;
  private int halvings;

  Clipping(Work.ClipByNorm work, Arguments arguments) {
    gradients = new Gradients(arguments, work.count(), work.width());
    norm = getTotalNorm(gradients.parameters().stream().map(Tensor::gradient).toList()).item();
  }

  @Override
  public List<Output> run() {
    if (halvings == Work.ClipByNorm.HALVINGS) {
      gradients.fill();
      halvings = 0;
    }
    halvings++;
    Tensor before = clipGradNorm(gradients.parameters(), Math.scalb(norm, -halvings));
    return List.of(new Output("norm", before), new Output("gradient0", gradients.parameters().getFirst().gradient()));
  }

  @Override
  public List<Output> first() {
    halvings = Work.ClipByNorm.HALVINGS;
    return run();
  }
}
