package dev.sluice.bench.train;

import static dev.sluice.autograd.Arithmetic.div;
import static dev.sluice.autograd.Arithmetic.mul;
import static dev.sluice.autograd.Embeddings.embedding;
import static dev.sluice.autograd.Reductions.sum;
import static dev.sluice.autograd.Shaping.stack;
import static dev.sluice.autograd.Softmax.select;
import static dev.sluice.autograd.Softmax.softmax;

import dev.sluice.Tape;
import dev.sluice.Tensor;
import dev.sluice.autograd.Selecting;
import dev.sluice.spi.EmbeddingSpec;
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
   * @param accuracy the share of them that was answered rightly, before the step; NaN where nothing is classified
   * @param gradientNormBefore the norm of all gradients before clipping
   * @param gradientNormAfter the same after clipping
   */
  record Step(int samples, double loss, double accuracy, double gradientNormBefore, double gradientNormAfter) {
    /** Of scalars on a backend, which are copied to the host together, in one read. */
    static Step read(int samples, Tensor loss, Clipper.Norms norms) {
      double[] read = read(List.of(loss, norms.before(), norms.after()));
      return new Step(samples, read[0], Double.NaN, read[1], read[2]);
    }

    /** The same of a step that classifies. */
    static Step read(int samples, Tensor loss, Tensor accuracy, Clipper.Norms norms) {
      double[] read = read(List.of(loss, norms.before(), norms.after(), accuracy));
      return new Step(samples, read[0], read[3], read[1], read[2]);
    }

    private static double[] read(List<Tensor> scalars) {
      try (Tape.NoGrad _ = Tape.noGrad()) {
        return stack(scalars, 0).toDoubles();
      }
    }
  }

  /**
   * The share of rows whose largest logit is that of their label: a scalar that stays where they are.
   *
   * @param logits (rows, classes)
   * @param labels INT32 (rows)
   */
  static Tensor accuracy(Tensor logits, Tensor labels) {
    try (Tape.NoGrad _ = Tape.noGrad()) {
      int classes = logits.size(1);
      float[] ones = new float[classes * classes];
      for (int i = 0; i < classes; i++) {
        ones[i * classes + i] = 1;
      }
      Tensor wanted = embedding(labels, Tensor.of(logits.backend(), ones, classes, classes), EmbeddingSpec.NO_PADDING);
      Tensor taken = select(softmax(logits, 1), Selecting.ARG_MAX);
      return div(sum(mul(taken, wanted)), logits.size(0));
    }
  }

  /**
   * Some steps in a row.
   *
   * @param loss mean over their samples
   * @param accuracy likewise
   * @param gradientNormBefore the largest of any step
   * @param gradientNormAfter the largest of any step
   */
  record Stretch(double loss, double accuracy, double gradientNormBefore, double gradientNormAfter) {}

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
    double right = 0;
    long samples = 0;
    double before = 0;
    double after = 0;
    for (Step step : steps) {
      sum += step.loss() * step.samples();
      right += step.accuracy() * step.samples();
      samples += step.samples();
      before = Math.max(before, step.gradientNormBefore());
      after = Math.max(after, step.gradientNormAfter());
    }
    return new Stretch(sum / samples, right / samples, before, after);
  }
}
