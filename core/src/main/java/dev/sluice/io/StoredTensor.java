package dev.sluice.io;

import static dev.sluice.io.Text.describe;
import static dev.sluice.io.Text.quote;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A tensor as a safetensors file has it: a name, an element type, a shape and the elements as little-endian bytes in
 * row-major order. One that was read is a view into the mapped file, and is valid until that file is closed; one that
 * was made by {@code of} has a copy of what it was made from.
 *
 * <p>A shape without sizes is a scalar's; a size of 0 makes a tensor without elements.
 */
public final class StoredTensor {
  private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfByte I8 = ValueLayout.JAVA_BYTE;

  private final String name;
  private final Dtype dtype;
  private final long[] shape;
  private final MemorySegment bytes;

  /** A view of bytes whose number is known to be that of the shape. */
  StoredTensor(String name, Dtype dtype, long[] shape, MemorySegment bytes) {
    this.name = name;
    this.dtype = dtype;
    this.shape = shape;
    this.bytes = bytes;
  }

  // ---------------------------------------------------------------- making

  /** An F32 tensor. */
  public static StoredTensor of(String name, float[] values, long... shape) {
    return of(name, Dtype.F32, values, shape);
  }

  /**
   * A tensor of floats; F16 and BF16 round to the nearest, ties to even.
   *
   * @param dtype F32, F16 or BF16
   */
  public static StoredTensor of(String name, Dtype dtype, float[] values, long... shape) {
    StoredTensor tensor = allocate(name, dtype, values.length, shape);
    MemorySegment bytes = tensor.bytes;
    switch (dtype) {
      case F32 -> MemorySegment.copy(values, 0, bytes, F32, 0, values.length);
      case F16 -> {
        for (int i = 0; i < values.length; i++) {
          bytes.setAtIndex(I16, i, Float.floatToFloat16(values[i]));
        }
      }
      case BF16 -> {
        for (int i = 0; i < values.length; i++) {
          bytes.setAtIndex(I16, i, toBfloat16(values[i]));
        }
      }
      default -> throw wrongDtype(name, dtype, "F32, F16 or BF16 of floats");
    }
    return tensor;
  }

  /** An F64 tensor. */
  public static StoredTensor of(String name, double[] values, long... shape) {
    StoredTensor tensor = allocate(name, Dtype.F64, values.length, shape);
    MemorySegment.copy(values, 0, tensor.bytes, F64, 0, values.length);
    return tensor;
  }

  /** An I32 tensor. */
  public static StoredTensor of(String name, int[] values, long... shape) {
    StoredTensor tensor = allocate(name, Dtype.I32, values.length, shape);
    MemorySegment.copy(values, 0, tensor.bytes, I32, 0, values.length);
    return tensor;
  }

  /** An I64 tensor. */
  public static StoredTensor of(String name, long[] values, long... shape) {
    return of(name, Dtype.I64, values, shape);
  }

  /**
   * A tensor of integers.
   *
   * @param dtype any integer type
   * @param values each in the range of that type
   */
  public static StoredTensor of(String name, Dtype dtype, long[] values, long... shape) {
    requireIntegers(name, dtype);
    StoredTensor tensor = allocate(name, dtype, values.length, shape);
    for (int i = 0; i < values.length; i++) {
      if (values[i] < dtype.least() || values[i] > dtype.largest()) {
        throw outOfRange(name, i, Long.toString(values[i]), dtype.least(), dtype.largest());
      }
      switch (dtype.bytes()) {
        case 1 -> tensor.bytes.set(I8, i, (byte) values[i]);
        case 2 -> tensor.bytes.setAtIndex(I16, i, (short) values[i]);
        case 4 -> tensor.bytes.setAtIndex(I32, i, (int) values[i]);
        default -> tensor.bytes.setAtIndex(I64, i, values[i]);
      }
    }
    return tensor;
  }

