package dev.sluice.spi;

/** The checks that specs share. Every message reads: operation: argument and what was given, wanted what is wanted. */
final class Sizes {
  private Sizes() {}

  static void require(boolean condition, String operation, String given, String wanted) {
    if (!condition) {
      throw refusal(operation, given, wanted);
    }
  }

  /** What a caller throws that makes its message only when it is wanted: every step of a training checks its specs. */
  static IllegalArgumentException refusal(String operation, String given, String wanted) {
    return new IllegalArgumentException(operation + ": " + given + ", wanted " + wanted);
  }

  static void atLeast(String operation, String argument, int value, int least) {
    if (value < least) {
      throw refusal(operation, argument + " is " + value, "at least " + least);
    }
  }

  static void notNegative(String operation, String argument, double value) {
    if (!(value >= 0)) {
      throw refusal(operation, argument + " is " + value, "0 or more");
    }
  }

  static void belowOne(String operation, String argument, double value) {
    if (!(value >= 0 && value < 1)) {
      throw refusal(operation, argument + " is " + value, "0 to below 1");
    }
  }

  static void probability(String operation, String argument, double value) {
    require(value >= 0 && value <= 1, operation, argument + " is " + value, "a probability, 0 to 1");
  }

  /** The product of sizes, refused when a buffer could not hold it. */
  static int elements(String operation, String argument, long... sizes) {
    long product = 1;
    for (long size : sizes) {
      product = Math.multiplyExact(product, size);
      if (product > Integer.MAX_VALUE) {
        throw refusal(operation, argument + " has more than 2^31-1 elements", "at most 2147483647");
      }
    }
    return (int) product;
  }

  /**
   * One more than the largest index that a strided walk touches; 0 for an empty walk. Refuses a walk that leaves the
   * buffer.
   */
  static int extent(String operation, String argument, int offset, int[] shape, int[] strides) {
    if (strides.length != shape.length) {
      throw refusal(operation, argument + " has " + strides.length + " strides",
          "one for each of the " + shape.length + " dimensions");
    }
    long lowest = offset;
    long highest = offset;
    for (int d = 0; d < shape.length; d++) {
      if (shape[d] == 0) {
        return 0;
      }
      long reach = (shape[d] - 1L) * strides[d];
      lowest += Math.min(reach, 0);
      highest += Math.max(reach, 0);
    }
    if (lowest < 0 || highest >= Integer.MAX_VALUE) {
      throw refusal(operation, argument + " walks from " + lowest + " to " + highest, "indices of 0 to 2147483646");
    }
    return (int) highest + 1;
  }

  /** The product of sizes that are known to be few enough. */
  static int count(int[] shape) {
    int count = 1;
    for (int size : shape) {
      count *= size;
    }
    return count;
  }

  /** Refuses a shape, or arguments that are not dense over those dimensions along which they have a stride. */
  static void broadcast(String operation, int[] shape, int[] leftStrides, int[] rightStrides) {
    long[] sizes = new long[shape.length];
    for (int d = 0; d < shape.length; d++) {
      atLeast(operation, "shape", shape[d], 0);
      sizes[d] = shape[d];
    }
    elements(operation, "shape", sizes);
    dense(operation, "left", shape, leftStrides);
    dense(operation, "right", shape, rightStrides);
  }

  private static void dense(String operation, String argument, int[] shape, int[] strides) {
    extent(operation, argument, 0, shape, strides);
    int expected = 1;
    for (int d = shape.length - 1; d >= 0; d--) {
      if (strides[d] != 0) {
        require(strides[d] == expected, operation, argument + " has stride " + strides[d] + " in dimension " + d,
            "0 or " + expected);
        expected *= shape[d];
      }
    }
  }

  /** Elements of an argument that is dense over those dimensions along which it has a stride. */
  static int denseLength(int[] shape, int[] strides) {
    int length = 1;
    for (int d = 0; d < shape.length; d++) {
      length *= strides[d] == 0 ? 1 : shape[d];
    }
    return length;
  }
}
