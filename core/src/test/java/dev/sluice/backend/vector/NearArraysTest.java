package dev.sluice.backend.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class NearArraysTest {
  private static final int LARGE = 100_000;

  private final ArrayPool<float[]> pool = new ArrayPool<>(float[]::new, Float.BYTES, 1 << 24);
  private final NearArrays<float[]> arrays = new NearArrays<>(pool);

  @Test
  void aThreadTakesWhatItGaveAndOthersDoNot() throws InterruptedException {
    float[] given = arrays.take(100);
    arrays.give(given);
    assertEquals(0, pool.heldBytes());
    assertNotSame(given, takenByAnother(100));
    assertNotSame(given, arrays.take(200));
    assertSame(given, arrays.take(100));
    assertNotSame(given, arrays.take(100));
  }

  @Test
  void whatIsMoreThanAThreadKeepsIsForAll() throws InterruptedException {
    float[] kept = arrays.take(LARGE);
    float[] kept2 = arrays.take(LARGE);
    float[] more = arrays.take(LARGE);
    arrays.give(kept);
    arrays.give(kept2);
    arrays.give(more);
    assertEquals(pool.bytes(more), pool.heldBytes());
    long made = pool.madeBytes();
    assertSame(more, takenByAnother(LARGE));
    assertSame(kept2, arrays.take(LARGE));
    assertSame(kept, arrays.take(LARGE));
    assertEquals(made, pool.madeBytes());
  }

  @Test
  void virtualThreadsKeepNothing() throws InterruptedException {
    Thread.ofVirtual().start(() -> arrays.give(arrays.take(100))).join();
    assertEquals(pool.madeBytes(), pool.heldBytes());
  }

  @Test
  void aLengthBelowZeroIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> arrays.take(-1));
  }

  private float[] takenByAnother(int length) throws InterruptedException {
    AtomicReference<float[]> taken = new AtomicReference<>();
    Thread.ofPlatform().start(() -> taken.set(arrays.take(length))).join();
    return taken.get();
  }
}
