package dev.sluice.autograd;

import dev.sluice.Shape;
import dev.sluice.Tape;
import dev.sluice.Tensor;
import dev.sluice.spi.Backend;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.RecurrentCell;
import dev.sluice.spi.RecurrentKernels;
import dev.sluice.spi.RecurrentSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Recurrent layers over whole sequences; {@link RecurrentCell} gives each cell's equations. */
public final class Recurrences {
  private Recurrences() {}

  /**
   * One layer over all time steps, in one direction or in both. The reverse direction starts at each row's own end, and
   * its output at a step is its state after reading that step.
   *
   * @param cell which recurrence
   * @param input (T, B, I), or (B, T, I) if batchFirst
   * @param directions the parameters: one entry for forward, a second for reverse
   * @param hidden (D, B, R), the initial hidden state, or null for 0
   * @param cellState (D, B, H), the initial cell state of a cell that has one, or null for 0
   * @param lengths INT32 (B): each row's number of valid steps, 0 to T, or null for T; later steps are not read
   * @param batchFirst whether input and output have the batch first; states never do
   * @param beta JANET's beta; 0 for other cells
   */
  public static RecurrentResult recurrence(RecurrentCell cell, Tensor input, List<RecurrentWeights> directions,
      @Nullable Tensor hidden, @Nullable Tensor cellState, @Nullable Tensor lengths, boolean batchFirst, double beta) {
    return new Layer(cell, input, directions, hidden, cellState, lengths, batchFirst, beta).forward();
  }

  /** One call: what its forward and its backward share. */
  private static final class Layer {
    private final String name;
    private final Backend backend;
    private final Tensor input;
    private final List<RecurrentWeights> directions;
    private final @Nullable Tensor hidden;
    private final @Nullable Tensor cellState;
    private final @Nullable Tensor lengths;
    private final List<RecurrentSpec> specs = new ArrayList<>();
    /**
     * All tensors that gradients may flow to, in the order of the tape: input, hidden, cell state, then each
     * direction's weights.
     */
    private final @Nullable Tensor[] inputs;

    Layer(RecurrentCell cell, Tensor input, List<RecurrentWeights> directions, @Nullable Tensor hidden,
        @Nullable Tensor cellState, @Nullable Tensor lengths, boolean batchFirst, double beta) {
      this.name = cell.name().toLowerCase();
      this.input = input;
      this.directions = List.copyOf(directions);
      this.hidden = hidden;
      this.cellState = cellState;
      this.lengths = lengths;
      List<@Nullable Tensor> all = new ArrayList<>(Arrays.asList(input, hidden, cellState));
      directions.forEach(weights -> all.addAll(Arrays.asList(weights.toArray())));
      this.inputs = all.toArray(new Tensor[0]);
      all.add(lengths);
      this.backend = Checks.backend(name, all.toArray(new Tensor[0]));
      for (Tensor tensor : inputs) {
        Checks.real(name, "argument", tensor);
      }
      Checks.type(name, "lengths", lengths, ElementType.INT32);
      Checks.require(directions.size() == 1 || directions.size() == 2, name, "directions are " + directions.size(),
          "1 or 2");
      Checks.shape(input.rank() == 3, name, "input", input, batchFirst ? "(batch, steps, width)"
          : "(steps, batch, width)");
      for (int d = 0; d < directions.size(); d++) {
        specs.add(spec(cell, d, batchFirst, beta));
      }
      checkStates(cell);
    }

    private RecurrentSpec spec(RecurrentCell cell, int direction, boolean batchFirst, double beta) {
      RecurrentWeights weights = directions.get(direction);
      Tensor hiddenWeights = weights.hiddenWeights();
      Checks.shape(hiddenWeights.rank() == 2 && hiddenWeights.size(0) % cell.gates() == 0, name, "hiddenWeights",
          hiddenWeights, "(" + cell.gates() + " gates * width, output width)");
      int rows = hiddenWeights.size(0);
      int width = rows / cell.gates();
      int outputWidth = hiddenWeights.size(1);
      Tensor inputWeights = weights.inputWeights();
      Checks.shape(inputWeights.rank() == 2 && inputWeights.size(0) == rows, name, "inputWeights", inputWeights,
          "(" + rows + ", input width)");
      int inputWidth = inputWeights.size(1);
      Checks.shape(input.size(2) == inputWidth, name, "input", input,
          "(" + (batchFirst ? "batch, steps, " : "steps, batch, ") + inputWidth + ")");
      Checks.require((weights.inputBias() == null) == (weights.hiddenBias() == null), name, "one bias of two",
          "both or none");
      Checks.shape(name, "inputBias", weights.inputBias(), Shape.of(rows));
      Checks.shape(name, "hiddenBias", weights.hiddenBias(), Shape.of(rows));
      Checks.shape(name, "projection", weights.projection(), Shape.of(outputWidth, width));
      Checks.shape(weights.projection() != null || outputWidth == width, name, "hiddenWeights", hiddenWeights,
          "(" + rows + ", " + width + ") without projection");
      int steps = input.size(batchFirst ? 1 : 0);
      int batch = input.size(batchFirst ? 0 : 1);
      return new RecurrentSpec(cell, steps, batch, inputWidth, width, weights.projection() == null ? 0 : outputWidth,
          weights.inputBias() != null, batchFirst, direction == 1, directions.size(), direction, lengths != null, beta,
          direction == 1);
    }

