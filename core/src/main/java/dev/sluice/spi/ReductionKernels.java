package dev.sluice.spi;

/** Reductions along one (merged) dimension: x is (outer, count, inner), the result (outer, inner). */
public interface ReductionKernels {
  /** Reduces x (outer, count, inner) to y (outer, inner). */
  void reduce(ReductionSpec spec, Buffer x, Buffer y);

  /** The gradient of {@link #reduce}: gradY (outer, inner) to gradX (outer, count, inner). */
  void reduceBackward(ReductionSpec spec, Buffer x, Buffer y, Buffer gradY, Buffer gradX);

  /**
   * The index (INT32) of the largest element along the count, the lowest on ties; a NaN counts as the largest. The op
   * is not used.
   */
  void argMax(ReductionSpec spec, Buffer x, Buffer indices);
}