  /** A BOOL tensor. */
  public static StoredTensor of(String name, boolean[] values, long... shape) {
    StoredTensor tensor = allocate(name, Dtype.BOOL, values.length, shape);
    for (int i = 0; i < values.length; i++) {
      tensor.bytes.set(I8, i, (byte) (values[i] ? 1 : 0));
    }
    return tensor;
  }

  /**
   * A tensor of any type, and of any size, whose bytes are made already. They are not copied.
   *
   * @param bytes little-endian, as many as the shape has
   */
  public static StoredTensor of(String name, Dtype dtype, MemorySegment bytes, long... shape) {
    long wanted = requireShape(name, dtype, shape);
    require(bytes.byteSize() == wanted, name, bytes.byteSize() + " bytes for " + dtype + " " + describe(shape),
        Long.toString(wanted));
    return new StoredTensor(name, dtype, shape.clone(), bytes.asReadOnly());
  }

  // ---------------------------------------------------------------- looking

  /** The name, unique in its file. */
  public String name() {
    return name;
  }

  /** What the elements are. */
  public Dtype dtype() {
    return dtype;
  }

  /** The sizes, outermost first, in an array of the caller's own. */
  public long[] shape() {
    return shape.clone();
  }

  /** The number of elements, which may be more than an array holds. */
  public long elements() {
    return bytes.byteSize() / dtype.bytes();
  }

  /** The elements as stored, read-only: the way to a tensor of more elements than an array holds. */
  public MemorySegment bytes() {
    return bytes.asReadOnly();
  }

  /**
   * The elements of an F32, F16, BF16 or F64 tensor: the bits of F32, F16 and BF16 exactly, F64 rounded to the nearest.
   *
   * @throws IllegalArgumentException if the type is another, or there are more than 2^31-1 elements
   */
  public float[] toFloats() {
    int length = length(dtype == Dtype.F32 || dtype == Dtype.F16 || dtype == Dtype.BF16 || dtype == Dtype.F64,
        "F32, F16, BF16 or F64 as floats");
    float[] values = new float[length];
    switch (dtype) {
      case F32 -> MemorySegment.copy(bytes, F32, 0, values, 0, length);
      case F16 -> {
        for (int i = 0; i < length; i++) {
          values[i] = Float.float16ToFloat(bytes.getAtIndex(I16, i));
        }
      }
      case BF16 -> {
        for (int i = 0; i < length; i++) {
          values[i] = Float.intBitsToFloat(bytes.getAtIndex(I16, i) << 16);
        }
      }
      default -> {
        for (int i = 0; i < length; i++) {
          values[i] = (float) bytes.getAtIndex(F64, i);
        }
      }
    }
    return values;
  }

  /**
   * The elements of an F64, F32, F16 or BF16 tensor, exactly.
   *
   * @throws IllegalArgumentException if the type is another, or there are more than 2^31-1 elements
   */
  public double[] toDoubles() {
    if (dtype != Dtype.F64) {
      float[] floats = toFloats();
      double[] values = new double[floats.length];
      Arrays.setAll(values, i -> floats[i]);
      return values;
    }
    double[] values = new double[length(true, "")];
    MemorySegment.copy(bytes, F64, 0, values, 0, values.length);
    return values;
  }

  /**
   * The elements of a tensor of integers, each of which must be an int.
   *
   * @throws IllegalArgumentException if one is not, if the type is another, or there are more than 2^31-1 elements
   */
  public int[] toInts() {
    int length = integers();
    int[] values = new int[length];
    for (int i = 0; i < length; i++) {
      long value = integer(i);
      values[i] = (int) value;
      if (values[i] != value) {
        throw outOfRange(name, i, Long.toString(value), Integer.MIN_VALUE, Integer.MAX_VALUE);
      }
    }
    return values;
  }

  /**
   * The elements of a tensor of integers, each of which must be a long.
   *
   * @throws IllegalArgumentException if one is not (a U64 above 2^63-1), if the type is another, or there are more than
   *     2^31-1 elements
   */
  public long[] toLongs() {
    long[] values = new long[integers()];
    for (int i = 0; i < values.length; i++) {
      values[i] = integer(i);
    }
    return values;
  }

