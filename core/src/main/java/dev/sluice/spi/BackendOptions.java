package dev.sluice.spi;

/**
 * How a backend is to be made.
 *
 * @param threads worker threads of a CPU backend, at least 1
 * @param device which of the host's devices a backend of devices takes, from 0
 */
public record BackendOptions(int threads, int device) {
  /** The property that sets the number of threads. */
  public static final String THREADS_PROPERTY = "sluice.threads";

  public BackendOptions {
    Sizes.require(threads >= 1, "backend", "threads is " + threads, "1 or more");
    Sizes.atLeast("backend", "device", device, 0);
  }

  /** So many threads, on the first device. */
  public BackendOptions(int threads) {
    this(threads, 0);
  }

  /** The same on another device. */
  public BackendOptions withDevice(int other) {
    return new BackendOptions(threads, other);
  }

  /** Threads by {@value #THREADS_PROPERTY}, else one per core. */
  public static BackendOptions defaults() {
    String threads = System.getProperty(THREADS_PROPERTY);
    if (threads == null) {
      return new BackendOptions(Runtime.getRuntime().availableProcessors());
    }
    try {
      return new BackendOptions(Integer.parseInt(threads));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("backend: " + THREADS_PROPERTY + " is " + threads + ", wanted 1 or more", e);
    }
  }
}
