package dev.sluice.cuda;

import dev.sluice.cuda.driver.CudaDriver;
import dev.sluice.cuda.driver.CudaDriver.MemoryState;
import dev.sluice.cuda.driver.CudaException;
import dev.sluice.cuda.driver.CudaOutOfMemoryException;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Device memory for buffers. A block that is given back is lent again at once: all work of the device lies in one
 * stream, so what still reads it comes before what writes it next. Blocks wait by size class, four to a doubling, so
 * that at most a fifth of one is idle.
 *
 * <p>Under pressure, blocks that wait are freed before a request is refused; so are, after a collection of garbage,
 * those whose buffers nobody closed.
 */
final class MemoryPool {
  /**
   * The property that, if {@code false}, gives every buffer device memory of exactly its size, and frees it at once.
   */
  static final String PROPERTY = "sluice.cuda.pool";

  private static final long LEAST_BYTES = 512;
  private static final int CLASSES = 4 * Long.SIZE;
  private static final int COLLECTIONS = 3;
  private static final long COLLECTION_MILLIS = 20;

  private final Device device;
  private final CudaDriver driver;
  private final boolean pooling = !"false".equals(System.getProperty(PROPERTY));
  private final long most;
  @SuppressWarnings({"unchecked", "rawtypes"})
  private final ArrayDeque<Block>[] waiting = new ArrayDeque[CLASSES];
  private final Set<Block> made = new HashSet<>();
  private long waitingBytes;
  private long madeBytes;
  private boolean closed;

  /**
   * A pool of a device.
   *
   * @param most bytes that may wait for reuse
   */
  MemoryPool(Device device, CudaDriver driver, long most) {
    this.device = device;
    this.driver = driver;
    this.most = most;
  }

  /**
   * A block of so many bytes or more.
   *
   * @param what what it is for, for the message of a refusal
   */
  Block take(long bytes, Object what) {
    long size = pooling ? rounded(bytes) : Math.max(bytes, 1);
    Block block = waiting(size);
    if (block == null) {
      block = make(size);
    }
    if (block == null) {
      trim();
      block = make(size);
    }
    for (int i = 0; block == null && i < COLLECTIONS; i++) {
      collect();
      block = make(size);
    }
    if (block == null) {
      throw refusal(bytes, what);
    }
    return block;
  }

  /** Takes a block back, on any thread. Does not throw: a failure of the device shows at its next use. */
  synchronized void give(Block block) {
    if (closed) {
      return;
    }
    if (!pooling || waitingBytes + block.bytes > most) {
      freeQuietly(block);
      return;
    }
    int index = index(block.bytes);
    if (waiting[index] == null) {
      waiting[index] = new ArrayDeque<>();
    }
    waiting[index].push(block);
    waitingBytes += block.bytes;
  }

  /** Frees every block that waits. */
  synchronized void trim() {
    device.enter();
    for (ArrayDeque<Block> blocks : waiting) {
      while (blocks != null && !blocks.isEmpty()) {
        Block block = blocks.pop();
        waitingBytes -= block.bytes;
        free(block);
      }
    }
  }

  /** Frees everything, lent or not; the device has been entered. */
  synchronized void close() {
    closed = true;
    for (Block block : made) {
      driver.free(block.address);
    }
    made.clear();
    waitingBytes = 0;
    madeBytes = 0;
  }

  /** The bytes of all blocks there are, lent or waiting. */
  synchronized long madeBytes() {
    return madeBytes;
  }

  /** The bytes of blocks that wait for reuse. */
  synchronized long waitingBytes() {
    return waitingBytes;
  }

  /** The size of the class that bytes fall into: quarters of a power of two. */
  static long rounded(long bytes) {
    if (bytes <= LEAST_BYTES) {
      return LEAST_BYTES;
    }
    long quarter = Long.highestOneBit(bytes - 1) / 4;
    return (bytes + quarter - 1) / quarter * quarter;
  }

  private static int index(long size) {
    int power = Long.SIZE - 1 - Long.numberOfLeadingZeros(size);
    return 4 * power + (int) (size - (1L << power) >> power - 2);
  }

  private synchronized @Nullable Block waiting(long size) {
    if (!pooling) {
      return null;
    }
    ArrayDeque<Block> blocks = waiting[index(size)];
    Block block = blocks == null ? null : blocks.poll();
    if (block != null) {
      waitingBytes -= size;
    }
    return block;
  }

  private synchronized @Nullable Block make(long size) {
    if (closed) {
      throw new IllegalStateException("cuda: the backend is closed");
    }
    device.enter();
    try {
      Block block = new Block(driver.allocate(size), size);
      made.add(block);
      madeBytes += size;
      return block;
    } catch (CudaOutOfMemoryException e) {
      return null;
    }
  }

  /** Work that still uses the block must be over. */
  private void free(Block block) {
    device.synchronize();
    driver.free(block.address);
    made.remove(block);
    madeBytes -= block.bytes;
  }

  private void freeQuietly(Block block) {
    if (device.canFree()) {
      try {
        free(block);
      } catch (CudaException e) {
        device.failed("free of " + block.bytes + " bytes", e);
      }
    }
  }

  /** Gives buffers that are out of reach the time to be found. */
  private void collect() {
    System.gc();
    try {
      Thread.sleep(COLLECTION_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    trim();
  }

  private CudaOutOfMemoryException refusal(long bytes, Object what) {
    MemoryState state = driver.memory();
    return new CudaOutOfMemoryException("cuda: no memory for " + what + " (" + bytes + " bytes) on "
        + device.facts().describe() + ": " + state.free() + " of " + state.total() + " bytes are free, " + madeBytes()
        + " are held by buffers; close tensors (Scope), or take a smaller batch");
  }
}
