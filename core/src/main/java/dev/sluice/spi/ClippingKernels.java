package dev.sluice.spi;

import java.util.List;

/**
 * Norms and bounds of lists of buffers, for gradient clipping. A buffer may stand in a list more than once: it then
 * counts as often, and is changed as often, one time after the other. All arithmetic of a norm is in double, whatever
 * the buffers hold.
 */
public interface ClippingKernels {
  /**
   * {@code norm[0] = ||(||t_1||_p, ||t_2||_p, ...)||_p}, the p-norm over all elements. For p infinite it is the largest
   * (negative infinity: smallest) magnitude; for p = 0, torch's rule: the number of buffers that have an element other
   * than 0, NaN being one. Otherwise NaN anywhere gives NaN. Of an empty list it is 0.
   */
  void norm(NormSpec spec, List<Buffer> tensors, Buffer norm);

  /**
   * {@code t *= min(maxNorm / (norm[0] + 1e-6), 1)} for every buffer, always, in place; a NaN coefficient stays NaN.
   * The coefficient does not leave the device.
   */
  void scaleToNorm(ScaleToNormSpec spec, Buffer norm, List<Buffer> tensors);

  /** {@code t = min(max(t, lower), upper)} for every buffer, in place; NaN stays NaN. */
  void clamp(ClampSpec spec, List<Buffer> tensors);
}
