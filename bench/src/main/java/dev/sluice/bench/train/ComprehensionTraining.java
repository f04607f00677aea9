package dev.sluice.bench.train;

import static dev.sluice.autograd.Losses.crossEntropy;

import dev.sluice.Generator;
import dev.sluice.Scope;
import dev.sluice.Tensor;
import dev.sluice.bench.story.Stories;
import dev.sluice.bench.terminal.Progress;
import dev.sluice.data.Prefetcher;
import dev.sluice.optim.Adam;
import dev.sluice.optim.CosineAnnealingLR;
import dev.sluice.spi.Backend;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/**
 * Trains a {@link ComprehensionModel}: Adam on the mean cross-entropy over the candidates, its rate falling along half
 * a cosine to 0 over all steps, gradients clipped between backward and step. Every epoch draws stories of its own.
 * Everything random hangs on the seed.
 */
final class ComprehensionTraining {
  private static final int READ_AHEAD = 4;

  private final ComprehensionConfiguration configuration;
  private final long seed;
  private final Backend backend;
  private final ComprehensionModel model;
  private final Clipper clipper;
  private final ComprehensionEvaluation evaluation;
  private final Course course = new Course();

  /**
   * Makes the model.
   *
   * @param configuration what to train
   * @param seed of initial values and stories
   * @param backend what computes
   * @throws dev.sluice.bench.UsageException if a pattern of {@code --clip range} matches no parameter
   */
  ComprehensionTraining(ComprehensionConfiguration configuration, long seed, Backend backend) {
    this.configuration = configuration;
    this.seed = seed;
    this.backend = backend;
    this.model = new ComprehensionModel(configuration, new Generator(seed));
    model.to(backend);
    this.clipper = new Clipper(configuration.clip(), model.namedParameters());
    this.evaluation = new ComprehensionEvaluation(configuration, backend);
  }

  /** The model, trained as far as {@link #run} has come. */
  ComprehensionModel model() {
    return model;
  }

  /** The steps made so far. */
  Course course() {
    return course;
  }

  /** The test, as it was asked after every epoch. */
  ComprehensionEvaluation evaluation() {
    return evaluation;
  }

  /**
   * Trains over all epochs. To be called once.
   *
   * @param progress opens what shows the progress of an epoch: from its title and number of questions
   * @param done told of every epoch, and of what the test said after it
   * @throws DivergedException if a loss is not finite
   */
  List<ComprehensionReport.Epoch> run(BiFunction<String, Integer, Progress> progress,
      Consumer<ComprehensionReport.Epoch> done) {
    int questions = configuration.questions();
    var adam = new Adam(model.parameters(), configuration.learningRate());
    int steps = Math.ceilDiv(questions, configuration.batch());
    var schedule = new CosineAnnealingLR(adam, configuration.epochs() * steps);
    List<ComprehensionReport.Epoch> epochs = new ArrayList<>();
    for (int number = 1; number <= configuration.epochs(); number++) {
      long start = System.nanoTime();
      try (Progress shown = progress.apply("epoch " + number + "/" + configuration.epochs(), questions)) {
        train(number, adam, schedule, shown);
      }
      double seconds = (System.nanoTime() - start) / (double) TimeUnit.SECONDS.toNanos(1);
      Course.Stretch stretch = course.stretch();
      ComprehensionEvaluation.Figures figures = evaluation.figures(model);
      var epoch = new ComprehensionReport.Epoch(number, stretch.loss(), seconds, questions / seconds,
          stretch.gradientNormBefore(), stretch.gradientNormAfter(), figures.loss(), figures.accuracy(),
          figures.oneFactAccuracy());
      epochs.add(epoch);
      done.accept(epoch);
    }
    return epochs;
  }

  private void train(int epoch, Adam adam, CosineAnnealingLR schedule, Progress progress) {
    model.train();
    var drawn = StoryBatch.cut(Stories.training(configuration.questions(), seed, epoch), configuration.batch());
    try (var batches = new Prefetcher<>(drawn, READ_AHEAD)) {
      while (batches.hasNext()) {
        Course.Step step = step(batches.next(), adam);
        schedule.step();
        if (!Double.isFinite(step.loss())) {
          throw new DivergedException("epoch " + epoch, step.loss());
        }
        course.add(step);
        progress.step(step.samples(), step.loss());
      }
    }
  }

  private Course.Step step(StoryBatch batch, Adam adam) {
    try (Scope _ = Scope.open()) {
      Tensor logits = model.forward(StoryTensors.of(batch, backend)).logits();
      Tensor answers = evaluation.answers(batch);
      Tensor loss = crossEntropy(logits, answers);
      adam.zeroGrad();
      loss.backward();
      Clipper.Norms norms = clipper.clip();
      adam.step();
      return Course.Step.read(batch.size(), loss, Course.accuracy(logits, answers), norms);
    }
  }
}
