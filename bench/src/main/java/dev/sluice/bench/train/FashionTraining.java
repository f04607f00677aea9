package dev.sluice.bench.train;

import static dev.sluice.autograd.Losses.crossEntropy;
import static dev.sluice.autograd.Reductions.argmax;

import dev.sluice.Generator;
import dev.sluice.Scope;
import dev.sluice.Tape;
import dev.sluice.Tensor;
import dev.sluice.bench.terminal.Progress;
import dev.sluice.data.Batch;
import dev.sluice.data.Batches;
import dev.sluice.data.FashionMnist;
import dev.sluice.data.LabelledImages;
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
 * <p>A step copies one number to the host, its loss; the largest gradient norms are read once per epoch.
 */
public final class FashionTraining {
  private static final int READ_AHEAD = 4;

  private final FashionConfiguration configuration;
  private final long seed;
  private final Backend backend;
  private final FashionClassifier model;
  private final Clipper clipper;

  /**
   * Makes the model.
   *
   * @param configuration what to train
   * @param seed of initial values and the order of images
   * @param backend what computes
   * @throws dev.sluice.bench.UsageException if a pattern of {@code --clip range} matches no parameter
   */
  public FashionTraining(FashionConfiguration configuration, long seed, Backend backend) {
    this.configuration = configuration;
    this.seed = seed;
    this.backend = backend;
    this.model = new FashionClassifier(configuration, new Generator(seed));
    model.to(backend);
    this.clipper = new Clipper(configuration.clip(), model.namedParameters());
  }

  /** The model, trained as far as {@link #run} has come. */
  public FashionClassifier model() {
    return model;
  }

  /**
   * Trains over all epochs. To be called once.
   *
   * @param images the whole set; the configuration's limits apply
   * @param progress opens what shows the progress of an epoch: from its title and number of images
   * @param done told of every epoch
   * @throws DivergedException if a loss is not finite
   */
  public List<Report.Epoch> run(
      FashionMnist images, BiFunction<String, Integer, Progress> progress, Consumer<Report.Epoch> done) {
    Batches train = batches(images.train(), configuration.limitTrain());
    Batches test = batches(images.test(), configuration.limitTest());
    var adam = new Adam(model.parameters(), configuration.learningRate());
    var schedule = new CosineAnnealingLR(adam, configuration.epochs() * train.count());
    List<Report.Epoch> epochs = new ArrayList<>();
    for (int number = 1; number <= configuration.epochs(); number++) {
      long start = System.nanoTime();
      double loss;
      try (Progress shown = progress.apply("epoch " + number + "/" + configuration.epochs(), train.data().count())) {
        loss = train(number, train, adam, schedule, shown);
      }
      double seconds = (System.nanoTime() - start) / (double) TimeUnit.SECONDS.toNanos(1);
      Clipper.Norms norms = clipper.take();
      Figures figures = evaluate(test);
      var epoch = new Report.Epoch(number, loss, seconds, train.data().count() / seconds, norms.before(), norms.after(),
          figures.loss(), figures.accuracy());
      epochs.add(epoch);
      done.accept(epoch);
    }
    return epochs;
  }

  private Batches batches(LabelledImages images, Integer limit) {
    return new Batches(limit == null ? images : images.first(limit), configuration.batch(), FashionMnist.SCALING);
  }

  /** One epoch; returns its mean loss. */
  private double train(int epoch, Batches train, Adam adam, CosineAnnealingLR schedule, Progress progress) {
    model.train();
    double sum = 0;
    try (var batches = new Prefetcher<>(train.shuffled(seed, epoch), READ_AHEAD)) {
      while (batches.hasNext()) {
        Batch batch = batches.next();
        double loss = step(batch, adam);
        schedule.step();
        if (!Double.isFinite(loss)) {
          throw new DivergedException(epoch, loss);
        }
        sum += loss * batch.size();
        progress.step(batch.size(), loss);
      }
    }
    return sum / train.data().count();
  }

  private double step(Batch batch, Adam adam) {
    try (Scope scope = Scope.open()) {
      Tensor loss = crossEntropy(model.forward(images(batch)), labels(batch));
      adam.zeroGrad();
      loss.backward();
      clipper.clip(scope);
      adam.step();
      return loss.item();
    }
  }

  /** Mean loss and share of rightly classified images. */
  private record Figures(double loss, double accuracy) {}

  private Figures evaluate(Batches test) {
    model.eval();
    double sum = 0;
    int right = 0;
    try (Tape.NoGrad _ = Tape.noGrad(); var batches = new Prefetcher<>(test.inOrder(), READ_AHEAD)) {
      while (batches.hasNext()) {
        Batch batch = batches.next();
        try (Scope _ = Scope.open()) {
          Tensor logits = model.forward(images(batch));
          sum += crossEntropy(logits, labels(batch)).item() * batch.size();
          int[] classes = argmax(logits, 1).toInts();
          for (int i = 0; i < classes.length; i++) {
            right += classes[i] == batch.labels()[i] ? 1 : 0;
          }
        }
      }
    }
    return new Figures(sum / test.data().count(), right / (double) test.data().count());
  }

  private Tensor images(Batch batch) {
    return Tensor.of(backend, batch.images(), batch.size(), configuration.steps(), configuration.stepWidth());
  }

  private Tensor labels(Batch batch) {
    return Tensor.of(backend, batch.labels(), batch.size());
  }
}
