package dev.sluice.bench.peers;

import static dev.sluice.bench.peers.Matrices.joined;

import dev.sluice.bench.work.Inputs;
import dev.sluice.bench.work.Job;
import dev.sluice.bench.work.Work;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Clips the same gradients again and again, each time to half the norm that they then have, so that each time all have
 * to be scaled; before they get too small they are filled anew.
 */
final class ClipJob<T> implements Job {
  private final Engine<T> engine;
  private final Engine.Frame inputs;
  private final T first;
  private final Supplier<List<T>> fill;
  private final List<Supplier<List<T>>> clips;
  private int runs;

  ClipJob(Engine<T> engine, Work.ClipByNorm work, Inputs drawn) {
    this.engine = engine;
    inputs = engine.open();
    var matrices = new Matrices<>(engine, drawn, work.count(), work.width());
    List<T> gradients = matrices.zeros();
    first = gradients.getFirst();
    fill = engine.bind("copy", joined(gradients, matrices.drawn("gradient")));
    double norm = fillAndMeasure(gradients);
    clips = IntStream.rangeClosed(1, Work.ClipByNorm.HALVINGS)
        .mapToObj(halvings -> clip(gradients, Math.scalb(norm, -halvings)))
        .toList();
  }

  private Supplier<List<T>> clip(List<T> gradients, double maximum) {
    return engine.bind("clip", joined(gradients, List.of(engine.tensor(new float[] {(float) maximum}))));
  }

  private double fillAndMeasure(List<T> gradients) {
    fill();
    try (var _ = engine.open()) {
      return engine.values(clip(gradients, Float.MAX_VALUE).get().getFirst())[0];
    }
  }

  private void fill() {
    try (var _ = engine.open()) {
      fill.get();
    }
    runs = 0;
  }

  @Override
  public void run() {
    if (runs == Work.ClipByNorm.HALVINGS) {
      fill();
    }
    try (var _ = engine.open()) {
      clips.get(runs++).get();
    }
  }

  @Override
  public List<Result> results() {
    fill();
    try (var _ = engine.open()) {
      float[] norm = engine.values(clips.get(runs++).get().getFirst());
      return List.of(new Result("norm", norm), new Result("gradient0", engine.values(first)));
    }
  }

  @Override
  public void close() {
    inputs.close();
  }
}
