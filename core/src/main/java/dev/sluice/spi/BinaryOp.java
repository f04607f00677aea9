package dev.sluice.spi;

/** Functions of two elements. NaN in either gives NaN, but for {@link #POWER}, where {@code x^0} is 1 for every x. */
public enum BinaryOp {
  ADD,
  SUBTRACT,
  MULTIPLY,
  DIVIDE,
  /** The larger; the gradient goes to the larger, and half to each where both are equal. */
  MAXIMUM,
  /** The smaller; the gradient goes to the smaller, and half to each where both are equal. */
  MINIMUM,
  /**
   * {@code left^right} as {@link Math#pow}; gradients {@code right * left^(right-1)} and {@code left^right *
   * log(left)}, each 0 where its factor (right, or left with right >= 0) is 0.
   */
  POWER
}
