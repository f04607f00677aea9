package dev.sluice.nn;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.autograd.Convolutions;
import org.jspecify.annotations.Nullable;

/**
 * A convolution of sequences, as torch.nn.Conv1d with zeros for padding. Parameters: {@code weight} (outChannels,
 * inChannels / groups, kernel) and {@code bias} (outChannels), both drawn from U(-1/sqrt(k), 1/sqrt(k)) with k the
 * weights of one output channel.
 */
public final class Conv1d extends Module implements Layer {
  private final ConvOptions options;

  /** Windows side by side, a bias. */
  public Conv1d(int inChannels, int outChannels, int kernelSize, Generator generator) {
    this(ConvOptions.of(inChannels, outChannels, kernelSize), generator);
  }

  /** With all of torch.nn.Conv1d's arguments: the options' widths. */
  public Conv1d(ConvOptions options, Generator generator) {
    this.options = options;
    int inputs = options.inChannels() / options.groups();
    int kernel = options.kernelSize().width();
    double bound = 1 / Math.sqrt((double) inputs * kernel);
    parameter("weight", Init.uniform(Tensor.zeros(options.outChannels(), inputs, kernel), -bound, bound, generator));
    if (options.bias()) {
      parameter("bias", Init.uniform(Tensor.zeros(options.outChannels()), -bound, bound, generator));
    }
  }

  /** What it was made with. */
  public ConvOptions options() {
    return options;
  }

  /** (outChannels, inChannels / groups, kernel). */
  public Tensor weight() {
    return parameter("weight");
  }

  /** (outChannels), or null. */
  public @Nullable Tensor bias() {
    return options.bias() ? parameter("bias") : null;
  }

  /**
   * Convolves.
   *
   * @param input REAL (batch, inChannels, length) or (inChannels, length)
   * @return (..., outChannels, windows)
   */
  @Override
  public Tensor forward(Tensor input) {
    return Convolutions.conv1d(input, weight(), bias(), options.sliding());
  }
}
