package dev.sluice.bench.train;

import dev.sluice.bench.terminal.Progress;
import dev.sluice.data.FashionMnist;
import dev.sluice.spi.Backend;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Watches a training step by step: training tells its progress of each step when that is done, on the thread that
 * trains.
 *
 * @param <T> what is noted after each step
 */
final class StepLog<T> implements Progress {
  private final Supplier<T> note;
  private final List<T> notes = new ArrayList<>();
  private final List<Double> losses = new ArrayList<>();

  private StepLog(Supplier<T> note) {
    this.note = note;
  }

  /** Trains a new model and notes something after each step. */
  static <T> StepLog<T> of(FashionConfiguration configuration, long seed, Backend backend, FashionMnist images,
      Supplier<T> note) {
    var log = new StepLog<>(note);
    new FashionTraining(configuration, seed, backend).run(images, (_, _) -> log, _ -> {});
    return log;
  }

  /** The loss of each step of a new model's training. */
  static List<Double> losses(FashionConfiguration configuration, long seed, Backend backend, FashionMnist images) {
    return of(configuration, seed, backend, images, () -> "").losses();
  }

  List<T> notes() {
    return notes;
  }

  List<Double> losses() {
    return losses;
  }

  @Override
  public void step(int samples, double loss) {
    losses.add(loss);
    notes.add(note.get());
  }

  @Override
  public void close() {}
}
