package dev.sluice.backend.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WorkersTest {
  @Test
  void everyChunkRunsOnce() {
    for (int threads : new int[] {1, 2, 5}) {
      try (Workers workers = new Workers(threads)) {
        for (int chunks : new int[] {0, 1, 2, 3, 100}) {
          AtomicIntegerArray runs = new AtomicIntegerArray(chunks);
          workers.run(chunks, runs::incrementAndGet);
          for (int chunk = 0; chunk < chunks; chunk++) {
            assertEquals(1, runs.get(chunk));
          }
        }
      }
    }
  }

  @Test
  void theHelpersTakePartByName() {
    try (Workers workers = new Workers(3)) {
      Set<String> names = ConcurrentHashMap.newKeySet();
      CyclicBarrier together = new CyclicBarrier(3);
      workers.run(3, chunk -> {
        names.add(Thread.currentThread().getName());
        await(together);
      });
      assertEquals(Set.of("sluice-worker-1", "sluice-worker-2", Thread.currentThread().getName()), names);
    }
  }

  @Test
  void eachThreadRunsItsOwnShareOfEveryCall() {
    try (Workers workers = new Workers(2)) {
      String caller = Thread.currentThread().getName();
      String helper = "sluice-worker-1";
      for (boolean backwards : new boolean[] {false, true}) {
        List<String> runs = Collections.synchronizedList(new ArrayList<>());
        CyclicBarrier together = new CyclicBarrier(2);
        Workers.Task task = chunk -> {
          runs.add(chunk + " " + Thread.currentThread().getName());
          await(together);
        };
        if (backwards) {
          workers.runBackwards(4, task);
        } else {
          workers.run(4, task);
        }
        assertEquals(Set.of("0 " + caller, "1 " + caller, "2 " + helper, "3 " + helper), Set.copyOf(runs));
        assertEquals(!backwards, runs.indexOf("0 " + caller) < runs.indexOf("1 " + caller));
        assertEquals(!backwards, runs.indexOf("2 " + helper) < runs.indexOf("3 " + helper));
      }
    }
  }

  @Test
  void whoHasDoneItsShareHelpsTheOthers() {
    try (Workers workers = new Workers(2)) {
      AtomicIntegerArray byHelper = new AtomicIntegerArray(6);
      CyclicBarrier bothAtWork = new CyclicBarrier(2);
      CountDownLatch restDone = new CountDownLatch(5);
      workers.run(6, chunk -> {
        byHelper.set(chunk, Thread.currentThread().getName().equals("sluice-worker-1") ? 1 : 0);
        if (chunk == 0 || chunk == 3) {
          await(bothAtWork);
        }
        if (chunk == 0) {
          await(restDone);
        } else {
          restDone.countDown();
        }
      });
      assertEquals("[0, 1, 1, 1, 1, 1]", byHelper.toString());
    }
  }

  @Test
  void oneThreadRunsInOrderOrBackwards() {
    try (Workers workers = new Workers(1)) {
      List<Integer> order = new ArrayList<>();
      workers.run(3, order::add);
      workers.runBackwards(3, order::add);
      assertEquals(List.of(0, 1, 2, 2, 1, 0), order);
    }
  }

  @Test
  void severalCallersAndNestedCallsFinish() throws InterruptedException {
    try (Workers workers = new Workers(3)) {
      int callers = 4;
      AtomicIntegerArray sums = new AtomicIntegerArray(callers);
      List<Thread> threads = new ArrayList<>();
      for (int caller = 0; caller < callers; caller++) {
        int own = caller;
        threads.add(Thread.ofPlatform().start(() -> {
          for (int round = 0; round < 200; round++) {
            workers.run(5, outer -> workers.run(3, inner -> sums.incrementAndGet(own)));
          }
        }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      for (int caller = 0; caller < callers; caller++) {
        assertEquals(200 * 5 * 3, sums.get(caller));
      }
    }
  }

  @Test
  void theLowestFailingChunkIsThrownAndTheOthersRun() {
    try (Workers workers = new Workers(2)) {
      AtomicIntegerArray runs = new AtomicIntegerArray(20);
      IllegalStateException lowest = new IllegalStateException("7");
      Throwable thrown = assertThrows(IllegalStateException.class, () -> workers.run(20, chunk -> {
        runs.incrementAndGet(chunk);
        if (chunk == 7) {
          throw lowest;
        } else if (chunk > 10) {
          throw new AssertionError(chunk);
        }
      }));
      assertSame(lowest, thrown);
      for (int chunk = 0; chunk < 20; chunk++) {
        assertEquals(1, runs.get(chunk));
      }
      AtomicIntegerArray after = new AtomicIntegerArray(4);
      workers.run(4, after::incrementAndGet);
      assertEquals(1, after.get(3));
    }
  }

  @Test
  void anInterruptedCallerLosesNoWorkAndStaysInterrupted() {
    try (Workers workers = new Workers(2)) {
      Thread.currentThread().interrupt();
      AtomicIntegerArray runs = new AtomicIntegerArray(50);
      workers.run(50, chunk -> {
        Thread.onSpinWait();
        runs.incrementAndGet(chunk);
      });
      assertTrue(Thread.interrupted());
      for (int chunk = 0; chunk < 50; chunk++) {
        assertEquals(1, runs.get(chunk));
      }
    }
  }

  @Test
  void closingEndsTheThreadsAndRefusesCalls() throws InterruptedException {
    Workers workers = new Workers(2);
    Set<Thread> seen = ConcurrentHashMap.newKeySet();
    CyclicBarrier together = new CyclicBarrier(2);
    workers.run(2, chunk -> {
      seen.add(Thread.currentThread());
      await(together);
    });
    workers.close();
    workers.close();
    seen.remove(Thread.currentThread());
    Thread helper = seen.iterator().next();
    helper.join(TimeUnit.SECONDS.toMillis(30));
    assertFalse(helper.isAlive());
    assertThrows(IllegalStateException.class, () -> workers.run(1, chunk -> { }));
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
