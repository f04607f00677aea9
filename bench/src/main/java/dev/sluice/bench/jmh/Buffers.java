package dev.sluice.bench.jmh;

import dev.sluice.spi.Backend;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementType;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Buffers of a backend, filled with numbers that are the same every time. */
final class Buffers {
  private final Backend backend;
  private final SplittableRandom random = new SplittableRandom(1);

  Buffers(Backend backend) {
    this.backend = backend;
  }

  Backend backend() {
    return backend;
  }

  /** Numbers in [-1, 1). */
  Buffer real(int length) {
    return real(length, -1, 1);
  }

  /** Numbers from low to below high. */
  Buffer real(int length, double low, double high) {
    Buffer buffer = backend.allocate(ElementType.REAL, length);
    backend.write(random.doubles(length, low, high).toArray(), 0, buffer, 0, length);
    return buffer;
  }

  /** Indices in [0, bound). */
  Buffer indices(int length, int bound) {
    Buffer buffer = backend.allocate(ElementType.INT32, length);
    backend.write(random.ints(length, 0, bound).toArray(), 0, buffer, 0, length);
    return buffer;
  }

  /** Truth values, half of them true. */
  Buffer flags(int length) {
    boolean[] flags = new boolean[length];
    for (int i = 0; i < length; i++) {
      flags[i] = random.nextBoolean();
    }
    Buffer buffer = backend.allocate(ElementType.BOOL, length);
    backend.write(flags, 0, buffer, 0, length);
    return buffer;
  }

  /** Several buffers of numbers in [0, 1). */
  List<Buffer> list(int count, int length) {
    return IntStream.range(0, count).mapToObj(_ -> real(length, 0, 1)).toList();
  }
}
