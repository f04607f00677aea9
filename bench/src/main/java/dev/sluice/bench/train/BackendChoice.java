package dev.sluice.bench.train;

import dev.sluice.BackendUnavailableException;
import dev.sluice.Backends;
import dev.sluice.bench.UsageException;
import dev.sluice.spi.Backend;
import dev.sluice.spi.BackendOptions;
import org.jspecify.annotations.Nullable;

/** Makes {@code --backend} and {@code --threads} the process's choice. */
final class BackendChoice {
  private BackendChoice() {}

  /**
   * Chooses the backend, and makes it what tensors are made on.
   *
   * @param name null for what the environment says, or else the automatic choice
   * @param threads null for what the environment says, or else the cores
   * @throws UsageException if there is no such backend, or it cannot be had on this machine
   */
  static Backend make(@Nullable String name, @Nullable Integer threads) {
    if (threads != null) {
      System.setProperty(BackendOptions.THREADS_PROPERTY, threads.toString());
    }
    try {
      Backend backend = name == null ? Backends.selected() : Backends.named(name);
      Backends.select(backend);
      return backend;
    } catch (IllegalArgumentException | BackendUnavailableException e) {
      throw new UsageException(e.getMessage());
    }
  }

  /** The worker threads of the chosen backend. */
  static int threads() {
    return BackendOptions.defaults().threads();
  }
}
