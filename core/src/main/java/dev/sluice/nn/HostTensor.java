package dev.sluice.nn;

import dev.sluice.Shape;
import dev.sluice.checks.Arguments;

/**
 * A tensor that no backend holds: a shape and the elements in row-major order, in an array that is not copied. Without
 * sizes it is a scalar.
 */
public sealed interface HostTensor {
  /** The sizes, outermost first. */
  Shape shape();

  /** What the elements are, for messages. */
  default String kind() {
    return switch (this) {
      case Floats _ -> "float";
      case Doubles _ -> "double";
      case Ints _ -> "int";
      case Longs _ -> "long";
      case Booleans _ -> "boolean";
    };
  }

  /** Real numbers in single precision, what a parameter's are. */
  record Floats(Shape shape, float[] values) implements HostTensor {
    /** Refuses values that are not as many as the shape has elements. */
    public Floats {
      requireElements(shape, values.length);
    }
  }

  /** Real numbers in double precision. */
  record Doubles(Shape shape, double[] values) implements HostTensor {
    /** Refuses values that are not as many as the shape has elements. */
    public Doubles {
      requireElements(shape, values.length);
    }
  }

  /** Integers of 32 bits. */
  record Ints(Shape shape, int[] values) implements HostTensor {
    /** Refuses values that are not as many as the shape has elements. */
    public Ints {
      requireElements(shape, values.length);
    }
  }

  /** Integers of 64 bits, what PyTorch's counters are. */
  record Longs(Shape shape, long[] values) implements HostTensor {
    /** Refuses values that are not as many as the shape has elements. */
    public Longs {
      requireElements(shape, values.length);
    }
  }

  /** Masks. */
  record Booleans(Shape shape, boolean[] values) implements HostTensor {
    /** Refuses values that are not as many as the shape has elements. */
    public Booleans {
      requireElements(shape, values.length);
    }
  }

  /** A tensor of floats. */
  static HostTensor of(float[] values, int... sizes) {
    return new Floats(Shape.of(sizes), values);
  }

  /** A tensor of doubles. */
  static HostTensor of(double[] values, int... sizes) {
    return new Doubles(Shape.of(sizes), values);
  }

  /** A tensor of ints. */
  static HostTensor of(int[] values, int... sizes) {
    return new Ints(Shape.of(sizes), values);
  }

  /** A tensor of longs. */
  static HostTensor of(long[] values, int... sizes) {
    return new Longs(Shape.of(sizes), values);
  }

  /** A tensor of booleans. */
  static HostTensor of(boolean[] values, int... sizes) {
    return new Booleans(Shape.of(sizes), values);
  }

  private static void requireElements(Shape shape, int values) {
    Arguments.require(values == shape.elements(), "hostTensor", values + " values for shape " + shape,
        Integer.toString(shape.elements()));
  }
}
