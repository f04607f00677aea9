package dev.sluice.autograd;

import org.jspecify.annotations.Nullable;

/**
 * The arguments of torch.nn.AvgPool2d.
 *
 * @param kernelSize of a window, 1 or more
 * @param stride from one window to the next, 1 or more; the kernel's size
 * @param padding zeros added on either side, 0 to half of the kernel's size; 0
 * @param ceilMode whether a last window may reach beyond the padding; false
 * @param countIncludePad whether the padding counts among the elements that a sum is divided by; true
 * @param divisorOverride what a sum is divided by, 1 or more; null for the number of elements
 */
public record AvgPoolOptions(Size2 kernelSize, Size2 stride, Size2 padding, boolean ceilMode, boolean countIncludePad,
    @Nullable Integer divisorOverride) {
  public AvgPoolOptions {
    kernelSize.atLeast("avgPool", "kernelSize", 1);
    stride.atLeast("avgPool", "stride", 1);
    padding.atLeast("avgPool", "padding", 0);
    Size2 most = new Size2(kernelSize.height() / 2, kernelSize.width() / 2);
    Checks.require(padding.height() <= most.height() && padding.width() <= most.width(), "avgPool",
        "padding is " + padding, "at most half of the kernel's size: " + most);
    Checks.require(divisorOverride == null || divisorOverride >= 1, "avgPool",
        "divisorOverride is " + divisorOverride, "1 or more, or null");
  }

  /** Square windows side by side. */
  public static AvgPoolOptions of(int kernelSize) {
    return of(Size2.of(kernelSize));
  }

  /** Windows side by side. */
  public static AvgPoolOptions of(Size2 kernelSize) {
    return new AvgPoolOptions(kernelSize, kernelSize, Size2.ZERO, false, true, null);
  }

  /** The same with another stride. */
  public AvgPoolOptions withStride(int stride) {
    return withStride(Size2.of(stride));
  }

  /** The same with another stride. */
  public AvgPoolOptions withStride(Size2 stride) {
    return new AvgPoolOptions(kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride);
  }

  /** The same with another padding. */
  public AvgPoolOptions withPadding(int padding) {
    return withPadding(Size2.of(padding));
  }

  /** The same with another padding. */
  public AvgPoolOptions withPadding(Size2 padding) {
    return new AvgPoolOptions(kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride);
  }

  /** The same with a last window that may reach beyond the padding or not. */
  public AvgPoolOptions withCeilMode(boolean ceilMode) {
    return new AvgPoolOptions(kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride);
  }

  /** The same with the padding counted or not. */
  public AvgPoolOptions withCountIncludePad(boolean countIncludePad) {
    return new AvgPoolOptions(kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride);
  }

  /** The same with a fixed divisor. */
  public AvgPoolOptions withDivisorOverride(int divisorOverride) {
    return new AvgPoolOptions(kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride);
  }

  /** The same along a sequence: the widths, over planes of one row. */
  AvgPoolOptions alongSequence() {
    return new AvgPoolOptions(new Size2(1, kernelSize.width()), new Size2(1, stride.width()),
        new Size2(0, padding.width()), ceilMode, countIncludePad, divisorOverride);
  }
}
