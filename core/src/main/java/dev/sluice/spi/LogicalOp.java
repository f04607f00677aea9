package dev.sluice.spi;

/** Functions of two truth values. */
public enum LogicalOp {
  /** Whether one of both is true. */
  OR,
  /** Whether none of both is true; of one value twice, that it is not. */
  NOR
}
