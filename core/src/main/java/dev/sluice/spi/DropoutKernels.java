package dev.sluice.spi;

/** Inverted dropout. */
public interface DropoutKernels {
  /** {@code y[i] = keeps(i) ? x[i] * scale : 0}; a dropped x is not read. */
  void dropout(DropoutSpec spec, Buffer x, Buffer y);

  /** The gradient: the same mask and scale on gradY. */
  void dropoutBackward(DropoutSpec spec, Buffer gradY, Buffer gradX);
}
