package dev.sluice.cuda.kernel;

import static dev.sluice.cuda.CudaBuffer.reals;

import dev.sluice.cuda.Launch;
import dev.sluice.spi.Buffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of a list of buffers that one launch takes ({@code Extents} and {@code Pointers} of lists.cuh). One belongs to
 * each thread and is used again, batch by batch.
 */
final class ListBatch {
  private static final int MOST_BUFFERS = 64;
  private static final int CHUNK = 4096;
  private static final int THREADS = 256;
  private static final int LENGTHS = 1;
  private static final int FIRSTS = LENGTHS + MOST_BUFFERS;
  private static final ThreadLocal<ListBatch> OF_THREAD = ThreadLocal.withInitial(ListBatch::new);

  private final int[] extents = new int[FIRSTS + MOST_BUFFERS + 1];
  private final long[] addresses = new long[MOST_BUFFERS];
  private int from;
  private int to;

  private ListBatch() {}

  /** This thread's, before the first batch. */
  static ListBatch ofThread() {
    ListBatch batch = OF_THREAD.get();
    batch.from = 0;
    batch.to = 0;
    return batch;
  }

  /** Refuses a list with a buffer that is closed or not this backend's, before anything is written. */
  static void check(List<Buffer> list) {
    for (Buffer buffer : list) {
      reals(buffer);
    }
  }

  /** The same, and refuses a list whose buffers are not as many and as long as another's: a kernel would go beyond. */
  static void check(String operation, String name, @Nullable List<Buffer> list, List<Buffer> like) {
    int size = list == null ? 0 : list.size();
    if (list == null || size != like.size()) {
      throw new IllegalArgumentException(operation + ": " + name + (list == null ? " is null" : " has " + size
          + " buffers") + ", wanted " + like.size() + " buffers");
    }
    check(list);
    for (int i = 0; i < size; i++) {
      if (list.get(i).length() != like.get(i).length()) {
        throw new IllegalArgumentException(operation + ": " + name + "[" + i + "] has " + list.get(i).length()
            + " elements, wanted " + like.get(i).length());
      }
    }
  }

  /** How many chunks a whole list has. */
  static int chunks(List<Buffer> list) {
    long chunks = 0;
    for (Buffer buffer : list) {
      chunks += chunks(buffer);
    }
    return Math.toIntExact(chunks);
  }

  private static int chunks(Buffer buffer) {
    return Math.ceilDiv(buffer.length(), CHUNK);
  }

  /**
   * Goes on to the next batch.
   *
   * @param distinct whether a buffer that stands in the list again begins a new batch, for kernels that change them
   * @return whether there is one
   */
  boolean next(List<Buffer> list, boolean distinct) {
    from = to;
    int chunks = 0;
    while (to < list.size() && to - from < MOST_BUFFERS && !(distinct && holds(list, list.get(to)))) {
      extents[LENGTHS + to - from] = list.get(to).length();
      extents[FIRSTS + to - from] = chunks;
      chunks += chunks(list.get(to));
      to++;
    }
    extents[0] = to - from;
    extents[FIRSTS + to - from] = chunks;
    return to > from;
  }

  private boolean holds(List<Buffer> list, Buffer buffer) {
    for (int i = from; i < to; i++) {
      if (list.get(i) == buffer) {
        return true;
      }
    }
    return false;
  }

  /** How many buffers this batch has. */
  int buffers() {
    return to - from;
  }

  /** How many chunks this batch has. */
  int chunks() {
    return extents[FIRSTS + to - from];
  }

  /** Lays out how long the buffers are. */
  Launch passExtents(Launch launch) {
    return launch.integers(extents, extents.length);
  }

  /** Lays out where a list's buffers of this batch lie, null as none. */
  Launch pass(Launch launch, @Nullable List<Buffer> list) {
    for (int i = 0; i < MOST_BUFFERS; i++) {
      addresses[i] = list == null || i >= to - from ? 0 : reals(list.get(from + i)).address();
    }
    return launch.addresses(addresses, MOST_BUFFERS);
  }

  /** Queues a block for each chunk. */
  void run(Launch launch) {
    launch.run(chunks(), THREADS);
  }
}
