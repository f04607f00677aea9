package dev.sluice.cuda;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementType;
import java.lang.ref.Cleaner;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Device memory: REAL is float, INT32 is int, BOOL is a byte of 0 or 1. Closing gives the memory to the pool; a buffer
 * that nobody closed gives it back when it is collected.
 *
 * <p>An INT32 buffer remembers what the host wrote until a kernel may have written it, so that checks of lengths,
 * labels and indices need not wait for the device.
 */
public final class CudaBuffer implements Buffer {
  private static final Cleaner CLEANER = Cleaner.create();

  /** The memory that a buffer holds; what is cleaned when the buffer is gone. */
  private static final class Lease implements Runnable {
    private final MemoryPool pool;
    private final AtomicReference<@Nullable Block> block = new AtomicReference<>();

    Lease(MemoryPool pool) {
      this.pool = pool;
    }

    @Override
    public void run() {
      Block held = block.getAndSet(null);
      if (held != null) {
        pool.give(held);
      }
    }
  }

  private final Device device;
  private final Lease lease;
  private final Cleaner.@Nullable Cleanable cleanable;
  private ElementType type;
  private int length;
  private volatile int @Nullable [] mirror;

  private CudaBuffer(Device device, ElementType type, int length, @Nullable Block block, boolean cleaned) {
    this.device = device;
    this.type = type;
    this.length = length;
    lease = new Lease(device.pool());
    lease.block.set(block);
    cleanable = cleaned ? CLEANER.register(this, lease) : null;
  }

  static CudaBuffer of(Device device, ElementType type, int length, Block block) {
    return new CudaBuffer(device, type, length, block, true);
  }

  /** A workspace that is lent again and again, closed at first. */
  static CudaBuffer scratch(Device device) {
    return new CudaBuffer(device, ElementType.REAL, 0, null, false);
  }

  /** Lends a workspace. */
  void reopen(Block block, ElementType newType, int newLength) {
    type = newType;
    length = newLength;
    mirror = null;
    lease.block.set(block);
  }

  /** The bytes of an element of a type. */
  static int bytes(ElementType type) {
    return switch (type) {
      case REAL -> Float.BYTES;
      case INT32 -> Integer.BYTES;
      case BOOL -> 1;
    };
  }

  /** A REAL buffer of this backend that is open. */
  public static CudaBuffer reals(Buffer buffer) {
    return of(buffer, ElementType.REAL);
  }

  /** A REAL buffer of this backend that is open, null for null. */
  public static @Nullable CudaBuffer realsOrNull(@Nullable Buffer buffer) {
    return buffer == null ? null : reals(buffer);
  }

  /** An INT32 buffer of this backend that is open, to be written by a kernel: what the host wrote is forgotten. */
  public static CudaBuffer ints(Buffer buffer) {
    CudaBuffer own = of(buffer, ElementType.INT32);
    own.mirror = null;
    return own;
  }

  /** As {@link #ints}, null for null. */
  public static @Nullable CudaBuffer intsOrNull(@Nullable Buffer buffer) {
    return buffer == null ? null : ints(buffer);
  }

  /** An INT32 buffer of this backend that is open, and that kernels only read: what the host wrote stays known. */
  public static CudaBuffer readInts(Buffer buffer) {
    return of(buffer, ElementType.INT32);
  }

  /** As {@link #readInts}, null for null. */
  public static @Nullable CudaBuffer readIntsOrNull(@Nullable Buffer buffer) {
    return buffer == null ? null : readInts(buffer);
  }

  /** A BOOL buffer of this backend that is open. */
  public static CudaBuffer flags(Buffer buffer) {
    return of(buffer, ElementType.BOOL);
  }

  /** A BOOL buffer of this backend that is open, null for null. */
  public static @Nullable CudaBuffer flagsOrNull(@Nullable Buffer buffer) {
    return buffer == null ? null : flags(buffer);
  }

  /** A buffer of this backend of a type, open and to be written. */
  public static CudaBuffer of(Buffer buffer, ElementType type) {
    CudaBuffer own = own(buffer);
    if (own.type != type) {
      throw new IllegalArgumentException("cuda: " + own + " given, wanted " + type);
    }
    if (own.lease.block.get() == null) {
      throw new IllegalStateException("cuda: " + own + " is closed");
    }
    return own;
  }

  private static CudaBuffer own(Buffer buffer) {
    if (buffer instanceof CudaBuffer own) {
      return own;
    }
    throw new IllegalArgumentException("cuda: buffer is a " + buffer.getClass().getName()
        + ", wanted one that the cuda backend allocated");
  }

  /** Where the first element lies on the device. */
  public long address() {
    Block block = lease.block.get();
    if (block == null) {
      throw new IllegalStateException("cuda: " + this + " is closed");
    }
    return block.address;
  }

  /** As {@link #address()}, for work of a device, which must be the one that holds this. */
  long address(Device user) {
    if (user != device) {
      throw new IllegalArgumentException("cuda: " + this + " lies on " + device.facts().describe() + ", wanted "
          + user.facts().describe());
    }
    return address();
  }

  /**
   * Elements of an INT32 buffer, on the host: without waiting where nobody but the host wrote them, else read back, and
   * then remembered.
   */
  public int[] hostInts(int offset, int count) {
    int[] known = mirror;
    if (known == null) {
      known = new int[length];
      device.staging().read(this, 0, known, 0, length);
      mirror = known;
    }
    return offset == 0 && count == length ? known : Arrays.copyOfRange(known, offset, offset + count);
  }

  /** Remembers what the host has written. */
  void wroteInts(int[] source, int sourceOffset, int targetOffset, int count) {
    int[] known = mirror;
    if (count == length) {
      mirror = Arrays.copyOfRange(source, sourceOffset, sourceOffset + count);
    } else if (known != null) {
      System.arraycopy(source, sourceOffset, known, targetOffset, count);
    }
  }

  @Override
  public ElementType type() {
    return type;
  }

  @Override
  public int length() {
    return length;
  }

  @Override
  public boolean isClosed() {
    return lease.block.get() == null;
  }

  @Override
  public void close() {
    if (cleanable == null) {
      lease.run();
    } else {
      cleanable.clean();
    }
  }

  @Override
  public String toString() {
    return type + " buffer of " + length + "@" + Integer.toHexString(System.identityHashCode(this));
  }
}
