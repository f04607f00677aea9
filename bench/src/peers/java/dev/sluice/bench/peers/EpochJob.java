package dev.sluice.bench.peers;

import static dev.sluice.bench.peers.Matrices.joined;

import dev.sluice.bench.work.Inputs;
import dev.sluice.bench.work.Job;
import dev.sluice.bench.work.Work;
import dev.sluice.data.Batch;
import dev.sluice.data.Batches;
import dev.sluice.data.DataException;
import dev.sluice.data.FashionMnist;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.function.Supplier;

/** An epoch of the classifier from its initial weights: a call per step, and its loss read. */
final class EpochJob<T> implements Job {
  private static final int GATES = 4 * Work.Epoch.HIDDEN;
  private static final List<Parameter> PARAMETERS = List.of(
      new Parameter("recurrence.weight_ih_l0", GATES, Work.Epoch.SIDE),
      new Parameter("recurrence.weight_hh_l0", GATES, Work.Epoch.HIDDEN),
      new Parameter("recurrence.bias_ih_l0", GATES),
      new Parameter("recurrence.bias_hh_l0", GATES),
      new Parameter("classifier.weight", FashionMnist.CLASSES, 2 * Work.Epoch.HIDDEN),
      new Parameter("classifier.bias", FashionMnist.CLASSES));

  /** A parameter by its name in a state dictionary. */
  private record Parameter(String name, long... shape) {
    int size() {
      long size = 1;
      for (long extent : shape) {
        size *= extent;
      }
      return Math.toIntExact(size);
    }
  }

  private final Engine<T> engine;
  private final Engine.Frame inputs;
  private final Batches batches;
  private final List<T> parameters;
  private final List<T> rest;
  private final Supplier<List<T>> start;

  EpochJob(Engine<T> engine, Work.Epoch work, Inputs drawn) {
    this.engine = engine;
    batches = new Batches(images().train().first(work.images()), Work.Epoch.BATCH, FashionMnist.SCALING);
    inputs = engine.open();
    parameters = zeros();
    List<T> state = joined(zeros(), zeros(), Matrices.counts(engine, PARAMETERS.size()));
    rest = joined(List.of(engine.tensor(new float[] {1})), state);
    double bound = 1 / Math.sqrt(Work.Epoch.HIDDEN);
    List<T> initial = PARAMETERS.stream()
        .map(p -> engine.tensor(drawn.uniform(p.name, p.size(), bound), p.shape))
        .toList();
    start = engine.bind("copy",
        joined(parameters, state, initial, zeros(), zeros(), Matrices.counts(engine, PARAMETERS.size())));
  }

  private List<T> zeros() {
    return PARAMETERS.stream().map(p -> engine.tensor(new float[p.size()], p.shape)).toList();
  }

  private static FashionMnist images() {
    try {
      Path folder = FashionMnist.locate(null).orElseThrow(
          () -> new DataException("Fashion-MNIST is not on this machine; " + FashionMnist.REMEDY));
      return FashionMnist.load(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void run() {
    train(batches.count());
  }

  private float[] train(int steps) {
    try (var _ = engine.open()) {
      start.get();
    }
    var losses = new float[steps];
    Iterator<Batch> each = batches.inOrder();
    for (int i = 0; i < steps; i++) {
      losses[i] = step(each.next());
    }
    return losses;
  }

  private float step(Batch batch) {
    try (var _ = engine.open()) {
      T images = engine.tensor(batch.images(), batch.size(), Work.Epoch.SIDE, Work.Epoch.SIDE);
      T labels = engine.indices(batch.labels());
      List<T> arguments = joined(List.of(images, labels), parameters, rest);
      return engine.values(engine.bind("train", arguments).get().getFirst())[0];
    }
  }

  @Override
  public List<Result> results() {
    return List.of(new Result("losses", train(Math.min(Work.Epoch.COMPARED, batches.count()))));
  }

  @Override
  public void close() {
    inputs.close();
  }
}
