package dev.sluice.nn;

import dev.sluice.Tensor;
import dev.sluice.autograd.AvgPoolOptions;
import dev.sluice.autograd.Pooling;

/** The mean of each window of a sequence, as torch.nn.AvgPool1d; without parameters. */
public final class AvgPool1d extends Module implements Layer {
  private final AvgPoolOptions options;

  /** Windows side by side. */
  public AvgPool1d(int kernelSize) {
    this(AvgPoolOptions.of(kernelSize));
  }

  /** With all of torch.nn.AvgPool1d's arguments: the options' widths. */
  public AvgPool1d(AvgPoolOptions options) {
    this.options = options;
  }

  /** What it was made with. */
  public AvgPoolOptions options() {
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
    return Pooling.avgPool1d(input, options);
  }
}
