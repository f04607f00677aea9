package dev.sluice.bench.train;

import static dev.sluice.autograd.Shaping.stack;

import dev.sluice.Tape;
import dev.sluice.Tensor;
import java.util.ArrayList;
import java.util.List;

/** What the steps of a training were like, in order. */
final class Course {
  private final List<Step> steps = new ArrayList<>();
  private int told;

  /**
   * One step.
   *
   * @param samples how many it learned from
   * @param loss their mean loss
   * @param gradientNormBefore the norm of all gradients before clipping
   * @param gradientNormAfter the same after clipping
   */
  record Step(int samples, double loss, double gradientNormBefore, double gradientNormAfter) {
    /** Of scalars on a backend, which are copied to the host together, in one read. */
    static Step read(int samples, Tensor loss, Clipper.Norms norms) {
      try (Tape.NoGrad _ = Tape.noGrad()) {
        double[] read = stack(List.of(loss, norms.before(), norms.after()), 0).toDoubles();
        return new Step(samples, read[0], read[1], read[2]);
      }
    }
  }

  /**
   * Some steps in a row.
   *
   * @param loss mean over their samples
   * @param gradientNormBefore the largest of any step
   * @param gradientNormAfter the largest of any step
   */
  record Stretch(double loss, double gradientNormBefore, double gradientNormAfter) {}

  /** One more step is done. */
  void add(Step step) {
    steps.add(step);
  }

  /** All steps so far. */
  List<Step> steps() {
    return List.copyOf(steps);
  }

  /** The steps since the last call, at least one. */
  Stretch stretch() {
    Stretch stretch = stretch(steps.subList(told, steps.size()));
    told = steps.size();
    return stretch;
  }

  /** These steps, at least one. */
  static Stretch stretch(List<Step> steps) {
    double sum = 0;
    long samples = 0;
    double before = 0;
    double after = 0;
    for (Step step : steps) {
      sum += step.loss() * step.samples();
      samples += step.samples();
      before = Math.max(before, step.gradientNormBefore());
      after = Math.max(after, step.gradientNormAfter());
    }
    return new Stretch(sum / samples, before, after);
  }
}
