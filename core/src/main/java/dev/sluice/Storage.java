package dev.sluice;

import dev.sluice.spi.Backend;
import dev.sluice.spi.Buffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A buffer shared by the tensors that view it: closed when the last of them lets go, and counting the changes made in
 * place.
 */
final class Storage {
  private static final AtomicLong MADE = new AtomicLong();

  final Backend backend;
  final Buffer buffer;
  private final long number = MADE.incrementAndGet();
  private final AtomicInteger users = new AtomicInteger(1);
  private final AtomicInteger version = new AtomicInteger();

  Storage(Backend backend, Buffer buffer) {
    this.backend = backend;
    this.buffer = buffer;
  }

  /** How many there have been so far. */
  static long made() {
    return MADE.get();
  }

  /** Whether this was made when there had been so many, and no two tensors share it. */
  boolean isUnsharedSince(long before) {
    return number > before && users.get() == 1;
  }

  Storage share() {
    users.incrementAndGet();
    return this;
  }

  void release() {
    if (users.decrementAndGet() == 0) {
      buffer.close();
    }
  }

  int version() {
    return version.get();
  }

  void markModified() {
    version.incrementAndGet();
  }
}
