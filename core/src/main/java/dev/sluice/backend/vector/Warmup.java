package dev.sluice.backend.vector;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Runs the microkernel on tiny panels in a thread of its own, once, while the program still reads its data. Until the
 * optimizing compiler has got to them, every vector operation makes an object: a first training step would spend its
 * seconds there.
 */
final class Warmup {
  /** Enough multiply-adds of one kernel for the compiler to take it, few enough for a fraction of a second. */
  private static final int CALLS = 6000;
  private static final int DEPTH = 16;
  private static final long LIMIT = TimeUnit.SECONDS.toNanos(3);

  private static final AtomicBoolean STARTED = new AtomicBoolean();

  private Warmup() {}

  /** Starts it, the first time. */
  static void start() {
    if (STARTED.compareAndSet(false, true)) {
      Thread.ofPlatform().daemon().name("sluice-warmup").start(Warmup::run);
    }
  }

  private static void run() {
    long end = System.nanoTime() + LIMIT;
    float[] a = new float[Microkernel.ROWS * Microkernel.PITCH];
    float[] b = new float[Microkernel.VECTORS * Lanes.COUNT * DEPTH];
    float[] c = new float[Microkernel.TILE];
    int width = Microkernel.VECTORS * Lanes.COUNT;
    for (int call = 0; call < CALLS && System.nanoTime() < end; call++) {
      float[] addend = call % 2 == 1 ? c : null;
      Microkernel.multiply(DEPTH, Microkernel.ROWS, a, 0, b, 0, Microkernel.VECTORS, addend, 0, width, c, 0, width);
    }
  }
}
