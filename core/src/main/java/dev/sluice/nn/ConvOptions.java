package dev.sluice.nn;

import dev.sluice.autograd.ConvolutionOptions;
import dev.sluice.autograd.Size2;
import dev.sluice.checks.Arguments;

/**
 * The constructor arguments of torch.nn.Conv2d, in its order and with its defaults; padding is always zeros. A {@link
 * Conv1d} takes the widths.
 *
 * @param inChannels planes of an input, 1 or more; a multiple of the groups
 * @param outChannels planes of an output, 1 or more; a multiple of the groups
 * @param kernelSize taps, 1 or more
 * @param stride from one window to the next, 1 or more; 1
 * @param padding zeros added on either side, 0 or more; 0
 * @param dilation from one tap to the next, 1 or more; 1
 * @param groups into how many parts the channels fall, each convolved by itself; 1
 * @param bias whether there is a bias; true
 */
public record ConvOptions(int inChannels, int outChannels, Size2 kernelSize, Size2 stride, Size2 padding,
    Size2 dilation, int groups, boolean bias) {
  public ConvOptions {
    Arguments.positive("conv", "inChannels", inChannels);
    Arguments.positive("conv", "outChannels", outChannels);
    Arguments.positive("conv", "groups", groups);
    Arguments.require(kernelSize.height() >= 1 && kernelSize.width() >= 1, "conv", "kernelSize is " + kernelSize,
        "1 or more");
    Arguments.require(stride.height() >= 1 && stride.width() >= 1, "conv", "stride is " + stride, "1 or more");
    Arguments.require(padding.height() >= 0 && padding.width() >= 0, "conv", "padding is " + padding, "0 or more");
    Arguments.require(dilation.height() >= 1 && dilation.width() >= 1, "conv", "dilation is " + dilation, "1 or more");
    Arguments.require(inChannels % groups == 0 && outChannels % groups == 0, "conv",
        "groups is " + groups + " for " + inChannels + " and " + outChannels + " channels", "a divisor of both");
  }

  /** A square kernel, windows side by side, a bias. */
  public static ConvOptions of(int inChannels, int outChannels, int kernelSize) {
    return of(inChannels, outChannels, Size2.of(kernelSize));
  }

  /** Windows side by side, a bias. */
  public static ConvOptions of(int inChannels, int outChannels, Size2 kernelSize) {
    return new ConvOptions(inChannels, outChannels, kernelSize, Size2.ONE, Size2.ZERO, Size2.ONE, 1, true);
  }

  /** The same with another stride. */
  public ConvOptions withStride(int stride) {
    return withStride(Size2.of(stride));
  }

  /** The same with another stride. */
  public ConvOptions withStride(Size2 stride) {
    return new ConvOptions(inChannels, outChannels, kernelSize, stride, padding, dilation, groups, bias);
  }

  /** The same with another padding. */
  public ConvOptions withPadding(int padding) {
    return withPadding(Size2.of(padding));
  }

  /** The same with another padding. */
  public ConvOptions withPadding(Size2 padding) {
    return new ConvOptions(inChannels, outChannels, kernelSize, stride, padding, dilation, groups, bias);
  }

  /** The same with another dilation. */
  public ConvOptions withDilation(int dilation) {
    return withDilation(Size2.of(dilation));
  }

  /** The same with another dilation. */
  public ConvOptions withDilation(Size2 dilation) {
    return new ConvOptions(inChannels, outChannels, kernelSize, stride, padding, dilation, groups, bias);
  }

  /** The same with channels in so many groups. */
  public ConvOptions withGroups(int groups) {
    return new ConvOptions(inChannels, outChannels, kernelSize, stride, padding, dilation, groups, bias);
  }

  /** The same with a bias or without. */
  public ConvOptions withBias(boolean bias) {
    return new ConvOptions(inChannels, outChannels, kernelSize, stride, padding, dilation, groups, bias);
  }

  /** How the kernel slides. */
  ConvolutionOptions sliding() {
    return new ConvolutionOptions(stride, padding, dilation, groups);
  }
}
