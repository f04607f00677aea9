package dev.sluice.bench.work.sluice;

import dev.sluice.Backends;
import dev.sluice.Scope;
import dev.sluice.bench.work.Job;
import dev.sluice.spi.Backend;
import java.util.List;

/**
 * A step in a scope of its own, as in a training loop.
 *
 * @param backend does the step; closed with the job
 * @param before the backend that was selected before and is again after the job
 * @param step what is done
 */
record StepJob(Backend backend, Backend before, Step step) implements Job {
  @Override
  public void run() {
    try (Scope _ = Scope.open()) {
      step.run();
    }
  }

  @Override
  public List<Result> results() {
    try (Scope _ = Scope.open()) {
      return step.first().stream().map(output -> new Result(output.name(), output.tensor().toFloats())).toList();
    }
  }

  @Override
  public void close() {
    Backends.select(before);
    backend.close();
  }
}
