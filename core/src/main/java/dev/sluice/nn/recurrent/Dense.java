package dev.sluice.nn.recurrent;

import dev.sluice.Tensor;
import dev.sluice.autograd.Shaping;
import java.util.List;

/**
 * Recurrences that each see all before them (Li et al.: Deep IndRNN, arXiv 1910.06251): a block's input at a step is
 * the stack's, with the outputs of all blocks before it beside it, in their order; so is the output, with all of them.
 */
public final class Dense extends RecurrentStack {
  /** These recurrences, in this order. */
  public Dense(Recurrent... blocks) {
    this(List.of(blocks));
  }

  /** These recurrences, in this order. */
  public Dense(List<? extends Recurrent> blocks) {
    super("dense", blocks);
  }

  /** Width of the output at a step. */
  public int outputWidth() {
    return blocks().getLast().options().inputSize() + blocks().getLast().options().outputWidth();
  }

  @Override
  int width(int block, int before, int output) {
    return Math.addExact(before, output);
  }

  @Override
  Tensor joined(Tensor before, Tensor output) {
    return Shaping.cat(List.of(before, output), -1);
  }
}
