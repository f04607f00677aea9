package dev.sluice.bench.report;

/** How values are laid along an axis. */
public enum Scale {
  /** Evenly, from 0. */
  FROM_ZERO,

  /** Shares of 1: evenly, from below the least one to 1. */
  SHARE,

  /** By their logarithms; what is not above 0 is left out. */
  LOGARITHMIC
}
