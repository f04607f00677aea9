package dev.sluice.nn.recurrent;

import dev.sluice.Generator;
import dev.sluice.Shape;
import dev.sluice.Tensor;
import dev.sluice.autograd.RecurrentResult;
import dev.sluice.autograd.Recurrences;
import dev.sluice.autograd.Shaping;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One step of a recurrence, with torch.nn.LSTMCell's arguments and parameter names: {@code weight_ih},
 * {@code weight_hh}, {@code bias_ih}, {@code bias_hh}. It computes what the sequence form does, step by step.
 */
public abstract class Cell extends Gated {
  private final int inputSize;
  private final int hiddenSize;

  Cell(Recurrence recurrence, int inputSize, int hiddenSize, boolean bias, Generator generator) {
    String name = recurrence.name() + "Cell";
    Arguments.positive(name, "inputSize", inputSize);
    Arguments.positive(name, "hiddenSize", hiddenSize);
    super(recurrence, hiddenSize, bias, 0);
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    registerWeights("", inputSize, generator);
  }

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
    RecurrentResult result = Recurrences.recurrence(recurrence().cell(), single(input, unbatched),
        List.of(weights("")), state == null ? null : single(state.hidden(), unbatched),
        state == null || state.cell() == null ? null : single(state.cell(), unbatched), null, false,
        recurrence().beta());
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
    String name = recurrence().name() + "Cell";
    Arguments.require((input.rank() == 1 || input.rank() == 2) && input.size(-1) == inputSize, name,
        "input has shape " + input.shape(), "(batch, " + inputSize + ") or (" + inputSize + ")");
    if (state == null) {
      return;
    }
    Shape wanted = input.shape().with(-1, hiddenSize);
    Arguments.shape(name, "hidden", state.hidden(), wanted);
    Tensor cell = state.cell();
    if (recurrence().cell().hasCellState()) {
      Arguments.require(cell != null, name, "state has no cell", "one of shape " + wanted);
      Arguments.shape(name, "cell", cell, wanted);
    } else {
      Arguments.require(cell == null, name, "state has a cell", "none: this recurrence has a hidden state alone");
    }
  }
}
