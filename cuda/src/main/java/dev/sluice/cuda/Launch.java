package dev.sluice.cuda;

import dev.sluice.cuda.driver.CudaDriver;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of a launch, laid out in the order of the kernel's parameters and held to their number and sizes. One
 * belongs to each thread and is used for all its launches; nothing is allocated.
 */
public final class Launch {
  private static final int MOST_ARGUMENTS = 128;
  /** What the driver allows for all parameters together, each here on a multiple of eight. */
  private static final int MOST_BYTES = 4096 + 8 * MOST_ARGUMENTS;

  private final Device device;
  private final MemorySegment table;
  private final MemorySegment values;
  private final CudaDriver.Arguments arguments;
  /** Keeps what was passed reachable until the launch is queued. */
  private final @Nullable CudaBuffer[] buffers = new CudaBuffer[MOST_ARGUMENTS];
  private @Nullable Kernel kernel;
  private int[] sizes = {};
  private int count;
  private int end;

  Launch(Device device) {
    this.device = device;
    Arena arena = Arena.ofAuto();
    table = arena.allocate(ValueLayout.ADDRESS, MOST_ARGUMENTS);
    values = arena.allocate(MOST_BYTES, Long.BYTES);
    arguments = device.driver().arguments(table);
  }

  Launch start(Kernel wanted) {
    kernel = wanted;
    sizes = wanted.signature().sizes();
    count = 0;
    end = 0;
    return this;
  }

  /** The address of a buffer, null as 0. */
  public Launch buffer(@Nullable CudaBuffer buffer) {
    return buffer(buffer, 0);
  }

  /** The address of a buffer's element, null as 0. */
  public Launch buffer(@Nullable CudaBuffer buffer, int elementOffset) {
    long address = 0;
    if (buffer != null) {
      address = buffer.address(device) + (long) elementOffset * CudaBuffer.bytes(buffer.type());
      buffers[count] = buffer;
    }
    return longInteger(address);
  }

  /** An {@code int}. */
  public Launch integer(int value) {
    values.set(ValueLayout.JAVA_INT, next(Integer.BYTES), value);
    return this;
  }

  /** A {@code long long}. */
  public Launch longInteger(long value) {
    values.set(ValueLayout.JAVA_LONG, next(Long.BYTES), value);
    return this;
  }

  /** A {@code float}. */
  public Launch real(double value) {
    values.set(ValueLayout.JAVA_FLOAT, next(Float.BYTES), (float) value);
    return this;
  }

  /** A {@code double}. */
  public Launch doubleReal(double value) {
    values.set(ValueLayout.JAVA_DOUBLE, next(Double.BYTES), value);
    return this;
  }

  /** A truth value as an {@code int} of 0 or 1. */
  public Launch flag(boolean value) {
    return integer(value ? 1 : 0);
  }

  /** A struct of as many {@code int}s by value. */
  public Launch integers(int... members) {
    return integers(members, members.length);
  }

  /** A struct of {@code int}s by value: these, and then zeros up to so many in all. */
  public Launch integers(int[] members, int all) {
    long start = next(all * Integer.BYTES);
    MemorySegment.copy(members, 0, values, ValueLayout.JAVA_INT, start, members.length);
    for (int i = members.length; i < all; i++) {
      values.set(ValueLayout.JAVA_INT, start + (long) i * Integer.BYTES, 0);
    }
    return this;
  }

  /** A struct of floats, rounded from doubles, by value: these, and then zeros up to so many in all. */
  public Launch reals(double[] members, int all) {
    long start = next(all * Float.BYTES);
    for (int i = 0; i < all; i++) {
      values.set(ValueLayout.JAVA_FLOAT, start + (long) i * Float.BYTES, i < members.length ? (float) members[i] : 0);
    }
    return this;
  }

  /** A struct of addresses of buffers by value, null as 0: these, and then zeros up to so many in all. */
  public Launch addresses(long[] members, int all) {
    long start = next(all * Long.BYTES);
    MemorySegment.copy(members, 0, values, ValueLayout.JAVA_LONG, start, members.length);
    for (int i = members.length; i < all; i++) {
      values.set(ValueLayout.JAVA_LONG, start + (long) i * Long.BYTES, 0);
    }
    return this;
  }

  /** Queues the kernel over a row of blocks, each a row of threads; no blocks are no launch. */
  public void run(int gridX, int blockX) {
    run(gridX, 1, 1, blockX, 1, 0);
  }

  /**
   * Queues the kernel; no blocks are no launch.
   *
   * @param sharedBytes shared memory of a block beyond what the kernel declares
   */
  public void run(int gridX, int gridY, int gridZ, int blockX, int blockY, int sharedBytes) {
    Kernel started = kernel;
    if (started == null) {
      throw new IllegalStateException("cuda: launch run twice, wanted a start in between");
    }
    if (count != sizes.length) {
      throw new IllegalStateException("cuda: " + started.name() + " has " + count + " arguments, wanted "
          + sizes.length);
    }
    try {
      if (gridX != 0 && gridY != 0 && gridZ != 0) {
        device.run(started, gridX, gridY, gridZ, blockX, blockY, sharedBytes, arguments);
      }
    } finally {
      kernel = null;
      for (int i = 0; i < count; i++) {
        buffers[i] = null;
      }
    }
  }

  /** Where the next argument goes. */
  private long next(int bytes) {
    if (count >= sizes.length || sizes[count] != bytes) {
      refuse(bytes);
    }
    long start = end;
    table.setAtIndex(ValueLayout.JAVA_LONG, count, values.address() + start);
    count++;
    end += bytes + Long.BYTES - 1 & -Long.BYTES;
    return start;
  }

  private void refuse(int bytes) {
    String name = kernel == null ? "a kernel that was not started" : kernel.name();
    throw new IllegalStateException("cuda: " + name + ": argument " + count + " has " + bytes + " bytes, wanted "
        + (count < sizes.length ? String.valueOf(sizes[count]) : "no more than " + sizes.length + " arguments"));
  }
}
