package dev.sluice.bench.train;

import dev.sluice.Generator;
import dev.sluice.Scope;
import dev.sluice.Tensor;
import dev.sluice.autograd.Losses;
import dev.sluice.bench.terminal.Progress;
import dev.sluice.optim.Adam;
import dev.sluice.optim.AdamOptions;
import dev.sluice.spi.Backend;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;

/**
 * Trains a {@link GraphClassifier}: Adam on the mean cross-entropy of the training's nodes, each step over the whole
 * graph, gradients clipped between backward and step. Everything random hangs on the seed.
 */
final class GraphTraining {
  /** As in the paper: few nodes train. */
  private static final double WEIGHT_DECAY = 5e-4;

  private final GraphConfiguration configuration;
  private final boolean neighbours;
  private final GraphClassifier model;
  private final Clipper clipper;
  private final GraphEvaluation evaluation;
  private final Course course = new Course();

  /**
   * Makes the model.
   *
   * @param configuration what to train
   * @param graph on what
   * @param neighbours whether nodes see their neighbours, or themselves alone
   * @param seed of initial values and dropout
   * @param backend what computes
   * @throws dev.sluice.bench.UsageException if a pattern of {@code --clip range} matches no parameter
   */
  GraphTraining(GraphConfiguration configuration, CommunityGraph graph, boolean neighbours, long seed,
      Backend backend) {
    this.configuration = configuration;
    this.neighbours = neighbours;
    this.model = new GraphClassifier(configuration, new Generator(seed));
    model.to(backend);
    this.clipper = new Clipper(configuration.clip(), model.namedParameters());
    this.evaluation = new GraphEvaluation(graph, backend);
  }

  /** The model, trained as far as {@link #run} has come. */
  GraphClassifier model() {
    return model;
  }

  /** The steps made so far, each over the whole graph. */
  Course course() {
    return course;
  }

  /**
   * Trains over all epochs. To be called once.
   *
   * @param progress opens what shows the progress: from its title and number of epochs
   * @throws DivergedException if a loss is not finite
   */
  GraphReport.Outcome run(BiFunction<String, Integer, Progress> progress) {
    AdamOptions options = AdamOptions.adam().withLr(configuration.learningRate()).withWeightDecay(WEIGHT_DECAY);
    var adam = new Adam(model.parameters(), options);
    int[] labels = evaluation.graph().labels(true, Losses.IGNORE_INDEX);
    long start = System.nanoTime();
    model.train();
    try (Progress shown = progress.apply(neighbours ? "with neighbours" : "without", configuration.epochs())) {
      for (int epoch = 1; epoch <= configuration.epochs(); epoch++) {
        Course.Step step = step(labels, adam);
        if (!Double.isFinite(step.loss())) {
          throw new DivergedException("epoch " + epoch, step.loss());
        }
        course.add(step);
        shown.step(1, step.loss());
      }
    }
    double seconds = (System.nanoTime() - start) / (double) TimeUnit.SECONDS.toNanos(1);
    Course.Stretch stretch = course.stretch();
    GraphEvaluation.Figures figures = evaluation.figures(model, neighbours);
    return new GraphReport.Outcome(course.steps().getLast().loss(), stretch.gradientNormBefore(),
        stretch.gradientNormAfter(), figures.loss(), figures.accuracy(), seconds);
  }

  private Course.Step step(int[] labels, Adam adam) {
    try (Scope _ = Scope.open()) {
      Tensor logits = model.forward(evaluation.features(), evaluation.adjacency(neighbours));
      Tensor loss = evaluation.loss(logits, labels);
      adam.zeroGrad();
      loss.backward();
      Clipper.Norms norms = clipper.clip();
      adam.step();
      return Course.Step.read(1, loss, norms);
    }
  }
}
