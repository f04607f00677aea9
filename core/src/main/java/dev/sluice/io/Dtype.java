package dev.sluice.io;

import org.jspecify.annotations.Nullable;

/** The element types of safetensors, under the names of the format; all are stored little-endian. */
public enum Dtype {
  /** IEEE 754 double precision. */
  F64(8),
  /** IEEE 754 single precision. */
  F32(4),
  /** IEEE 754 half precision. */
  F16(2),
  /** The upper half of an {@link #F32}. */
  BF16(2),
  /** Signed, 64 bits. */
  I64(8),
  /** Signed, 32 bits. */
  I32(4),
  /** Signed, 16 bits. */
  I16(2),
  /** Signed, 8 bits. */
  I8(1),
  /** Unsigned, 64 bits. */
  U64(8),
  /** Unsigned, 32 bits. */
  U32(4),
  /** Unsigned, 16 bits. */
  U16(2),
  /** Unsigned, 8 bits. */
  U8(1),
  /** A byte that is 0 or 1. */
  BOOL(1);

  private static final Dtype[] VALUES = values();

  private final int bytes;

  Dtype(int bytes) {
    this.bytes = bytes;
  }

  /** The bytes of an element: 1, 2, 4 or 8. */
  public int bytes() {
    return bytes;
  }

  /** The type of this name, or null. */
  static @Nullable Dtype named(String name) {
    for (Dtype dtype : VALUES) {
      if (dtype.name().equals(name)) {
        return dtype;
      }
    }
    return null;
  }

  /** The bytes of so many elements, refused by ArithmeticException above 2^63-1. */
  long bytes(long[] shape) {
    long elements = 1;
    for (long size : shape) {
      elements = Math.multiplyExact(elements, size);
    }
    return Math.multiplyExact(elements, bytes);
  }

  /** The least integer of an integer type. */
  long least() {
    return switch (this) {
      case I64, I32, I16, I8 -> -1L << 8 * bytes - 1;
      case U64, U32, U16, U8 -> 0;
      case F64, F32, F16, BF16, BOOL -> throw new IllegalStateException(this + " has no integers");
    };
  }

  /** The largest integer of an integer type that a long holds. */
  long largest() {
    return switch (this) {
      case I64, I32, I16, I8 -> ~least();
      case U64 -> Long.MAX_VALUE;
      case U32, U16, U8 -> (1L << 8 * bytes) - 1;
      case F64, F32, F16, BF16, BOOL -> throw new IllegalStateException(this + " has no integers");
    };
  }
}
