package dev.sluice.autograd;

/**
 * How the kernel of a convolution slides, as torch.nn.functional.conv2d has it. Start from {@link #NONE} and add.
 *
 * @param stride from one window to the next, 1 or more; 1
 * @param padding zeros added on either side, 0 or more; 0
 * @param dilation from one tap of the kernel to the next, 1 or more; 1
 * @param groups into how many parts the channels fall, each convolved by itself, 1 or more; 1
 */
public record ConvolutionOptions(Size2 stride, Size2 padding, Size2 dilation, int groups) {
  /** Windows side by side, no padding. */
  public static final ConvolutionOptions NONE = new ConvolutionOptions(Size2.ONE, Size2.ZERO, Size2.ONE, 1);

  public ConvolutionOptions {
    stride.atLeast("convolution", "stride", 1);
    padding.atLeast("convolution", "padding", 0);
    dilation.atLeast("convolution", "dilation", 1);
    Checks.require(groups >= 1, "convolution", "groups is " + groups, "1 or more");
  }

  /** With another stride. */
  public ConvolutionOptions stride(int stride) {
    return stride(Size2.of(stride));
  }

  /** With another stride. */
  public ConvolutionOptions stride(Size2 stride) {
    return new ConvolutionOptions(stride, padding, dilation, groups);
  }

  /** With another padding. */
  public ConvolutionOptions padding(int padding) {
    return padding(Size2.of(padding));
  }

  /** With another padding. */
  public ConvolutionOptions padding(Size2 padding) {
    return new ConvolutionOptions(stride, padding, dilation, groups);
  }

  /** With another dilation. */
  public ConvolutionOptions dilation(int dilation) {
    return dilation(Size2.of(dilation));
  }

  /** With another dilation. */
  public ConvolutionOptions dilation(Size2 dilation) {
    return new ConvolutionOptions(stride, padding, dilation, groups);
  }

  /** With channels in so many groups. */
  public ConvolutionOptions groups(int groups) {
    return new ConvolutionOptions(stride, padding, dilation, groups);
  }

  /** The same along a sequence: the widths, over planes of one row. */
  ConvolutionOptions alongSequence() {
    return new ConvolutionOptions(new Size2(1, stride.width()), new Size2(0, padding.width()),
        new Size2(1, dilation.width()), groups);
  }
}
