package dev.sluice.backend.vector;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A stack of arrays of one size class, for one thread at a time. */
final class ArrayShelf {
  private Object[] arrays = new Object[4];
  private int size;

  /** So many empty ones. */
  static ArrayShelf[] several(int count) {
    ArrayShelf[] shelves = new ArrayShelf[count];
    Arrays.setAll(shelves, _ -> new ArrayShelf());
    return shelves;
  }

  /** The array that was put last, or null. */
  @Nullable Object pop() {
    if (size == 0) {
      return null;
    }
    Object array = arrays[--size];
    arrays[size] = null;
    return array;
  }

  void push(Object array) {
    if (size == arrays.length) {
      arrays = Arrays.copyOf(arrays, 2 * size);
    }
    arrays[size++] = array;
  }
}
