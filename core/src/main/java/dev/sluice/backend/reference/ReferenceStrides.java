package dev.sluice.backend.reference;

/** Strided walks: where the elements of an n-dimensional shape lie. */
final class ReferenceStrides {
  private ReferenceStrides() {}

  /** The number of indices of a shape; 1 for the empty shape. */
  static int count(int[] shape) {
    int count = 1;
    for (int size : shape) {
      count *= size;
    }
    return count;
  }

  /** {@code i0*strides[0] + i1*strides[1] + ...} for the row-major index of (i0, i1, ...). */
  static int offset(int index, int[] shape, int[] strides) {
    int offset = 0;
    for (int d = shape.length - 1; d >= 0; d--) {
      offset += index % shape[d] * strides[d];
      index /= shape[d];
    }
    return offset;
  }
}
