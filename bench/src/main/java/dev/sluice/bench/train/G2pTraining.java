package dev.sluice.bench.train;

import dev.sluice.Generator;
import dev.sluice.Scope;
import dev.sluice.Tensor;
import dev.sluice.bench.terminal.Progress;
import dev.sluice.optim.Adam;
import dev.sluice.optim.CosineAnnealingLR;
import dev.sluice.spi.Backend;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/**
 * Trains a {@link G2pModel}: Adam on the mean cross-entropy under teacher forcing, its rate falling along half a cosine
 * from {@code learningRate} to 0 over all steps, gradients clipped between backward and step. A batch holds words of
 * nearly the same length. After each epoch the validation words are pronounced. Everything random hangs on the seed.
 */
final class G2pTraining {
  private final G2pConfiguration configuration;
  private final long seed;
  private final G2pModel model;
  private final Clipper clipper;
  private final G2pEvaluation evaluation;
  private final Course course = new Course();

  /**
   * Makes the model.
   *
   * @param configuration what to train
   * @param seed of initial values, batches and dropout
   * @param backend what computes
   * @throws dev.sluice.bench.UsageException if a pattern of {@code --clip range} matches no parameter
   */
  G2pTraining(G2pConfiguration configuration, long seed, Backend backend) {
    this.configuration = configuration;
    this.seed = seed;
    this.model = G2pModel.make(configuration, new Generator(seed));
    model.to(backend);
    this.clipper = new Clipper(configuration.options().clip(), model.namedParameters());
    this.evaluation = new G2pEvaluation(configuration);
  }

  /** The model, trained as far as {@link #run} has come. */
  G2pModel model() {
    return model;
  }

  /** The steps made so far. */
  Course course() {
    return course;
  }

  /** What pronounces the test's words. */
  G2pEvaluation evaluation() {
    return evaluation;
  }

  /**
   * Trains over all epochs. To be called once.
   *
   * @param split the words, limited already
   * @param progress opens what shows the progress of an epoch: from its title and number of pronunciations
   * @param done told of every epoch
   * @throws DivergedException if a loss is not finite
   */
  List<G2pReport.Epoch> run(DictionarySplit split, BiFunction<String, Integer, Progress> progress,
      Consumer<G2pReport.Epoch> done) {
    int pronunciations = G2pReport.Words.of(split).trainPronunciations();
    int total = configuration.options().epochs();
    var adam = new Adam(model.parameters(), configuration.options().learningRate());
    var schedule =
        new CosineAnnealingLR(adam, total * Math.ceilDiv(pronunciations, configuration.options().batch()));
    List<G2pReport.Epoch> epochs = new ArrayList<>();
    for (int number = 1; number <= total; number++) {
      long start = System.nanoTime();
      try (Progress shown = progress.apply("epoch " + number + "/" + total, pronunciations)) {
        train(number, split.train(), adam, schedule, shown);
      }
      double seconds = (System.nanoTime() - start) / (double) TimeUnit.SECONDS.toNanos(1);
      Course.Stretch stretch = course.stretch();
      G2pErrors errors = evaluation.errors(model, split.validation(), 1);
      var epoch = new G2pReport.Epoch(number, stretch.loss(), seconds, pronunciations / seconds,
          stretch.gradientNormBefore(), stretch.gradientNormAfter(), errors.phonemeErrorRate(), errors.wordErrorRate());
      epochs.add(epoch);
      done.accept(epoch);
    }
    return epochs;
  }

  private void train(int epoch, List<Word> words, Adam adam, CosineAnnealingLR schedule, Progress progress) {
    model.train();
    G2pOptions options = configuration.options();
    for (G2pBatch batch : G2pBatch.shuffled(words, configuration.vocabulary(), options.batch(), seed, epoch)) {
      Course.Step step = step(batch, adam);
      schedule.step();
      if (!Double.isFinite(step.loss())) {
        throw new DivergedException("epoch " + epoch, step.loss());
      }
      course.add(step);
      progress.step(step.samples(), step.loss());
    }
  }

  private Course.Step step(G2pBatch batch, Adam adam) {
    try (Scope _ = Scope.open()) {
      Tensor loss = model.loss(batch, configuration.options().labelSmoothing());
      adam.zeroGrad();
      loss.backward();
      Clipper.Norms norms = clipper.clip();
      adam.step();
      return Course.Step.read(batch.size(), loss, norms);
    }
  }
}
