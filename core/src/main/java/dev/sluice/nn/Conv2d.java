package dev.sluice.nn;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.autograd.Convolutions;
import dev.sluice.autograd.Size2;
import org.jspecify.annotations.Nullable;

/**
 * A convolution of planes, as torch.nn.Conv2d with zeros for padding. Parameters: {@code weight} (outChannels,
 * inChannels / groups, kernel height, kernel width) and {@code bias} (outChannels), both drawn from U(-1/sqrt(k),
 * 1/sqrt(k)) with k the weights of one output channel.
 */
public final class Conv2d extends Module implements Layer {
  private final ConvOptions options;

  /** A square kernel, windows side by side, a bias. */
  public Conv2d(int inChannels, int outChannels, int kernelSize, Generator generator) {
    this(ConvOptions.of(inChannels, outChannels, kernelSize), generator);
  }

  /** With all of torch.nn.Conv2d's arguments. */
  public Conv2d(ConvOptions options, Generator generator) {
    this.options = options;
    Size2 kernel = options.kernelSize();
    int inputs = options.inChannels() / options.groups();
    double bound = 1 / Math.sqrt((double) inputs * kernel.height() * kernel.width());
    parameter("weight", Init.uniform(Tensor.zeros(options.outChannels(), inputs, kernel.height(), kernel.width()),
        -bound, bound, generator));
    if (options.bias()) {
      parameter("bias", Init.uniform(Tensor.zeros(options.outChannels()), -bound, bound, generator));
    }
  }

  /** What it was made with. */
  public ConvOptions options() {
    return options;
  }

  /** (outChannels, inChannels / groups, kernel height, kernel width). */
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
   * @param input REAL (batch, inChannels, height, width) or (inChannels, height, width)
   * @return (..., outChannels, rows of windows, windows in a row)
   */
  @Override
  public Tensor forward(Tensor input) {
    return Convolutions.conv2d(input, weight(), bias(), options.sliding());
  }
}