    private void checkStates(RecurrentCell cell) {
      RecurrentSpec first = specs.getFirst();
      for (RecurrentSpec spec : specs) {
        Checks.require(spec.hiddenWidth() == first.hiddenWidth() && spec.outputWidth() == first.outputWidth()
            && spec.bias() == first.bias(), name, "directions differ in width or bias", "equal shapes");
      }
      Checks.shape(name, "hidden", hidden, Shape.of(specs.size(), first.batch(), first.outputWidth()));
      Checks.require(cellState == null || cell.hasCellState(), name, "a cell state is given", "none: " + name
          + " has none");
      Checks.shape(name, "cell", cellState, Shape.of(specs.size(), first.batch(), first.hiddenWidth()));
      Checks.shape(name, "lengths", lengths, Shape.of(first.batch()));
    }

    RecurrentResult forward() {
      RecurrentSpec spec = specs.getFirst();
      int count = specs.size();
      Tensor output = Checks.real(backend, input.shape().with(2, count * spec.outputWidth()));
      Tensor finalHidden = Checks.real(backend, Shape.of(count, spec.batch(), spec.outputWidth()));
      Tensor finalCell =
          spec.cell().hasCellState() ? Checks.real(backend, Shape.of(count, spec.batch(), spec.hiddenWidth())) : null;
      List<Tensor> present = Checks.present(inputs);
      boolean records = Tape.records(present.toArray(Tensor[]::new));
      List<Tensor> reserves = new ArrayList<>();
      RecurrentKernels.Outputs outputs = outputs(output, finalHidden, finalCell);
      for (int d = 0; d < count; d++) {
        Tensor reserve =
            records ? Checks.reserve(backend, backend.recurrent().recurrenceReserve(specs.get(d))) : null;
        if (reserve != null) {
          reserves.add(reserve);
        }
        backend.recurrent().recurrence(specs.get(d), kernelInputs(), kernelWeights(d), outputs, Checks.buffer(reserve));
      }
      List<Tensor> results = Checks.present(output, finalHidden, finalCell);
      List<Tensor> saved = new ArrayList<>(present);
      saved.addAll(reserves);
      saved.addAll(results);
      if (lengths != null) {
        saved.add(lengths);
      }
      Tape.record(name, present, saved, results, gradients -> backward(outputs, reserves, gradients));
      return new RecurrentResult(output, finalHidden, finalCell);
    }

    private @Nullable Tensor[] backward(RecurrentKernels.Outputs outputs, List<Tensor> reserves,
        @Nullable Tensor[] gradients) {
      RecurrentKernels.Outputs gradOutputs =
          outputs(gradients[0], gradients[1], gradients.length > 2 ? gradients[2] : null);
      Tensor gradInput = Checks.gradientOf(input);
      Tensor gradHidden = Checks.gradientOf(hidden);
      Tensor gradCell = Checks.gradientOf(cellState);
      List<@Nullable Tensor> all = new ArrayList<>(Arrays.asList(gradInput, gradHidden, gradCell));
      for (int d = 0; d < specs.size(); d++) {
        // The kernel writes all gradients of the weights, so each has a place whether it is asked for or not.
        @Nullable Tensor[] gradWeights = directions.get(d).toArray();
        for (int i = 0; i < gradWeights.length; i++) {
          gradWeights[i] = gradWeights[i] == null ? null : Checks.real(backend, gradWeights[i].shape());
        }
        backend.recurrent().recurrenceBackward(specs.get(d), kernelInputs(), kernelWeights(d), outputs,
            reserves.get(d).buffer(), gradOutputs,
            new RecurrentKernels.InputGradients(Checks.buffer(gradInput), Checks.buffer(gradHidden),
                Checks.buffer(gradCell)),
            weights(gradWeights));
        all.addAll(Arrays.asList(gradWeights));
      }
      return Checks.gradients(inputs, all.toArray(new Tensor[0]));
    }

    private RecurrentKernels.Inputs kernelInputs() {
      return new RecurrentKernels.Inputs(input.buffer(), Checks.buffer(hidden), Checks.buffer(cellState),
          Checks.buffer(lengths));
    }

    private RecurrentKernels.Weights kernelWeights(int direction) {
      return weights(directions.get(direction).toArray());
    }

    private static RecurrentKernels.Weights weights(@Nullable Tensor[] tensors) {
      return new RecurrentKernels.Weights(tensors[0].buffer(), tensors[1].buffer(), Checks.buffer(tensors[2]),
          Checks.buffer(tensors[3]), Checks.buffer(tensors[4]));
    }

    private static RecurrentKernels.Outputs outputs(@Nullable Tensor output, @Nullable Tensor hidden,
        @Nullable Tensor cell) {
      return new RecurrentKernels.Outputs(Checks.buffer(output), Checks.buffer(hidden), Checks.buffer(cell));
    }
  }
}
