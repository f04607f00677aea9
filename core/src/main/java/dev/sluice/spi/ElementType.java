package dev.sluice.spi;

/** What a {@link Buffer} holds. */
public enum ElementType {
  /** Real numbers in the backend's own precision: double in the reference backend, float in the others. */
  REAL,
  /** 32-bit integers: token ids, labels, lengths, arg-max. */
  INT32,
  /** Truth values: masks. True takes part. */
  BOOL
}
