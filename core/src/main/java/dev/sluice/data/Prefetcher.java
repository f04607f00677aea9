package dev.sluice.data;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Runs an iterator ahead in a thread of its own, so that the next elements are ready when they are asked for. Order and
 * elements are the source's; a failure of the source is thrown where its element would have come.
 *
 * <p>For one consumer thread. Close it to end its thread before the source is exhausted.
 *
 * @param <T> what the source yields
 */
public final class Prefetcher<T> implements Iterator<T>, AutoCloseable {
  private sealed interface Message<T> {}

  private record Element<T>(T value) implements Message<T> {}

  private record End<T>() implements Message<T> {}

  private record Failure<T>(Throwable cause) implements Message<T> {}

  private final BlockingQueue<Message<T>> queue;
  private final Thread thread;
  private @Nullable Message<T> head;

  /**
   * Starts to run ahead at once.
   *
   * @param source read by the new thread alone from now on
   * @param depth how many elements may wait, at least 1
   */
  public Prefetcher(Iterator<? extends T> source, int depth) {
    if (depth < 1) {
      throw new IllegalArgumentException("prefetcher: depth is " + depth + ", wanted 1 or more");
    }
    queue = new ArrayBlockingQueue<>(depth);
    thread = Thread.ofPlatform().daemon().name("sluice-prefetch").start(() -> runAhead(source));
  }

  private void runAhead(Iterator<? extends T> source) {
    try {
      Message<T> last;
      try {
        while (source.hasNext()) {
          queue.put(new Element<>(source.next()));
        }
        last = new End<>();
      } catch (RuntimeException | Error e) {
        last = new Failure<>(e);
      }
      queue.put(last);
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  private Message<T> head() {
    if (head == null) {
      try {
        head = queue.take();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("prefetcher: interrupted while waiting for the next element", e);
      }
    }
    return head;
  }

  @Override
  public boolean hasNext() {
    return !(head() instanceof End);
  }

  /**
   * The next element.
   *
   * @throws NoSuchElementException after the last one
   * @throws IllegalStateException if the source failed; its exception is the cause
   */
  @Override
  public T next() {
    return switch (head()) {
      case Element<T>(T value) -> {
        head = null;
        yield value;
      }
      case End<T>() -> throw new NoSuchElementException();
      case Failure<T>(Throwable cause) ->
          throw new IllegalStateException("prefetcher: the source failed: " + cause, cause);
    };
  }

  /** Ends the thread and forgets what waits. Later calls of {@link #next()} throw NoSuchElementException. */
  @Override
  public void close() {
    thread.interrupt();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    queue.clear();
    head = new End<>();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
