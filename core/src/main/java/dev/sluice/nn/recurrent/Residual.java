package dev.sluice.nn.recurrent;

import dev.sluice.Tensor;
import dev.sluice.autograd.Arithmetic;
import dev.sluice.checks.Arguments;
import java.util.List;

/**
 * Recurrences with a path around each (Li et al.: Deep IndRNN, arXiv 1910.06251): {@code x + f(x)} at every step, so
 * that each gives as wide an output as its input is. What a block f is, is its maker's choice: two layers with
 * normalisation each, in the paper.
 *
 * <pre>{@code
 * var options = RecurrentOptions.of(128, 128).withNumLayers(2);
 * var stack = new Residual(new IndRNN(options, generator), new IndRNN(options, generator));
 * }</pre>
 */
public final class Residual extends RecurrentStack {
  /** These recurrences, in this order. */
  public Residual(Recurrent... blocks) {
    this(List.of(blocks));
  }

  /** These recurrences, in this order. */
  public Residual(List<? extends Recurrent> blocks) {
    super("residual", blocks);
  }

  @Override
  int width(int block, int before, int output) {
    Arguments.require(output == before, name(), "output width of block " + block + " is " + output,
        before + ", that of its input");
    return output;
  }

  @Override
  Tensor joined(Tensor before, Tensor output) {
    return Arithmetic.add(before, output);
  }
}