  /**
   * The elements of a BOOL tensor.
   *
   * @throws IllegalArgumentException if the type is another, if there are more than 2^31-1 elements, or one is neither
   *     0 nor 1
   */
  public boolean[] toBooleans() {
    boolean[] values = new boolean[length(dtype == Dtype.BOOL, "BOOL as booleans")];
    for (int i = 0; i < values.length; i++) {
      byte value = bytes.get(I8, i);
      if ((value & ~1) != 0) {
        throw outOfRange(name, i, Integer.toString(value & 0xff), 0, 1);
      }
      values[i] = value != 0;
    }
    return values;
  }

  /** For example {@code "encoder.weight" F32 (512, 28)}. */
  @Override
  public String toString() {
    return quote(name) + " " + dtype + " " + describe(shape);
  }

  // ---------------------------------------------------------------- parts

  private long integer(long i) {
    return switch (dtype) {
      case I8 -> bytes.get(I8, i);
      case U8 -> bytes.get(I8, i) & 0xff;
      case I16 -> bytes.getAtIndex(I16, i);
      case U16 -> bytes.getAtIndex(I16, i) & 0xffff;
      case I32 -> bytes.getAtIndex(I32, i);
      case U32 -> bytes.getAtIndex(I32, i) & 0xffffffffL;
      case U64 -> {
        long value = bytes.getAtIndex(I64, i);
        if (value < 0) {
          throw outOfRange(name, i, Long.toUnsignedString(value), 0, Long.MAX_VALUE);
        }
        yield value;
      }
      default -> bytes.getAtIndex(I64, i);
    };
  }

  private int integers() {
    requireIntegers(name, dtype);
    return length(true, "");
  }

  private int length(boolean fits, String wanted) {
    if (!fits) {
      throw wrongDtype(name, dtype, wanted);
    }
    require(elements() <= Integer.MAX_VALUE, name, elements() + " elements", "at most 2147483647 in an array");
    return (int) elements();
  }

  private static StoredTensor allocate(String name, Dtype dtype, int values, long[] shape) {
    long wanted = requireShape(name, dtype, shape);
    require((long) values * dtype.bytes() == wanted, name, values + " values for shape " + describe(shape),
        Long.toString(wanted / dtype.bytes()));
    return new StoredTensor(name, dtype, shape.clone(), Arena.ofAuto().allocate(wanted, dtype.bytes()));
  }

  private static long requireShape(String name, Dtype dtype, long[] shape) {
    for (long size : shape) {
      require(size >= 0, name, "a size of " + size + " in " + describe(shape), "0 or more");
    }
    try {
      return dtype.bytes(shape);
    } catch (ArithmeticException _) {
      throw refusal(name, dtype + " " + describe(shape), "at most 2^63-1 bytes");
    }
  }

  private static void requireIntegers(String name, Dtype dtype) {
    switch (dtype) {
      case F64, F32, F16, BF16, BOOL -> throw wrongDtype(name, dtype, "a type of integers");
      case I64, I32, I16, I8, U64, U32, U16, U8 -> { }
    }
  }

  private static IllegalArgumentException outOfRange(String name, long i, String value, long least, long largest) {
    return refusal(name, "element " + i + " = " + value, least + " to " + largest);
  }

  private static IllegalArgumentException wrongDtype(String name, Dtype dtype, String wanted) {
    return refusal(name, "type " + dtype, wanted);
  }

  private static void require(boolean condition, String name, String given, String wanted) {
    if (!condition) {
      throw refusal(name, given, wanted);
    }
  }

  private static IllegalArgumentException refusal(String name, String given, String wanted) {
    return new IllegalArgumentException("safetensors: tensor " + quote(name) + " has " + given + ", wanted "
        + wanted);
  }

  private static short toBfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    // The carry of rounding would make an infinity of some NaNs; a quiet bit keeps the others NaN.
    return (short) (Float.isNaN(value) ? bits >>> 16 | 0x40 : bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
  }
}
