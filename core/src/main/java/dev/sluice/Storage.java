package dev.sluice;

import dev.sluice.spi.Backend;
import dev.sluice.spi.Buffer;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A buffer shared by the tensors that view it: closed when the last of them lets go, and counting the changes made in
 * place.
 */
final class Storage {
  final Backend backend;
  final Buffer buffer;
  private final AtomicInteger users = new AtomicInteger(1);
  private final AtomicInteger version = new AtomicInteger();

  Storage(Backend backend, Buffer buffer) {
    this.backend = backend;
    this.buffer = buffer;
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
