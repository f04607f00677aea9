package dev.sluice.nn;

import dev.sluice.Tensor;
import dev.sluice.autograd.MaxPoolOptions;
import dev.sluice.autograd.Pooling;

/** The largest element of each window of a plane, as torch.nn.MaxPool2d; without parameters. */
public final class MaxPool2d extends Module implements Layer {
  private final MaxPoolOptions options;

  /** Square windows side by side. */
  public MaxPool2d(int kernelSize) {
    this(MaxPoolOptions.of(kernelSize));
  }

  /** With all of torch.nn.MaxPool2d's arguments. */
  public MaxPool2d(MaxPoolOptions options) {
    this.options = options;
  }

  /** What it was made with. */
  public MaxPoolOptions options() {
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
    return Pooling.maxPool2d(input, options);
  }
}
