package dev.sluice.bench.report;

/** How values are laid along an axis. */
public enum Scale {
  /** Evenly, from 0. */
  FROM_ZERO,

  /** Evenly, from about the least value to about the largest. */
  FITTED,

  /** By their logarithms; what is not above 0 is left out. */
  LOGARITHMIC
}
