package dev.sluice.cuda.work;

import dev.sluice.spi.Backend;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementType;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Where the works of a family of kernels are made: its backend, its scale, and buffers with numbers in them. */
final class Shop {
  private static final int PATTERN = 1 << 16;

  private final Backend backend;
  private final boolean small;
  private final Random random = new Random(5);
  private final float[] pattern = new float[PATTERN];
  private final List<Work> works = new ArrayList<>();

  /** @param small whether sizes are those at which the software GPU counts, in place of those of the table of limits */
  Shop(Backend backend, boolean small) {
    this.backend = backend;
    this.small = small;
    for (int i = 0; i < PATTERN; i++) {
      pattern[i] = 0.1f + random.nextFloat();
    }
  }

  Backend backend() {
    return backend;
  }

  List<Work> works() {
    return works;
  }

  /** A size of the table of limits, or what stands for it where things are small. */
  int size(int full, int small) {
    return this.small ? small : full;
  }

  void add(String name, long elements, Runnable call) {
    works.add(new Work(name, elements, call));
  }

  /** Numbers from 0.1 to 1.1. */
  Buffer reals(int length) {
    Buffer buffer = backend.allocate(ElementType.REAL, length);
    for (int at = 0; at < length; at += PATTERN) {
      backend.write(pattern, 0, buffer, at, Math.min(PATTERN, length - at));
    }
    return buffer;
  }

  /** So many buffers of numbers. */
  List<Buffer> lists(int count, int length) {
    return IntStream.range(0, count).mapToObj(i -> reals(length)).toList();
  }

  /** Numbers from 0 to a bound. */
  Buffer indices(int length, int bound) {
    Buffer buffer = backend.allocate(ElementType.INT32, length);
    backend.write(random.ints(length, 0, bound).toArray(), 0, buffer, 0, length);
    return buffer;
  }

  /** Four truths of five. */
  Buffer flags(int length) {
    boolean[] values = new boolean[length];
    for (int i = 0; i < length; i++) {
      values[i] = i % 5 > 0;
    }
    Buffer buffer = backend.allocate(ElementType.BOOL, length);
    backend.write(values, 0, buffer, 0, length);
    return buffer;
  }
}
