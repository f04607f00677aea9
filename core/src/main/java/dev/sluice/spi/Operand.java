package dev.sluice.spi;

/**
 * What a kernel call wants of one of its buffer arguments.
 *
 * @param name the argument's name, as in the kernel's signature
 * @param type what the buffer must hold
 * @param length the least number of elements; for a {@link #list list} of buffers it is -1: every list of a call has
 *     the same number of buffers, and buffers at the same place are equally long
 * @param access what the kernel does with it
 * @param optional whether null may stand for it
 */
public record Operand(String name, ElementType type, long length, Access access, boolean optional) {
  /** What a kernel does with a buffer. */
  public enum Access {
    /** Reads it and leaves it as it was. */
    READ,
    /** Writes every element that the operand names and reads none. */
    WRITE,
    /** Reads and writes, or writes only part of it. */
    UPDATE
  }

  /** A REAL buffer that is read. */
  public static Operand read(String name, long length) {
    return new Operand(name, ElementType.REAL, length, Access.READ, false);
  }

  /** A REAL buffer that is written. */
  public static Operand write(String name, long length) {
    return new Operand(name, ElementType.REAL, length, Access.WRITE, false);
  }

  /** A REAL buffer that is updated in place. */
  public static Operand update(String name, long length) {
    return new Operand(name, ElementType.REAL, length, Access.UPDATE, false);
  }

  /** A list of REAL buffers. */
  public static Operand list(String name, Access access) {
    return new Operand(name, ElementType.REAL, -1, access, false);
  }

  /** The same operand with elements of another type. */
  public Operand of(ElementType other) {
    return new Operand(name, other, length, access, optional);
  }

  /** The same operand, which may be null. */
  public Operand orNull() {
    return new Operand(name, type, length, access, true);
  }

  /** The same operand with another access. */
  public Operand as(Access other) {
    return new Operand(name, type, length, other, optional);
  }
}
