package dev.sluice.bench.train;

import dev.sluice.Generator;
import dev.sluice.Scope;
import dev.sluice.Tensor;
import dev.sluice.bench.terminal.Progress;
import dev.sluice.data.Prefetcher;
import dev.sluice.optim.Adam;
import dev.sluice.spi.Backend;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/**
 * Trains an {@link AddingModel}: Adam on the mean squared error of sequences that are drawn as they are needed,
 * gradients clipped between backward and step. Every so many iterations it looks at the test, and ends when the target
 * is reached. Everything random hangs on the seed.
 */
final class AddingTraining {
  private static final int READ_AHEAD = 4;

  private final AddingConfiguration configuration;
  private final long seed;
  private final AddingModel model;
  private final Clipper clipper;
  private final AddingProblem problem;
  private final AddingEvaluation evaluation;
  private final Course course = new Course();

  /**
   * Makes the model.
   *
   * @param configuration what to train
   * @param seed of initial values and sequences
   * @param backend what computes
   * @throws dev.sluice.bench.UsageException if a pattern of {@code --clip range} matches no parameter
   */
  AddingTraining(AddingConfiguration configuration, long seed, Backend backend) {
    this.configuration = configuration;
    this.seed = seed;
    this.model = new AddingModel(configuration, new Generator(seed));
    model.to(backend);
    this.clipper = new Clipper(configuration.clip(), model.namedParameters());
    this.problem = new AddingProblem(configuration.steps(), configuration.batch());
    this.evaluation = new AddingEvaluation(problem, backend);
  }

  /** The model, trained as far as {@link #run} has come. */
  AddingModel model() {
    return model;
  }

  /** The steps made so far. */
  Course course() {
    return course;
  }

  /**
   * Trains until the target is reached, or no iteration is left. To be called once.
   *
   * @param progress opens what shows the progress of a round: from its title and number of sequences
   * @param done told of every round
   * @return the rounds from one look at the test to the next
   * @throws DivergedException if a loss is not finite
   */
  List<AddingReport.Round> run(BiFunction<String, Integer, Progress> progress, Consumer<AddingReport.Round> done) {
    var adam = new Adam(model.parameters(), configuration.learningRate());
    List<AddingReport.Round> rounds = new ArrayList<>();
    try (var batches = new Prefetcher<>(problem.training(seed), READ_AHEAD)) {
      for (int before = 0; before < configuration.iterations() && !reached(rounds);) {
        int after = Math.min(before + configuration.evaluateEvery(), configuration.iterations());
        String title = "iteration " + after + "/" + configuration.iterations();
        long start = System.nanoTime();
        try (Progress shown = progress.apply(title, (after - before) * configuration.batch())) {
          train(before, after, batches, adam, shown);
        }
        double seconds = (System.nanoTime() - start) / (double) TimeUnit.SECONDS.toNanos(1);
        Course.Stretch steps = course.stretch();
        var round = new AddingReport.Round(after, steps.loss(), seconds, (after - before) / seconds,
            steps.gradientNormBefore(), steps.gradientNormAfter(), evaluation.loss(model));
        rounds.add(round);
        done.accept(round);
        before = after;
      }
    }
    return rounds;
  }

  private boolean reached(List<AddingReport.Round> rounds) {
    return !rounds.isEmpty() && rounds.getLast().testLoss() < configuration.target();
  }

  private void train(int before, int after, Prefetcher<AddingSequences> batches, Adam adam, Progress progress) {
    model.train();
    for (int iteration = before + 1; iteration <= after; iteration++) {
      Course.Step step = step(batches.next(), adam);
      if (!Double.isFinite(step.loss())) {
        throw new DivergedException("iteration " + iteration, step.loss());
      }
      course.add(step);
      progress.step(step.samples(), step.loss());
    }
  }

  private Course.Step step(AddingSequences batch, Adam adam) {
    try (Scope _ = Scope.open()) {
      Tensor loss = evaluation.loss(model, batch);
      adam.zeroGrad();
      loss.backward();
      Clipper.Norms norms = clipper.clip();
      adam.step();
      return Course.Step.read(batch.size(), loss, norms);
    }
  }
}
