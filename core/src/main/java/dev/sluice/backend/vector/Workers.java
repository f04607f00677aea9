package dev.sluice.backend.vector;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The threads of one backend. A call cuts its work into chunks, which lie in as many shares as threads; the caller and
 * the pool's threads each run their own share, the same part of every call, so that they find in their core's cache
 * what they left there, and then help with the others', so that a busy machine costs time but never stalls anyone at a
 * barrier. Who helps is left to chance: a task's result must depend on the chunk alone.
 */
final class Workers implements AutoCloseable {
  /**
   * How long a thread that waits looks again and again before it parks: about twice what waking it costs, so that calls
   * in a row find everyone awake, and one that comes late has cost no more than three wakings.
   */
  private static final long SPIN_NANOS = 100_000;

  /**
   * Set while this thread runs a task: a call made from inside a task runs inline, or a full pool could wait for
   * itself.
   */
  private static final ThreadLocal<Boolean> INSIDE = ThreadLocal.withInitial(() -> false);

  private final int threads;
  /** Whether waiting on a core takes it from nobody of the pool. */
  private final boolean spinning;
  private final BlockingQueue<Call> calls = new LinkedBlockingQueue<>();
  private final Thread[] helpers;
  private volatile boolean closed;

  /** What is to be done for each chunk. */
  interface Task {
    void run(int chunk);
  }

  /** Starts threads - 1 daemon threads; the caller of {@link #run} is the last one. */
  Workers(int threads) {
    this.threads = threads;
    spinning = threads <= Runtime.getRuntime().availableProcessors();
    helpers = new Thread[threads - 1];
    for (int i = 0; i < helpers.length; i++) {
      int number = i + 1;
      helpers[i] = Thread.ofPlatform().daemon().name("sluice-worker-" + number).unstarted(() -> help(number));
    }
    for (Thread helper : helpers) {
      helper.start();
    }
  }

  /** How many threads take part in a call. */
  int threads() {
    return threads;
  }

  /**
   * Runs chunks 0 to chunks - 1 and returns when all are done. With one chunk or one thread, or from inside a task,
   * they run here in order. After a chunk's exception others may still run; that of the lowest chunk is thrown. An
   * interrupt of the caller is kept for later and stops nothing.
   *
   * @throws IllegalStateException if closed
   */
  void run(int chunks, Task task) {
    run(chunks, false, task);
  }

  /** {@link #run}, each share from its end: a pass that has just gone forward left the last chunks in the caches. */
  void runBackwards(int chunks, Task task) {
    run(chunks, true, task);
  }

  private void run(int chunks, boolean backwards, Task task) {
    if (closed) {
      throw new IllegalStateException("vector: the backend is closed");
    }
    if (chunks <= 1 || threads == 1 || INSIDE.get()) {
      for (int i = 0; i < chunks; i++) {
        task.run(backwards ? chunks - 1 - i : i);
      }
      return;
    }
    Call call = new Call(chunks, Math.min(threads, chunks), backwards, task, Thread.currentThread());
    for (int i = 1; i < call.shares; i++) {
      calls.add(call);
    }
    call.work(0);
    spinUntil(call::isDone);
    call.await();
    call.rethrow();
  }

  /** Ends the threads. A call under way is finished by its caller. Closing twice does nothing. */
  @Override
  public void close() {
    closed = true;
    for (Thread helper : helpers) {
      helper.interrupt();
    }
  }

  private void help(int number) {
    while (!closed) {
      try {
        spinUntil(() -> !calls.isEmpty());
        calls.take().work(number);
      } catch (InterruptedException e) {
        // Only close() interrupts a helper on purpose; after anyone else's interrupt the loop goes on.
      }
    }
  }

  /** Waits awake for a while; gives up early where that would be for nothing. */
  private void spinUntil(BooleanSupplier done) {
    if (!spinning || done.getAsBoolean()) {
      return;
    }
    long from = System.nanoTime();
    while (!done.getAsBoolean() && !closed && System.nanoTime() - from < SPIN_NANOS) {
      Thread.onSpinWait();
    }
  }

  /** One call of {@link #run}. */
  private static final class Call {
    private final int chunks;
    private final int shares;
    private final boolean backwards;
    private final Task task;
    private final Thread caller;
    /** Of each share what comes next, counted through all shares. */
    private final AtomicIntegerArray next;
    private final AtomicInteger unfinished;
    private int failedChunk = Integer.MAX_VALUE;
    private @Nullable Throwable failure;

    Call(int chunks, int shares, boolean backwards, Task task, Thread caller) {
      this.chunks = chunks;
      this.shares = shares;
      this.backwards = backwards;
      this.task = task;
      this.caller = caller;
      next = new AtomicIntegerArray(shares);
      for (int share = 0; share < shares; share++) {
        next.set(share, start(share));
      }
      unfinished = new AtomicInteger(chunks);
    }

    private int start(int share) {
      return (int) ((long) chunks * share / shares);
    }

    /** Runs chunks, those of a thread's own share first, until none is left to pick up. */
    void work(int thread) {
      int own = Math.min(thread, shares - 1);
      INSIDE.set(true);
      try {
        for (int i = 0; i < shares; i++) {
          int share = (own + i) % shares;
          work(share, start(share), start(share + 1));
        }
      } finally {
        INSIDE.set(false);
      }
    }

    private void work(int share, int start, int end) {
      // A share can be asked for long after its end: the first test keeps its counter from running over.
      while (next.get(share) < end) {
        int place = next.getAndIncrement(share);
        if (place < end) {
          run(backwards ? start + end - 1 - place : place);
        }
      }
    }

    private void run(int chunk) {
      try {
        task.run(chunk);
      } catch (Throwable e) {
        fail(chunk, e);
      }
      if (unfinished.decrementAndGet() == 0) {
        LockSupport.unpark(caller);
      }
    }

    boolean isDone() {
      return unfinished.get() == 0;
    }

    /** Waits for the chunks that others picked up. */
    void await() {
      boolean interrupted = false;
      while (unfinished.get() > 0) {
        LockSupport.park(this);
        interrupted |= Thread.interrupted();
      }
      if (interrupted) {
        caller.interrupt();
      }
    }

    synchronized void fail(int chunk, Throwable e) {
      if (chunk < failedChunk) {
        failedChunk = chunk;
        failure = e;
      }
    }

    synchronized void rethrow() {
      switch (failure) {
        case null -> { }
        case RuntimeException e -> throw e;
        case Error e -> throw e;
        default -> throw new IllegalStateException(failure);
      }
    }
  }
}
