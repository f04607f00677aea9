package dev.sluice.bench.train;

import static dev.sluice.autograd.Losses.crossEntropy;

import dev.sluice.Generator;
import dev.sluice.Scope;
import dev.sluice.Tensor;
import dev.sluice.bench.UsageException;
import dev.sluice.bench.terminal.Progress;
import dev.sluice.data.Batch;
import dev.sluice.data.Batches;
import dev.sluice.data.FashionMnist;
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
 * Trains a {@link FashionClassifier}: Adam on the mean cross-entropy, its rate falling along half a cosine from
 * {@code learningRate} to 0 over all steps, gradients clipped between backward and step. Everything random hangs on the
 * seed.
 *
 * <p>A step copies to the host once, its loss with the norms of its gradients (and per layer of an independent
 * recurrence the weights that it bounds and a count of batches).
 */
public final class FashionTraining {
  private static final int READ_AHEAD = 4;

  private final FashionConfiguration configuration;
  private final long seed;
  private final FashionClassifier model;
  private final Clipper clipper;
  private final FashionEvaluation evaluation;
  private final Course course = new Course();

  /**
   * Makes the model.
   *
   * @param configuration what to train
   * @param seed of initial values and the order of images
   * @param backend what computes
   * @throws UsageException if a pattern of {@code --clip range} matches no parameter
   */
  public FashionTraining(FashionConfiguration configuration, long seed, Backend backend) {
    this.configuration = configuration;
    this.seed = seed;
    this.evaluation = new FashionEvaluation(configuration, backend);
    this.model = new FashionClassifier(configuration, new Generator(seed));
    model.to(backend);
    this.clipper = new Clipper(configuration.clip(), model.namedParameters());
  }

  /** The model, trained as far as {@link #run} has come. */
  public FashionClassifier model() {
    return model;
  }

  /** The test, as it was made after every epoch. */
  FashionEvaluation evaluation() {
    return evaluation;
  }

  /** The steps made so far. */
  Course course() {
    return course;
  }

  /**
   * Trains over all epochs. To be called once.
   *
   * @param images the whole set; the configuration's limits apply
   * @param progress opens what shows the progress of an epoch: from its title and number of images
   * @param done told of every epoch
   * @throws UsageException if normalization of each step finds a batch of one image
   * @throws DivergedException if a loss is not finite
   */
  public List<FashionReport.Epoch> run(
      FashionMnist images, BiFunction<String, Integer, Progress> progress, Consumer<FashionReport.Epoch> done) {
    Batches train = evaluation.batches(images.train(), configuration.limitTrain());
    requireStatistics(train.data().count());
    var adam = new Adam(model.parameters(), configuration.learningRate());
    var schedule = new CosineAnnealingLR(adam, configuration.epochs() * train.count());
    List<FashionReport.Epoch> epochs = new ArrayList<>();
    for (int number = 1; number <= configuration.epochs(); number++) {
      long start = System.nanoTime();
      try (Progress shown = progress.apply("epoch " + number + "/" + configuration.epochs(), train.data().count())) {
        train(number, train, adam, schedule, shown);
      }
      double seconds = (System.nanoTime() - start) / (double) TimeUnit.SECONDS.toNanos(1);
      Course.Stretch steps = course.stretch();
      FashionEvaluation.Figures figures = evaluation.figures(model, images);
      var epoch = new FashionReport.Epoch(number, steps.loss(), seconds, train.data().count() / seconds,
          steps.gradientNormBefore(), steps.gradientNormAfter(), figures.loss(), figures.accuracy());
      epochs.add(epoch);
      done.accept(epoch);
    }
    return epochs;
  }

  private void requireStatistics(int images) {
    if (configuration.batchNorm() == BatchNormKind.STEP && images % configuration.batch() == 1) {
      throw new UsageException("--batch " + configuration.batch() + " leaves one of " + images
          + " training images to a batch of its own, of which --batch-norm step has no statistics; wanted another one");
    }
  }

  private void train(int epoch, Batches train, Adam adam, CosineAnnealingLR schedule, Progress progress) {
    model.train();
    try (var batches = new Prefetcher<>(train.shuffled(seed, epoch), READ_AHEAD)) {
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

  private Course.Step step(Batch batch, Adam adam) {
    try (Scope _ = Scope.open()) {
      Tensor logits = model.forward(evaluation.images(batch));
      Tensor labels = evaluation.labels(batch);
      Tensor loss = crossEntropy(logits, labels);
      adam.zeroGrad();
      loss.backward();
      Clipper.Norms norms = clipper.clip();
      adam.step();
      return Course.Step.read(batch.size(), loss, Course.accuracy(logits, labels), norms);
    }
  }
}
