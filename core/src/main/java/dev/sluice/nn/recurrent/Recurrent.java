package dev.sluice.nn.recurrent;

import dev.sluice.Generator;
import dev.sluice.Shape;
import dev.sluice.Tensor;
import dev.sluice.autograd.Dropouts;
import dev.sluice.autograd.RecurrentResult;
import dev.sluice.autograd.RecurrentWeights;
import dev.sluice.autograd.Recurrences;
import dev.sluice.autograd.Shaping;
import dev.sluice.spi.ElementType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A recurrence over sequences, with torch.nn.LSTM's arguments, layouts and parameter names. Layers are stacked; with
 * two directions the outputs of both stand side by side at each step, and the reverse one has read from the end down to
 * that step. In training each element of the output of every layer but the last is dropped by itself.
 *
 * <p>Parameters, per layer k and then direction: {@code weight_ih_l{k}}, {@code weight_hh_l{k}}, {@code bias_ih_l{k}},
 * {@code bias_hh_l{k}} and, with a projection, {@code weight_hr_l{k}}, the reverse direction's with suffix
 * {@code _reverse}.
 */
public abstract class Recurrent extends Gated {
  /**
   * What a recurrence makes of a sequence.
   *
   * @param output the hidden state of the last layer after each step: (steps, batch, directions * R), (batch, steps,
   *     directions * R) if batch first, or (steps, directions * R) for unbatched input; 0 past a row's length
   * @param state the state after the last valid step of each row, of all layers and directions
   */
  public record Output(Tensor output, State state) {}

  private static final System.Logger LOG = System.getLogger("dev.sluice.nn");

  private final RecurrentOptions options;
  private final Generator generator;

  Recurrent(Recurrence recurrence, RecurrentOptions options, Generator generator) {
    recurrence.requireMeaningful(options);
    super(recurrence, options.hiddenSize(), options.bias(), options.projSize());
    this.options = options;
    this.generator = generator;
    for (int layer = 0; layer < options.numLayers(); layer++) {
      for (int direction = 0; direction < options.directions(); direction++) {
        int inputs = layer == 0 ? options.inputSize() : options.directions() * options.outputSize();
        registerWeights(suffix(layer, direction), inputs, generator);
      }
    }
    if (options.dropout() > 0 && options.numLayers() == 1) {
      LOG.log(System.Logger.Level.WARNING, recurrence.name() + ": dropout " + options.dropout()
          + " does nothing with one layer: it acts on the output of every layer but the last");
    }
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
    boolean batchFirst = options.batchFirst() && !unbatched;
    Tensor output = unbatched ? Shaping.unsqueeze(input, 1) : input;
    List<Tensor> hidden = new ArrayList<>();
    List<Tensor> cell = new ArrayList<>();
    for (int layer = 0; layer < options.numLayers(); layer++) {
      if (layer > 0 && isTraining() && options.dropout() > 0) {
        output = Dropouts.dropout(output, options.dropout(), generator);
      }
      RecurrentResult result = Recurrences.recurrence(recurrence().cell(), output, weights(layer),
          state == null ? null : rows(state.hidden(), layer, unbatched),
          state == null || state.cell() == null ? null : rows(state.cell(), layer, unbatched), lengths, batchFirst,
          recurrence().beta());
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
    Tensor weight = parameter("weight_hh_l0");
    Tensor hidden = Tensor.full(weight.backend(), Shape.of(stateRows(), batch, options.outputSize()), 0);
    return new State(hidden, !recurrence().cell().hasCellState() ? null
        : Tensor.full(weight.backend(), Shape.of(stateRows(), batch, options.hiddenSize()), 0));
  }

  private List<RecurrentWeights> weights(int layer) {
    List<RecurrentWeights> weights = new ArrayList<>();
    for (int direction = 0; direction < options.directions(); direction++) {
      weights.add(weights(suffix(layer, direction)));
    }
    return weights;
  }

  private int stateRows() {
    return options.numLayers() * options.directions();
  }

  private static String suffix(int layer, int direction) {
    return "_l" + layer + (direction == 0 ? "" : "_reverse");
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
    String name = recurrence().name();
    Arguments.require((input.rank() == 2 || input.rank() == 3) && input.size(-1) == options.inputSize(), name,
        "input has shape " + input.shape(), (options.batchFirst() ? "(batch, steps, " : "(steps, batch, ")
            + options.inputSize() + ") or (steps, " + options.inputSize() + ")");
    boolean unbatched = input.rank() == 2;
    int batch = unbatched ? 1 : input.size(options.batchFirst() ? 0 : 1);
    if (state != null) {
      Arguments.shape(name, "hidden", state.hidden(), stateShape(options.outputSize(), batch, unbatched));
      Tensor cell = state.cell();
      if (recurrence().cell().hasCellState()) {
        Shape wanted = stateShape(options.hiddenSize(), batch, unbatched);
        Arguments.require(cell != null, name, "state has no cell", "one of shape " + wanted);
        Arguments.shape(name, "cell", cell, wanted);
      } else {
        Arguments.require(cell == null, name, "state has a cell", "none: this recurrence has a hidden state alone");
      }
    }
    if (lengths != null) {
      Arguments.require(!unbatched, name, "lengths is given with unbatched input", "none");
      Arguments.require(lengths.type() == ElementType.INT32 && lengths.shape().equals(Shape.of(batch)), name,
          "lengths is " + lengths.type() + " " + lengths.shape(), "INT32 (" + batch + ")");
    }
  }

  private Shape stateShape(int width, int batch, boolean unbatched) {
    return unbatched ? Shape.of(stateRows(), width) : Shape.of(stateRows(), batch, width);
  }
}
