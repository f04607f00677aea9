package dev.sluice.nn.recurrent;

import dev.sluice.Shape;
import dev.sluice.Tensor;
import dev.sluice.autograd.RecurrentResult;
import dev.sluice.autograd.Shaping;
import dev.sluice.checks.Arguments;
import dev.sluice.nn.Module;
import org.jspecify.annotations.Nullable;

/** One step of a recurrence, with torch.nn.LSTMCell's arguments: what the sequence form does, step by step. */
public abstract class Cell extends Module {
  private final String name;
  private final boolean hasCellState;
  private final int inputSize;
  private final int hiddenSize;

  /**
   * For a cell that goes on to register its parameters.
   *
   * @param name what messages call it
   * @param hasCellState whether its state has a part beside the hidden one
   */
  Cell(String name, boolean hasCellState, int inputSize, int hiddenSize) {
    Arguments.positive(name, "inputSize", inputSize);
    Arguments.positive(name, "hiddenSize", hiddenSize);
    this.name = name;
    this.hasCellState = hasCellState;
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
  }

  /** Runs a sequence of one step, (1, batch, inputSize), from states (1, batch, hiddenSize), or null for zeros. */
  abstract RecurrentResult step(Tensor input, @Nullable Tensor hidden, @Nullable Tensor cell);

  /** {@link #forward(Tensor, State)} from a state of zeros. */
  public final State forward(Tensor input) {
    return forward(input, null);
  }

  /**
   * Makes a step.
   *
   * @param input REAL (batch, inputSize) or (inputSize)
   * @param state (batch, hiddenSize) each, or (hiddenSize); null for zeros
   * @return the state after the step, whose hidden part is the step's output
   */
  public final State forward(Tensor input, @Nullable State state) {
    requireArguments(input, state);
    boolean unbatched = input.rank() == 1;
    RecurrentResult result = step(single(input, unbatched), state == null ? null : single(state.hidden(), unbatched),
        state == null || state.cell() == null ? null : single(state.cell(), unbatched));
    Tensor cell = result.cell();
    return new State(bare(result.hidden(), unbatched), cell == null ? null : bare(cell, unbatched));
  }

  /** (batch, width) or (width) as the one step, or the one direction, of a sequence: (1, batch, width). */
  private static Tensor single(Tensor x, boolean unbatched) {
    return unbatched ? Shaping.reshape(x, 1, 1, x.size(0)) : Shaping.unsqueeze(x, 0);
  }

  private static Tensor bare(Tensor x, boolean unbatched) {
    return unbatched ? Shaping.reshape(x, x.size(-1)) : Shaping.squeeze(x, 0);
  }

  private void requireArguments(Tensor input, @Nullable State state) {
    Arguments.require((input.rank() == 1 || input.rank() == 2) && input.size(-1) == inputSize, name,
        "input has shape " + input.shape(), "(batch, " + inputSize + ") or (" + inputSize + ")");
    if (state != null) {
      Shape wanted = input.shape().with(-1, hiddenSize);
      Arguments.shape(name, "hidden", state.hidden(), wanted);
      StateChecks.cellState(name, state.cell(), hasCellState, wanted);
    }
  }
}
