package dev.sluice.bench.peers;

import dev.sluice.bench.work.Job;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** A work without a state: one call. */
final class CallJob<T> implements Job {
  private final Engine<T> engine;
  private final Engine.Frame inputs;
  private final List<String> names;
  private final Supplier<List<T>> call;

  CallJob(Engine<T> engine, Supplier<Plan<T>> planning) {
    this.engine = engine;
    inputs = engine.open();
    Plan<T> plan = planning.get();
    names = plan.results();
    call = Fastest.of(
        Stream.of(plan.methods()).map(method -> engine.bind(method, plan.arguments())).toList(), this::run);
  }

  private void run(Supplier<List<T>> way) {
    try (var _ = engine.open()) {
      way.get();
    }
  }

  @Override
  public void run() {
    run(call);
  }

  @Override
  public List<Result> results() {
    try (var _ = engine.open()) {
      List<T> tensors = call.get();
      List<Result> results = new ArrayList<>();
      for (int i = 0; i < names.size(); i++) {
        results.add(new Result(names.get(i), engine.values(tensors.get(i))));
      }
      return results;
    }
  }

  @Override
  public void close() {
    inputs.close();
  }
}
