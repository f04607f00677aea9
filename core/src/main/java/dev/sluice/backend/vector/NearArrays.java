package dev.sluice.backend.vector;

import org.jspecify.annotations.Nullable;

/**
 * A pool's arrays, some of which each thread keeps at hand: it takes and gives them without touching what other threads
 * touch, which costs both cores more than a small kernel's arithmetic, and finds in its core's cache what it used last.
 *
 * @param <A> the array type
 */
final class NearArrays<A> {
  /** What a thread keeps at most: about what its core's own cache holds. */
  private static final long LIMIT_BYTES = 1 << 20;

  private final ArrayPool<A> pool;
  private final ThreadLocal<Kept> kept;

  NearArrays(ArrayPool<A> pool) {
    this.pool = pool;
    kept = ThreadLocal.withInitial(() -> new Kept(pool));
  }

  /** An array of at least the length; contents are undefined. */
  @SuppressWarnings("unchecked")
  A take(int length) {
    Object array = length < 0 || isPassing() ? null : kept.get().take(ArrayPool.sizeClass(length));
    return array == null ? pool.take(length) : (A) array;
  }

  /** Gives back what {@link #take} gave out, from any thread. */
  void give(A array) {
    if (isPassing() || !kept.get().give(array)) {
      pool.give(array);
    }
  }

  /** Virtual threads come and go: what they kept would be lost. */
  private static boolean isPassing() {
    return Thread.currentThread().isVirtual();
  }

  /** What one thread keeps. It knows nothing that knows this thread-local: it has to end with it. */
  private static final class Kept {
    private final ArrayPool<?> pool;
    private final ArrayShelf[] shelves = ArrayShelf.several(ArrayPool.CLASSES);
    private long bytes;

    Kept(ArrayPool<?> pool) {
      this.pool = pool;
    }

    @Nullable Object take(int sizeClass) {
      Object array = shelves[sizeClass].pop();
      bytes -= array == null ? 0 : pool.bytes(array);
      return array;
    }

    boolean give(Object array) {
      long more = pool.bytes(array);
      if (bytes + more > LIMIT_BYTES) {
        return false;
      }
      bytes += more;
      shelves[ArrayPool.sizeClassOf(array)].push(array);
      return true;
    }
  }
}
