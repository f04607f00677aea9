package dev.sluice.backend.reference;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementType;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** An array of double, int or boolean. */
final class ReferenceBuffer implements Buffer {
  private final ElementType type;
  private final int length;
  private @Nullable Object elements;

  /** Contents are undefined by contract: NaN, so that reading what nobody wrote shows. */
  ReferenceBuffer(ElementType type, int length) {
    this.type = type;
    this.length = length;
    switch (type) {
      case REAL -> {
        double[] reals = new double[length];
        Arrays.fill(reals, Double.NaN);
        elements = reals;
      }
      case INT32 -> {
        int[] integers = new int[length];
        Arrays.fill(integers, Integer.MIN_VALUE);
        elements = integers;
      }
      case BOOL -> elements = new boolean[length];
    }
  }

  /** The elements of a REAL buffer that was checked. */
  static double[] reals(Buffer buffer) {
    return (double[]) open(buffer);
  }

  /** The elements of a REAL buffer that was checked, null for null. */
  static double @Nullable [] realsOrNull(@Nullable Buffer buffer) {
    return buffer == null ? null : reals(buffer);
  }

  /** The elements of an INT32 buffer that was checked. */
  static int[] integers(Buffer buffer) {
    return (int[]) open(buffer);
  }

  /** The elements of a BOOL buffer that was checked. */
  static boolean[] booleans(Buffer buffer) {
    return (boolean[]) open(buffer);
  }

  /** The elements of a BOOL buffer that was checked, null for null. */
  static boolean @Nullable [] booleansOrNull(@Nullable Buffer buffer) {
    return buffer == null ? null : booleans(buffer);
  }

  private static Object open(Buffer buffer) {
    Object elements = ((ReferenceBuffer) buffer).elements;
    if (elements == null) {
      throw new IllegalStateException("buffer of " + buffer.length() + " elements is closed");
    }
    return elements;
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
    return elements == null;
  }

  @Override
  public void close() {
    elements = null;
  }
}
