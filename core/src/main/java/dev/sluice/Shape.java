package dev.sluice;

import java.util.Arrays;
import java.util.stream.Collectors;

/** The sizes of a tensor's dimensions, outermost first; immutable. A scalar has none. At most 2^31-1 elements. */
public final class Shape {
  /** The shape of a single number. */
  public static final Shape SCALAR = new Shape(new int[0]);

  private final int[] sizes;
  private final int elements;

  private Shape(int[] sizes) {
    long product = 1;
    for (int size : sizes) {
      if (size < 0) {
        throw new IllegalArgumentException("shape: a size is " + size + " in " + format(sizes) + ", wanted 0 or more");
      }
      product *= size;
      if (product > Integer.MAX_VALUE) {
        throw new IllegalArgumentException("shape: " + format(sizes)
            + " has more than 2^31-1 elements, wanted at most 2147483647");
      }
    }
    this.sizes = sizes;
    this.elements = (int) product;
  }

  /** The shape of these sizes; of none, a scalar's. */
  public static Shape of(int... sizes) {
    return sizes.length == 0 ? SCALAR : new Shape(sizes.clone());
  }

  /** The number of dimensions. */
  public int rank() {
    return sizes.length;
  }

  /** The number of elements. */
  public int elements() {
    return elements;
  }

  /** The size of a dimension; -1 is the last. */
  public int size(int dimension) {
    return sizes[dimension(dimension)];
  }

  /**
   * A dimension counted from the front: -1 becomes rank-1.
   *
   * @throws IllegalArgumentException if there is no such dimension
   */
  public int dimension(int dimension) {
    int positive = dimension < 0 ? dimension + sizes.length : dimension;
    if (positive < 0 || positive >= sizes.length) {
      throw new IllegalArgumentException("shape: dimension " + dimension + " of " + this + ", wanted "
          + (sizes.length == 0 ? "none: a scalar has no dimensions" : -sizes.length + " to " + (sizes.length - 1)));
    }
    return positive;
  }

  /** All sizes, in an array of the caller's own. */
  public int[] toArray() {
    return sizes.clone();
  }

  /** The step per dimension of the dense row-major layout. */
  public int[] strides() {
    int[] strides = new int[sizes.length];
    int stride = 1;
    for (int d = sizes.length - 1; d >= 0; d--) {
      strides[d] = stride;
      stride *= sizes[d];
    }
    return strides;
  }

  /** The product of the sizes from one dimension up to, not including, another. */
  public int elements(int from, int to) {
    int product = 1;
    for (int d = from; d < to; d++) {
      product *= sizes[d];
    }
    return product;
  }

  /** This shape with one size replaced. */
  public Shape with(int dimension, int size) {
    int[] changed = sizes.clone();
    changed[dimension(dimension)] = size;
    return new Shape(changed);
  }

  /** This shape without a dimension. */
  public Shape without(int dimension) {
    int gone = dimension(dimension);
    int[] rest = new int[sizes.length - 1];
    System.arraycopy(sizes, 0, rest, 0, gone);
    System.arraycopy(sizes, gone + 1, rest, gone, rest.length - gone);
    return of(rest);
  }

  /** The dimensions from one up to, not including, another. */
  public Shape slice(int from, int to) {
    return of(Arrays.copyOfRange(sizes, from, to));
  }

  /** This shape followed by further sizes. */
  public Shape plus(int... more) {
    int[] all = Arrays.copyOf(sizes, sizes.length + more.length);
    System.arraycopy(more, 0, all, sizes.length, more.length);
    return of(all);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && Arrays.equals(sizes, shape.sizes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(sizes);
  }

  /** For example {@code (2, 3)}; a scalar is {@code ()}. */
  @Override
  public String toString() {
    return format(sizes);
  }

  private static String format(int[] sizes) {
    return Arrays.stream(sizes).mapToObj(String::valueOf).collect(Collectors.joining(", ", "(", ")"));
  }
}
