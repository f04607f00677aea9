package dev.sluice.autograd;

/**
 * The arguments of torch.nn.MaxPool2d.
 *
 * @param kernelSize of a window, 1 or more
 * @param stride from one window to the next, 1 or more; the kernel's size
 * @param padding added on either side, 0 to half of what a window reaches over; takes no part; 0
 * @param dilation from one element of a window to the next, 1 or more; 1
 * @param ceilMode whether a last window may reach beyond the padding; false
 */
public record MaxPoolOptions(Size2 kernelSize, Size2 stride, Size2 padding, Size2 dilation, boolean ceilMode) {
  public MaxPoolOptions {
    kernelSize.atLeast("maxPool", "kernelSize", 1);
    stride.atLeast("maxPool", "stride", 1);
    padding.atLeast("maxPool", "padding", 0);
    dilation.atLeast("maxPool", "dilation", 1);
    Size2 most = new Size2(((kernelSize.height() - 1) * dilation.height() + 1) / 2,
        ((kernelSize.width() - 1) * dilation.width() + 1) / 2);
    Checks.require(padding.height() <= most.height() && padding.width() <= most.width(), "maxPool",
        "padding is " + padding, "at most half of what a window reaches over: " + most);
  }

  /** Square windows side by side. */
  public static MaxPoolOptions of(int kernelSize) {
    return of(Size2.of(kernelSize));
  }

  /** Windows side by side. */
  public static MaxPoolOptions of(Size2 kernelSize) {
    return new MaxPoolOptions(kernelSize, kernelSize, Size2.ZERO, Size2.ONE, false);
  }

  /** The same with another stride. */
  public MaxPoolOptions withStride(int stride) {
    return withStride(Size2.of(stride));
  }

  /** The same with another stride. */
  public MaxPoolOptions withStride(Size2 stride) {
    return new MaxPoolOptions(kernelSize, stride, padding, dilation, ceilMode);
  }

  /** The same with another padding. */
  public MaxPoolOptions withPadding(int padding) {
    return withPadding(Size2.of(padding));
  }

  /** The same with another padding. */
  public MaxPoolOptions withPadding(Size2 padding) {
    return new MaxPoolOptions(kernelSize, stride, padding, dilation, ceilMode);
  }

  /** The same with another dilation. */
  public MaxPoolOptions withDilation(int dilation) {
    return withDilation(Size2.of(dilation));
  }

  /** The same with another dilation. */
  public MaxPoolOptions withDilation(Size2 dilation) {
    return new MaxPoolOptions(kernelSize, stride, padding, dilation, ceilMode);
  }

  /** The same with a last window that may reach beyond the padding or not. */
  public MaxPoolOptions withCeilMode(boolean ceilMode) {
    return new MaxPoolOptions(kernelSize, stride, padding, dilation, ceilMode);
  }

  /** The same along a sequence: the widths, over planes of one row. */
  MaxPoolOptions alongSequence() {
    return new MaxPoolOptions(new Size2(1, kernelSize.width()), new Size2(1, stride.width()),
        new Size2(0, padding.width()), new Size2(1, dilation.width()), ceilMode);
  }
}
