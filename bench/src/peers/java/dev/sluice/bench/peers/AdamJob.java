package dev.sluice.bench.peers;

import static dev.sluice.bench.peers.Matrices.joined;

import dev.sluice.bench.work.Inputs;
import dev.sluice.bench.work.Job;
import dev.sluice.bench.work.Work;
import java.util.List;
import java.util.function.Supplier;

/** Adam with the same gradients at each step; parameters, moments and steps are carried on. */
final class AdamJob<T> implements Job {
  private final Engine<T> engine;
  private final Engine.Frame inputs;
  private final T first;
  private final Supplier<List<T>> start;
  private final Supplier<List<T>> step;

  AdamJob(Engine<T> engine, Work.AdamStep work, Inputs drawn) {
    this.engine = engine;
    inputs = engine.open();
    var matrices = new Matrices<>(engine, drawn, work.count(), work.width());
    List<T> parameters = matrices.zeros();
    first = parameters.getFirst();
    List<T> state = joined(matrices.zeros(), matrices.zeros(), matrices.counts());
    List<T> zeros = matrices.zeros();
    start = engine.bind(
        "copy", joined(parameters, state, matrices.drawn("parameter"), zeros, zeros, matrices.counts()));
    step = engine.bind("adam", joined(parameters, matrices.drawn("gradient"), state));
    start();
  }

  private void start() {
    try (var _ = engine.open()) {
      start.get();
    }
  }

  @Override
  public void run() {
    try (var _ = engine.open()) {
      step.get();
    }
  }

  @Override
  public List<Result> results() {
    start();
    run();
    var results = List.of(new Result("parameter0", engine.values(first)));
    start();
    return results;
  }

  @Override
  public void close() {
    inputs.close();
  }
}
