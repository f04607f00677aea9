package dev.sluice.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PrefetcherTest {
  @Test
  void yieldsTheSourceInOrder() {
    for (int depth : new int[] {1, 3, 1000}) {
      List<Integer> seen = new ArrayList<>();
      try (var prefetcher = new Prefetcher<>(IntStream.range(0, 500).iterator(), depth)) {
        prefetcher.forEachRemaining(seen::add);
        assertFalse(prefetcher.hasNext());
        assertThrows(NoSuchElementException.class, prefetcher::next);
      }
      assertEquals(IntStream.range(0, 500).boxed().toList(), seen);
    }
  }

  @Test
  void runsAheadInAThreadOfItsOwn() throws InterruptedException {
    var produced = new Semaphore(0);
    var producer = new AtomicReference<Thread>();
    Iterator<Integer> source = IntStream.range(0, 10).mapToObj(i -> {
      producer.set(Thread.currentThread());
      produced.release();
      return i;
    }).iterator();
    try (var prefetcher = new Prefetcher<>(source, 4)) {
      produced.acquire(4);
      assertFalse(producer.get() == Thread.currentThread());
      assertEquals(0, prefetcher.next());
    }
  }

  @Test
  void throwsTheSourcesFailureInItsPlace() {
    var failure = new IllegalArgumentException("bad");
    Iterator<Integer> source = IntStream.range(0, 3).mapToObj(i -> {
      if (i == 2) {
        throw failure;
      }
      return i;
    }).iterator();
    try (var prefetcher = new Prefetcher<>(source, 8)) {
      assertEquals(0, prefetcher.next());
      assertEquals(1, prefetcher.next());
      assertTrue(prefetcher.hasNext());
      assertSame(failure, assertThrows(IllegalStateException.class, prefetcher::next).getCause());
    }
  }

  @Test
  void closeEndsTheThread() {
    var producer = new AtomicReference<Thread>();
    Iterator<Integer> endless = new Iterator<>() {
      @Override
      public boolean hasNext() {
        return true;
      }

      @Override
      public Integer next() {
        producer.set(Thread.currentThread());
        return 0;
      }
    };
    var prefetcher = new Prefetcher<>(endless, 2);
    prefetcher.next();
    prefetcher.close();
    assertFalse(producer.get().isAlive());
    assertFalse(prefetcher.hasNext());
    prefetcher.close();
  }

  @Test
  void refusesADepthOfNothing() {
    assertThrows(IllegalArgumentException.class, () -> new Prefetcher<>(List.of().iterator(), 0));
  }
}
