package dev.sluice.nn;

import dev.sluice.Tensor;
import dev.sluice.autograd.MaxPoolOptions;
import dev.sluice.autograd.Pooling;

/** The largest element of each window of a sequence, as torch.nn.MaxPool1d; without parameters. */
public final class MaxPool1d extends Module implements Layer {
  private final MaxPoolOptions options;

  /** Windows side by side. */
  public MaxPool1d(int kernelSize) {
    this(MaxPoolOptions.of(kernelSize));
  }

  /** With all of torch.nn.MaxPool1d's arguments: the options' widths. */
  public MaxPool1d(MaxPoolOptions options) {
    this.options = options;
  }

  /** What it was made with. */
  public MaxPoolOptions options() {
    return options;
  }

  /**
   * Pools.
   *
   * @param input REAL (batch, channels, length) or (channels, length)
   * @return (..., windows)
   */
  @Override
  public Tensor forward(Tensor input) {
    return Pooling.maxPool1d(input, options);
  }
}
