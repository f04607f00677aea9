package dev.sluice.nn;

import dev.sluice.Tensor;
import dev.sluice.autograd.AvgPoolOptions;
import dev.sluice.autograd.Pooling;

/** The mean of each window of a plane, as torch.nn.AvgPool2d; without parameters. */
public final class AvgPool2d extends Module implements Layer {
  private final AvgPoolOptions options;

  /** Square windows side by side. */
  public AvgPool2d(int kernelSize) {
    this(AvgPoolOptions.of(kernelSize));
  }

  /** With all of torch.nn.AvgPool2d's arguments. */
  public AvgPool2d(AvgPoolOptions options) {
    this.options = options;
  }

  /** What it was made with. */
  public AvgPoolOptions options() {
    return options;
  }

  /**
   * Pools.
   *
   * @param input REAL (batch, channels, height, width) or (channels, height, width)
   * @return (..., rows of windows, windows in a row)
   */
  @Override
  public Tensor forward(Tensor input) {
    return Pooling.avgPool2d(input, options);
  }
}
