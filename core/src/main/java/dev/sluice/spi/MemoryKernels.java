package dev.sluice.spi;

/** Filling and moving, for every element type. */
public interface MemoryKernels {
  /** {@code target[i] = value}. */
  void fill(FillSpec spec, Buffer target);

  /**
   * Copies between two strided walks of the same shape: permute, slice, flip, broadcast and concatenate are all this.
   * {@code target[..] = scale * source[..]}, or {@code +=} where the spec accumulates.
   */
  void copy(CopySpec spec, Buffer source, Buffer target);
}
