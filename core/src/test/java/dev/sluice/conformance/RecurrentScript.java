package dev.sluice.conformance;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.RecurrentKernels.InputGradients;
import dev.sluice.spi.RecurrentKernels.Inputs;
import dev.sluice.spi.RecurrentKernels.Outputs;
import dev.sluice.spi.RecurrentKernels.Weights;
import dev.sluice.spi.RecurrentSpec;
import java.util.Arrays;

/**
 * One recurrence, forward (with and without a reserve) and backward. Inputs and output gradients beyond a row's length,
 * and whatever belongs to another direction, hold NaN.
 *
 * @param spec the recurrence
 * @param missing bits: no initial state; no gradient of the output; none of the final states; no input gradients wanted
 */
record RecurrentScript(RecurrentSpec spec, int missing) implements Script {
  @Override
  public void run(Bench bench) {
    boolean state = (missing & 1) == 0;
    boolean gradOutput = (missing & 2) == 0;
    boolean gradStates = (missing & 4) == 0;
    boolean inputGradients = (missing & 8) == 0;
    boolean cellState = spec.cell().hasCellState();
    int width = spec.outputWidth();
    int inputLength = spec.steps() * spec.batch() * spec.inputWidth();
    int outputLength = spec.steps() * spec.batch() * spec.directions() * width;
    int hiddenLength = spec.directions() * spec.batch() * width;
    int cellLength = spec.directions() * spec.batch() * spec.hiddenWidth();

    int[] lengths = Awkward.lengths(bench.random(), spec.lengths() ? spec.batch() : 0, spec.steps());
    double[] input = bench.draw(inputLength);
    double[] arriving = bench.draw(outputLength);
    poison(lengths, input, arriving);
    Inputs inputs = new Inputs(bench.input(input), state ? stateInput(bench, width) : null,
        state && cellState ? stateInput(bench, spec.hiddenWidth()) : null, spec.lengths() ? bench.ints(lengths) : null);
    Weights weights = new Weights(weight(bench, spec.gateWidth() * spec.inputWidth()),
        weight(bench, spec.gateWidth() * width), spec.bias() ? bench.input(spec.gateWidth()) : null,
        spec.bias() ? bench.input(spec.gateWidth()) : null,
        spec.projectionWidth() > 0 ? weight(bench, spec.projectionWidth() * spec.hiddenWidth()) : null);

    var kernels = bench.backend().recurrent();
    Outputs outputs = outputs(bench, "", outputLength, hiddenLength, cellState ? cellLength : -1);
    Buffer reserve = bench.reserve(kernels.recurrenceReserve(spec));
    kernels.recurrence(spec, inputs, weights, outputs, reserve);
    kernels.recurrence(spec, inputs, weights,
        outputs(bench, " without reserve", outputLength, hiddenLength, cellState ? cellLength : -1), null);

    Outputs gradOutputs = new Outputs(gradOutput ? bench.input(arriving) : null,
        gradStates ? stateInput(bench, width) : null,
        gradStates && cellState ? stateInput(bench, spec.hiddenWidth()) : null);
    Buffer gradInput = spec.accumulateInput() ? bench.updated("gradInput", bench.draw(inputLength))
        : bench.output("gradInput", inputLength);
    InputGradients gradients = inputGradients
        ? new InputGradients(gradInput, bench.output("gradHidden", hiddenLength),
            cellState ? bench.output("gradCell", cellLength) : null)
        : new InputGradients(null, null, null);
    Weights gradWeights = new Weights(bench.output("gradInputWeights", spec.gateWidth() * spec.inputWidth()),
        bench.output("gradHiddenWeights", spec.gateWidth() * width),
        spec.bias() ? bench.output("gradInputBias", spec.gateWidth()) : null,
        spec.bias() ? bench.output("gradHiddenBias", spec.gateWidth()) : null,
        spec.projectionWidth() > 0
            ? bench.output("gradProjection", spec.projectionWidth() * spec.hiddenWidth()) : null);
    kernels.recurrenceBackward(spec, inputs, weights, outputs, reserve, gradOutputs, gradients, gradWeights);
  }

  /**
   * A weight as layers draw it; outliers in the inputs and biases alone, for a recurrence that amplifies measures no
   * kernel's error.
   */
  private Buffer weight(Bench bench, int length) {
    return bench.input(bench.drawUniform(length, 1 / Math.sqrt(spec.hiddenWidth())));
  }

  private static Outputs outputs(Bench bench, String suffix, int output, int hidden, int cell) {
    return new Outputs(bench.output("output" + suffix, output), bench.output("hidden" + suffix, hidden),
        cell < 0 ? null : bench.output("cell" + suffix, cell));
  }

  /** A state of all directions, NaN but for this one's. */
  private Buffer stateInput(Bench bench, int width) {
    double[] state = new double[spec.directions() * spec.batch() * width];
    Arrays.fill(state, Double.NaN);
    double[] own = bench.draw(spec.batch() * width);
    System.arraycopy(own, 0, state, spec.stateOffset(0, width), own.length);
    return bench.input(state);
  }

  private void poison(int[] lengths, double[] input, double[] gradOutput) {
    int width = spec.outputWidth();
    int outputWidth = spec.directions() * width;
    for (int step = 0; step < spec.steps(); step++) {
      for (int row = 0; row < spec.batch(); row++) {
        boolean beyond = spec.lengths() && step >= lengths[row];
        int in = spec.rowOffset(step, row, spec.inputWidth());
        if (beyond) {
          Arrays.fill(input, in, in + spec.inputWidth(), Double.NaN);
        }
        int out = spec.rowOffset(step, row, outputWidth);
        for (int column = 0; column < outputWidth; column++) {
          if (beyond || column / width != spec.direction()) {
            gradOutput[out + column] = Double.NaN;
          }
        }
      }
    }
  }
}
