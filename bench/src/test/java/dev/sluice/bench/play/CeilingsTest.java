package dev.sluice.bench.play;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CeilingsTest {
  @Test
  void threadsAddUp() {
    var made = new AtomicInteger();
    double one = new Together(1).rate(() -> CeilingsTest::nap);
    double two = new Together(2).rate(() -> {
      made.incrementAndGet();
      return CeilingsTest::nap;
    });
    assertEquals(2, made.get());
    // Naps of a millisecond need no core.
    assertTrue(two > 1.5 * one && one <= 1000, () -> one + " and " + two);
  }

  private static double nap() {
    try {
      Thread.sleep(1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return 1;
  }
}
