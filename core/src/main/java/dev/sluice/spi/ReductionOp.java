package dev.sluice.spi;

/** How a run of elements becomes one. NaN anywhere gives NaN. */
public enum ReductionOp {
  /** The sum; 0 of nothing. */
  SUM,
  /** The sum divided by the count; NaN of nothing. */
  MEAN,
  /** The largest; the gradient is shared equally by all elements that equal it. Of nothing it is refused. */
  MAX,
  /** The smallest; the gradient is shared equally by all elements that equal it. Of nothing it is refused. */
  MIN
}
