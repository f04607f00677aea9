package dev.sluice.backend.vector;

import java.lang.reflect.Array;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Arrays kept for reuse, by size class: four classes to an octave, so that at most a quarter of an array lies idle.
 * What it keeps is bounded; beyond the bound an array is left to the garbage collector. Contents of an array taken are
 * undefined.
 *
 * @param <A> the array type
 */
final class ArrayPool<A> {
  /** No array is longer than this, the most that every JVM allocates. */
  private static final int LONGEST = Integer.MAX_VALUE - 8;

  /** Lengths up to this share the first class: an array below it is not worth telling apart. */
  private static final int SHORTEST = 16;

  /** Four to an octave. */
  static final int CLASSES = 4 * 32;

  private final IntFunction<A> factory;
  private final int elementBytes;
  private final long limitBytes;
  private final AtomicLong heldBytes = new AtomicLong();
  private final AtomicLong madeBytes = new AtomicLong();
  private final ArrayShelf[] shelves = ArrayShelf.several(CLASSES);

  /**
   * @param factory makes an array of a length
   * @param elementBytes the size of an element
   * @param limitBytes how much is kept at most
   */
  ArrayPool(IntFunction<A> factory, int elementBytes, long limitBytes) {
    this.factory = factory;
    this.elementBytes = elementBytes;
    this.limitBytes = limitBytes;
  }

  /** An array of at least the length. */
  @SuppressWarnings("unchecked")
  A take(int length) {
    if (length < 0 || length > LONGEST) {
      throw new IllegalArgumentException("allocate: length is " + length + ", wanted 0 to " + LONGEST);
    }
    int sizeClass = sizeClass(length);
    Object array = pop(shelves[sizeClass]);
    if (array == null) {
      A made = make(Math.max(length, classLength(sizeClass)));
      madeBytes.addAndGet(bytes(made));
      return made;
    }
    heldBytes.addAndGet(-bytes(array));
    return (A) array;
  }

  /** A new array; what is kept for reuse gives way before memory runs out. */
  private A make(int length) {
    try {
      return factory.apply(length);
    } catch (OutOfMemoryError e) {
      clear();
      return factory.apply(length);
    }
  }

  /** Gives back what {@link #take} gave out; the caller must not touch it again. */
  void give(A array) {
    long bytes = bytes(array);
    if (heldBytes.addAndGet(bytes) > limitBytes) {
      heldBytes.addAndGet(-bytes);
      return;
    }
    ArrayShelf shelf = shelves[sizeClassOf(array)];
    synchronized (shelf) {
      shelf.push(array);
    }
  }

  private static @Nullable Object pop(ArrayShelf shelf) {
    synchronized (shelf) {
      return shelf.pop();
    }
  }

  /** Drops everything kept. */
  void clear() {
    for (ArrayShelf shelf : shelves) {
      for (Object array = pop(shelf); array != null; array = pop(shelf)) {
        heldBytes.addAndGet(-bytes(array));
      }
    }
  }

  /** The bytes kept at present. */
  long heldBytes() {
    return heldBytes.get();
  }

  /** The bytes of all arrays that were made because none was kept: no more in a steady state. */
  long madeBytes() {
    return madeBytes.get();
  }

  /** The lowest class whose arrays hold the length. */
  static int sizeClass(int length) {
    if (length <= SHORTEST) {
      return 0;
    }
    int octave = 31 - Integer.numberOfLeadingZeros(length - 1);
    int quarter = (length - 1 >>> octave - 2) & 3;
    return 4 * (octave - 4) + quarter + 1;
  }

  /** The class of an array. */
  static int sizeClassOf(Object array) {
    return sizeClass(Array.getLength(array));
  }

  /** The length of a class's arrays. */
  static int classLength(int sizeClass) {
    if (sizeClass == 0) {
      return SHORTEST;
    }
    int octave = (sizeClass - 1) / 4 + 4;
    int quarter = (sizeClass - 1) % 4;
    return (int) Math.min((long) (5 + quarter) << octave - 2, LONGEST);
  }

  /** The size of an array's elements. */
  long bytes(Object array) {
    return (long) Array.getLength(array) * elementBytes;
  }
}
