package dev.sluice.backend.vector;

/** What the Vector API offers here; loaded by the probe once the module is known to be there. */
final class VectorWidth {
  private VectorWidth() {}

  /** Bits of the vectors in use. */
  static int bits() {
    return Lanes.SPECIES.vectorBitSize();
  }

  /** Floats of the vectors in use. */
  static int lanes() {
    return Lanes.COUNT;
  }
}
