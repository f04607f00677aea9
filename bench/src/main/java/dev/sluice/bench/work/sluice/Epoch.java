package dev.sluice.bench.work.sluice;

import static dev.sluice.autograd.Losses.crossEntropy;
import static dev.sluice.optim.GradientClipping.clipGradNorm;

import dev.sluice.Generator;
import dev.sluice.Scope;
import dev.sluice.Shape;
import dev.sluice.Tensor;
import dev.sluice.bench.work.Work;
import dev.sluice.data.Batch;
import dev.sluice.data.Batches;
import dev.sluice.data.FashionMnist;
import dev.sluice.data.LabelledImages;
import dev.sluice.nn.HostTensor;
import dev.sluice.nn.Linear;
import dev.sluice.nn.Module;
import dev.sluice.nn.StateDict;
import dev.sluice.nn.attention.Query;
import dev.sluice.nn.attention.Score;
import dev.sluice.nn.attention.SoftAttention;
import dev.sluice.nn.recurrent.LSTM;
import dev.sluice.nn.recurrent.RecurrentOptions;
import dev.sluice.optim.Adam;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A training over all images once, from the same weights each time, in the order of the file and without a second
 * thread that reads ahead.
 */
final class Epoch implements Step {
  private static final double LEARNING_RATE = 1e-3;
  private static final double MAX_NORM = 1;

  private static final class Classifier extends Module {
    private final LSTM recurrence;
    private final SoftAttention attention;
    private final Linear classifier;

    Classifier(Generator generator) {
      var options = RecurrentOptions.of(Work.Epoch.SIDE, Work.Epoch.HIDDEN).withBatchFirst(true);
      recurrence = register("recurrence", new LSTM(options, generator));
      attention = register("attention", new SoftAttention(recurrence, Score.SCALED, Query.LAST, generator));
      classifier = register("classifier", new Linear(2 * Work.Epoch.HIDDEN, FashionMnist.CLASSES, generator));
    }

    Tensor forward(Tensor images) {
      return classifier.forward(attention.forward(recurrence.forward(images)).output());
    }
  }

  private final Arguments arguments;
  private final Batches batches;
  private final Classifier model;
  private final StateDict initial;

  Epoch(LabelledImages images, Arguments arguments) {
    this.arguments = arguments;
    batches = new Batches(images, Work.Epoch.BATCH, FashionMnist.SCALING);
    model = new Classifier(new Generator(1));
    model.to(arguments.backend());
    double bound = 1 / Math.sqrt(Work.Epoch.HIDDEN);
    Map<String, HostTensor> weights = new LinkedHashMap<>();
    model.namedParameters().forEach((name, parameter) -> {
      Shape shape = parameter.shape();
      weights.put(name,
          new HostTensor.Floats(shape, arguments.inputs().uniform(name, shape.elements(), bound)));
    });
    initial = new StateDict(weights);
  }

  @Override
  public List<Output> run() {
    return train(batches.count());
  }

  @Override
  public List<Output> first() {
    return train(Math.min(Work.Epoch.COMPARED, batches.count()));
  }

  private List<Output> train(int steps) {
    model.loadStateDict(initial, true);
    var adam = new Adam(model.parameters(), LEARNING_RATE);
    List<Double> losses = new ArrayList<>(steps);
    Iterator<Batch> read = batches.inOrder();
    for (int i = 0; i < steps; i++) {
      losses.add(step(read.next(), adam));
    }
    double[] compared = losses.stream().limit(Work.Epoch.COMPARED).mapToDouble(loss -> loss).toArray();
    return List.of(new Output("losses", Tensor.of(arguments.backend(), compared)));
  }

  private double step(Batch batch, Adam adam) {
    try (Scope _ = Scope.open()) {
      Tensor images = Tensor.of(
          arguments.backend(), batch.images(), batch.size(), Work.Epoch.SIDE, Work.Epoch.SIDE);
      Tensor loss = crossEntropy(model.forward(images), Tensor.of(arguments.backend(), batch.labels()));
      adam.zeroGrad();
      loss.backward();
      clipGradNorm(model.parameters(), MAX_NORM);
      adam.step();
      return loss.item();
    }
  }
}
