package dev.sluice.backend.vector;

import java.lang.reflect.Array;
import java.util.Arrays;
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

  private static final int CLASSES = 4 * 32;

  private final IntFunction<A> factory;
  private final int elementBytes;
  private final long limitBytes;
  private final AtomicLong heldBytes = new AtomicLong();
  private final AtomicLong madeBytes = new AtomicLong();
  private final Shelf[] shelves = new Shelf[CLASSES];

  /**
   * @param factory makes an array of a length
   * @param elementBytes the size of an element
   * @param limitBytes how much is kept at most
   */
  ArrayPool(IntFunction<A> factory, int elementBytes, long limitBytes) {
    this.factory = factory;
    this.elementBytes = elementBytes;
    this.limitBytes = limitBytes;
    for (int i = 0; i < CLASSES; i++) {
      shelves[i] = new Shelf();
    }
  }

  /** An array of at least the length. */
  @SuppressWarnings("unchecked")
  A take(int length) {
    if (length < 0 || length > LONGEST) {
      throw new IllegalArgumentException("allocate: length is " + length + ", wanted 0 to " + LONGEST);
    }
    int sizeClass = sizeClass(length);
    Object array = shelves[sizeClass].pop();
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
    shelves[sizeClass(Array.getLength(array))].push(array);
  }

  /** Drops everything kept. */
  void clear() {
    for (Shelf shelf : shelves) {
      for (Object array = shelf.pop(); array != null; array = shelf.pop()) {
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

  /** The length of a class's arrays. */
  static int classLength(int sizeClass) {
    if (sizeClass == 0) {
      return SHORTEST;
    }
    int octave = (sizeClass - 1) / 4 + 4;
    int quarter = (sizeClass - 1) % 4;
    return (int) Math.min((long) (5 + quarter) << octave - 2, LONGEST);
  }

  private long bytes(Object array) {
    return (long) Array.getLength(array) * elementBytes;
  }

  /** A stack of arrays of one class. */
  private static final class Shelf {
    private Object[] arrays = new Object[4];
    private int size;

    synchronized @Nullable Object pop() {
      if (size == 0) {
        return null;
      }
      Object array = arrays[--size];
      arrays[size] = null;
      return array;
    }

    synchronized void push(Object array) {
      if (size == arrays.length) {
        arrays = Arrays.copyOf(arrays, 2 * size);
      }
      arrays[size++] = array;
    }
  }
}
