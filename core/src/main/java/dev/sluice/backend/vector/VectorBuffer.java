package dev.sluice.backend.vector;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementType;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A buffer on the heap: a pooled {@code float[]}, {@code int[]} or {@code boolean[]}, which may be longer than the
 * buffer.
 */
final class VectorBuffer implements Buffer {
  private static final long LIMIT_BYTES = Runtime.getRuntime().maxMemory() / 4;
  private static final VarHandle ARRAY;

  static {
    try {
      ARRAY = MethodHandles.lookup().findVarHandle(VectorBuffer.class, "array", Object.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Pool pool;
  private final ElementType type;
  private final int length;
  /**
   * Null once closed. Not volatile: a kernel needs the callers' own order anyway, and {@link #close} swaps it
   * atomically.
   */
  private @Nullable Object array;

  private VectorBuffer(Pool pool, ElementType type, int length, Object array) {
    this.pool = pool;
    this.type = type;
    this.length = length;
    this.array = array;
  }

  /** The elements of a REAL buffer. */
  static float[] reals(Buffer buffer) {
    return (float[]) array(buffer, ElementType.REAL);
  }

  /** The elements of an INT32 buffer. */
  static int[] ints(Buffer buffer) {
    return (int[]) array(buffer, ElementType.INT32);
  }

  /** The elements of a BOOL buffer. */
  static boolean[] flags(Buffer buffer) {
    return (boolean[]) array(buffer, ElementType.BOOL);
  }

  /** The elements of a buffer of a type, as the array they lie in. */
  static Object array(Buffer buffer, ElementType type) {
    if (!(buffer instanceof VectorBuffer own)) {
      throw new IllegalArgumentException("vector: buffer is a " + buffer.getClass().getName()
          + ", wanted one that the vector backend allocated");
    }
    if (own.type != type) {
      throw new IllegalArgumentException("vector: " + own + " given, wanted " + type);
    }
    Object array = own.array;
    if (array == null) {
      throw new IllegalStateException("vector: " + own + " is closed");
    }
    return array;
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
    return ARRAY.getVolatile(this) == null;
  }

  @Override
  public void close() {
    Object released = ARRAY.getAndSet(this, null);
    if (released != null) {
      pool.give(released);
    }
  }

  @Override
  public String toString() {
    return type + " buffer of " + length + "@" + Integer.toHexString(System.identityHashCode(this));
  }

  /** The arrays of closed buffers, ready for the next. */
  static final class Pool {
    private final ArrayPool<float[]> reals = new ArrayPool<>(float[]::new, Float.BYTES, LIMIT_BYTES);
    private final ArrayPool<int[]> ints = new ArrayPool<>(int[]::new, Integer.BYTES, LIMIT_BYTES / 8);
    private final ArrayPool<boolean[]> flags = new ArrayPool<>(boolean[]::new, 1, LIMIT_BYTES / 8);
    private volatile boolean closed;

    /** A new buffer; its contents are undefined. */
    VectorBuffer allocate(ElementType type, int length) {
      Object array = switch (type) {
        case REAL -> reals.take(length);
        case INT32 -> ints.take(length);
        case BOOL -> flags.take(length);
      };
      return new VectorBuffer(this, type, length, array);
    }

    /** The bytes that wait for reuse. */
    long heldBytes() {
      return reals.heldBytes() + ints.heldBytes() + flags.heldBytes();
    }

    /** The bytes of all arrays made so far. */
    long madeBytes() {
      return reals.madeBytes() + ints.madeBytes() + flags.madeBytes();
    }

    /** Lets go of everything; buffers closed later are not kept. */
    void close() {
      closed = true;
      reals.clear();
      ints.clear();
      flags.clear();
    }

    private void give(Object array) {
      if (closed) {
        return;
      }
      switch (array) {
        case float[] real -> reals.give(real);
        case int[] integer -> ints.give(integer);
        case boolean[] flag -> flags.give(flag);
        default -> throw new AssertionError(array.getClass());
      }
    }
  }
}
