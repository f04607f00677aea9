package dev.sluice.bench.peers;

import dev.sluice.bench.work.Inputs;
import dev.sluice.bench.work.Job;
import dev.sluice.bench.work.Performer;
import dev.sluice.bench.work.Work;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Does the works by the methods of works.py, all of them. How many threads are used is libtorch's own matter: it reads
 * OMP_NUM_THREADS, and its matrix products OPENBLAS_NUM_THREADS or MKL_NUM_THREADS, when the process starts.
 *
 * @param <T> the engine's tensors
 */
abstract class EnginePerformer<T> implements Performer {
  private final String name;
  private final Supplier<Engine<T>> load;
  private @Nullable Engine<T> loaded;

  EnginePerformer(String name, Supplier<Engine<T>> load) {
    this.name = name;
    this.load = load;
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final boolean can(Work work) {
    return true;
  }

  @Override
  public final Job prepare(Work work, int threads) {
    Engine<T> engine = loaded == null ? load.get() : loaded;
    loaded = engine;
    var inputs = new Inputs(work);
    return switch (work) {
      case Work.ClipByNorm clip -> new ClipJob<>(engine, clip, inputs);
      case Work.AdamStep step -> new AdamJob<>(engine, step, inputs);
      case Work.Epoch epoch -> new EpochJob<>(engine, epoch, inputs);
      default -> new CallJob<>(engine, () -> new Plans<>(engine, inputs).of(work));
    };
  }
}
