package dev.sluice.nn.recurrent;

import dev.sluice.Generator;
import dev.sluice.Shape;
import dev.sluice.Tensor;
import dev.sluice.autograd.Arithmetic;
import dev.sluice.autograd.Dropouts;
import dev.sluice.autograd.RecurrentResult;
import dev.sluice.autograd.Shaping;
import dev.sluice.checks.Arguments;
import dev.sluice.nn.Module;
import dev.sluice.spi.Backend;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A recurrence over sequences, with torch.nn.LSTM's arguments and layouts. Layers are stacked; with two directions the
 * outputs of both stand side by side at each step, and the reverse one has read from the end down to that step. In
 * training the output of every layer but the last is dropped in part, each element by itself or, by {@link
 * RecurrentOptions#dropoutOverTime}, each feature of a row for all its steps.
 */
public abstract class Recurrent extends Module {
  /**
   * What a recurrence makes of a sequence.
   *
   * @param output the hidden state of the last layer after each step, with an IndRNN's normalisation where it has one:
   *     (steps, batch, directions * R), (batch, steps, directions * R) if batch first, or (steps, directions * R) for
   *     unbatched input; 0 past a row's length
   * @param state the state after the last valid step of each row, of all layers and directions
   */
  public record Output(Tensor output, State state) {}

  private static final System.Logger LOG = System.getLogger("dev.sluice.nn");

  private final String name;
  private final boolean hasCellState;
  private final RecurrentOptions options;
  private final Generator generator;

  /**
   * For a recurrence that goes on to register its parameters.
   *
   * @param name what messages call it
   * @param hasCellState whether its state has a part beside the hidden one
   * @param generator draws what is dropped
   */
  Recurrent(String name, boolean hasCellState, RecurrentOptions options, Generator generator) {
    this.name = name;
    this.hasCellState = hasCellState;
    this.options = options;
    this.generator = generator;
    if (options.dropout() > 0 && options.numLayers() == 1) {
      LOG.log(System.Logger.Level.WARNING, name + ": dropout " + options.dropout()
          + " does nothing with one layer: it acts on the output of every layer but the last");
    }
  }

  /**
   * Runs one layer.
   *
   * @param layer which, from 0
   * @param input (steps, batch, width) or (batch, steps, width), as the steps say
   * @param hidden (directions, batch, R), or null for zeros
   * @param cell (directions, batch, hiddenSize), or null for zeros
   */
  abstract RecurrentResult layer(int layer, Tensor input, @Nullable Tensor hidden, @Nullable Tensor cell, Steps steps);

  /** What messages call this. */
  final String name() {
    return name;
  }

  /** What this was made with. */
  public final RecurrentOptions options() {
    return options;
  }

  /** {@link #forward(Tensor, State, Tensor)} from a state of zeros, over all steps. */
  public final Output forward(Tensor input) {
    return forward(input, null, null);
  }

  /** {@link #forward(Tensor, State, Tensor)} over all steps. */
  public final Output forward(Tensor input, @Nullable State state) {
    return forward(input, state, null);
  }

  /**
   * Runs over sequences.
   *
   * @param input REAL (steps, batch, inputSize), (batch, steps, inputSize) if batch first, or (steps, inputSize)
   * @param state where to start, see {@link State}; null for zeros
   * @param lengths INT32 (batch), how many steps of each row are valid, 0 to steps: others are not read, and the
   *     reverse direction starts at the row's own last one; null for all; not with unbatched input
   */
  public final Output forward(Tensor input, @Nullable State state, @Nullable Tensor lengths) {
    requireArguments(input, state, lengths);
    boolean unbatched = input.rank() == 2;
    Tensor output = unbatched ? Shaping.unsqueeze(input, 1) : input;
    Steps steps = new Steps(name, output.shape(), options.batchFirst() && !unbatched, lengths);
    List<Tensor> hidden = new ArrayList<>();
    List<Tensor> cell = new ArrayList<>();
    for (int layer = 0; layer < options.numLayers(); layer++) {
      if (layer > 0 && isTraining() && options.dropout() > 0) {
        output = dropped(output, steps);
      }
      RecurrentResult result = layer(layer, output, state == null ? null : rows(state.hidden(), layer, unbatched),
          state == null || state.cell() == null ? null : rows(state.cell(), layer, unbatched), steps);
      output = result.output();
      hidden.add(result.hidden());
      if (result.cell() != null) {
        cell.add(result.cell());
      }
    }
    return new Output(unbatched ? Shaping.squeeze(output, 1) : output,
        new State(stacked(hidden, unbatched), cell.isEmpty() ? null : stacked(cell, unbatched)));
  }

  /** A state of zeros for so many rows, on the parameters' backend. */
  public final State zeroState(int batch) {
    Backend backend = parameters().getFirst().backend();
    return new State(Tensor.full(backend, Shape.of(stateRows(), batch, options.outputSize()), 0),
        hasCellState ? Tensor.full(backend, Shape.of(stateRows(), batch, options.hiddenSize()), 0) : null);
  }

  private Tensor dropped(Tensor output, Steps steps) {
    if (!options.dropoutOverTime()) {
      return Dropouts.dropout(output, options.dropout(), generator);
    }
    Tensor ones = Tensor.full(output.backend(), output.shape().with(steps.dimension(), 1), 1);
    return Arithmetic.mul(output, Dropouts.dropout(ones, options.dropout(), generator));
  }

  private int stateRows() {
    return options.numLayers() * options.directions();
  }

  /** A layer's rows of a state, with a batch dimension. */
  private Tensor rows(Tensor state, int layer, boolean unbatched) {
    int directions = options.directions();
    Tensor rows = options.numLayers() == 1 ? state : Shaping.narrow(state, 0, layer * directions, directions);
    return unbatched ? Shaping.unsqueeze(rows, 1) : rows;
  }

  private static Tensor stacked(List<Tensor> layers, boolean unbatched) {
    Tensor state = layers.size() == 1 ? layers.getFirst() : Shaping.cat(layers, 0);
    return unbatched ? Shaping.squeeze(state, 1) : state;
  }

  private void requireArguments(Tensor input, @Nullable State state, @Nullable Tensor lengths) {
    if (input.rank() != 2 && input.rank() != 3 || input.size(-1) != options.inputSize()) {
      throw Arguments.refusal(name, "input has shape " + input.shape(),
          (options.batchFirst() ? "(batch, steps, " : "(steps, batch, ") + options.inputSize() + ") or (steps, "
              + options.inputSize() + ")");
    }
    boolean unbatched = input.rank() == 2;
    int batch = unbatched ? 1 : input.size(options.batchFirst() ? 0 : 1);
    if (state != null) {
      Arguments.shape(name, "hidden", state.hidden(), stateShape(options.outputSize(), batch, unbatched));
      StateChecks.cellState(name, state.cell(), hasCellState, stateShape(options.hiddenSize(), batch, unbatched));
    }
    if (lengths != null) {
      Arguments.require(!unbatched, name, "lengths is given with unbatched input", "none");
      Arguments.lengths(name, lengths, batch);
    }
  }

  private Shape stateShape(int width, int batch, boolean unbatched) {
    return unbatched ? Shape.of(stateRows(), width) : Shape.of(stateRows(), batch, width);
  }
}
