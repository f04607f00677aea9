package dev.sluice.backend.reference;

import static dev.sluice.backend.reference.ReferenceBuffer.reals;
import static dev.sluice.backend.reference.ReferenceBuffer.realsOrNull;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.KernelSpec.Pass;
import dev.sluice.spi.RecurrentKernels;
import dev.sluice.spi.RecurrentSpec;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Recurrences, batch row by batch row, each through its own time steps. A step makes the pre-activations
 * {@code a = W x + b_input + U h + b_hidden}, lets the {@link ReferenceCell} turn them into the next states, and
 * projects the hidden state where there is a projection, {@code h = P u}. A cell may want both parts of its last gates
 * apart: then what comes from the hidden state follows after all gates, in the pre-activations and in their gradients.
 * Backward: {@code du = P^T dh}, {@code dP += dh u^T}, the cell's {@code da}, then {@code dW += da x^T},
 * {@code dU += da h^T}, {@code db += da}, {@code dx = W^T da}, {@code dh = U^T da}.
 *
 * <p>The reserve holds a slot for each row and step, (batch, steps, slot): the hidden state before the step, the
 * unprojected one after it (with projection only), and what the cell saves.
 */
final class ReferenceRecurrent implements RecurrentKernels {
  @Override
  public int recurrenceReserve(RecurrentSpec spec) {
    return ReferenceArguments.elements("recurrence", "reserve", spec.batch(), spec.steps(), slotWidth(spec));
  }

  private static int slotWidth(RecurrentSpec spec) {
    return cellAt(spec) + ReferenceCell.of(spec).saves();
  }

  /** Where in a slot the cell's part starts. */
  private static int cellAt(RecurrentSpec spec) {
    return spec.outputWidth() + (spec.projectionWidth() > 0 ? spec.hiddenWidth() : 0);
  }

  @Override
  public void recurrence(RecurrentSpec spec, Inputs inputs, Weights weights, Outputs outputs,
      @Nullable Buffer reserve) {
    ReferenceArguments.check("recurrence", spec.operands(Pass.FORWARD), inputs.input(), inputs.hidden(), inputs.cell(),
        inputs.lengths(), weights.inputWeights(), weights.hiddenWeights(), weights.inputBias(), weights.hiddenBias(),
        weights.projection(), outputs.output(), outputs.hidden(), outputs.cell(), reserve);
    ReferenceArguments.checkReserve("recurrence", reserve, recurrenceReserve(spec));
    int[] lengths = lengths("recurrence", spec, inputs);
    ReferenceCell cell = ReferenceCell.of(spec);
    int outputWidth = spec.outputWidth();
    int slotWidth = slotWidth(spec);
    double[] input = reals(inputs.input());
    double[] projection = realsOrNull(weights.projection());
    double[] output = realsOrNull(outputs.output());
    double[] saved = reserve == null ? new double[slotWidth] : reals(reserve);
    double[] gates = new double[spec.gateWidth() + cell.apart()];
    double[] hidden = new double[outputWidth];
    double[] unprojected = projection == null ? hidden : new double[spec.hiddenWidth()];
    double[] state = new double[spec.hiddenWidth()];
    for (int row = 0; row < spec.batch(); row++) {
      loadState(spec, inputs.hidden(), row, hidden);
      loadState(spec, spec.cell().hasCellState() ? inputs.cell() : null, row, state);
      int length = lengths == null ? spec.steps() : lengths[row];
      for (int step = 0; step < length; step++) {
        int time = spec.reverse() ? length - 1 - step : step;
        int slot = reserve == null ? 0 : (row * spec.steps() + step) * slotWidth;
        System.arraycopy(hidden, 0, saved, slot, outputWidth);
        fromInput(spec, weights, input, spec.rowOffset(time, row, spec.inputWidth()), gates);
        fromHidden(spec, weights, hidden, gates);
        cell.forward(gates, state, unprojected, saved, slot + cellAt(spec));
        if (projection != null) {
          System.arraycopy(unprojected, 0, saved, slot + outputWidth, spec.hiddenWidth());
          project(projection, unprojected, hidden);
        }
        if (output != null) {
          System.arraycopy(hidden, 0, output, outputAt(spec, time, row), outputWidth);
        }
      }
      for (int time = length; time < spec.steps() && output != null; time++) {
        int at = outputAt(spec, time, row);
        Arrays.fill(output, at, at + outputWidth, 0);
      }
      storeState(spec, outputs.hidden(), row, hidden);
      if (spec.cell().hasCellState()) {
        storeState(spec, outputs.cell(), row, state);
      }
    }
  }

  /** {@code a = W x + b_input}. */
  private static void fromInput(RecurrentSpec spec, Weights weights, double[] input, int inputAt, double[] gates) {
    double[] inputWeights = reals(weights.inputWeights());
    double[] inputBias = realsOrNull(weights.inputBias());
    Arrays.fill(gates, 0);
    for (int g = 0; g < spec.gateWidth(); g++) {
      for (int j = 0; j < spec.inputWidth(); j++) {
        gates[g] += inputWeights[g * spec.inputWidth() + j] * input[inputAt + j];
      }
      if (spec.bias() && inputBias != null) {
        gates[g] += inputBias[g];
      }
    }
  }

  /** {@code a += U h + b_hidden}, or apart from the rest. */
  private static void fromHidden(RecurrentSpec spec, Weights weights, double[] hidden, double[] gates) {
    double[] hiddenWeights = reals(weights.hiddenWeights());
    double[] hiddenBias = realsOrNull(weights.hiddenBias());
    for (int g = 0; g < spec.gateWidth(); g++) {
      int part = hiddenPart(spec, gates, g);
      for (int j = 0; j < hidden.length; j++) {
        gates[part] += hiddenWeights[g * hidden.length + j] * hidden[j];
      }
      if (spec.bias() && hiddenBias != null) {
        gates[part] += hiddenBias[g];
      }
    }
  }

  /** Where the part of a gate lies that comes from the hidden state: with the rest, or apart after all gates. */
  private static int hiddenPart(RecurrentSpec spec, double[] gates, int gate) {
    int apart = gates.length - spec.gateWidth();
    return gate < spec.gateWidth() - apart ? gate : gate + apart;
  }

  /** {@code h = P u}. */
  private static void project(double[] projection, double[] unprojected, double[] hidden) {
    for (int r = 0; r < hidden.length; r++) {
      double sum = 0;
      for (int j = 0; j < unprojected.length; j++) {
        sum += projection[r * unprojected.length + j] * unprojected[j];
      }
      hidden[r] = sum;
    }
  }

  @Override
  public void recurrenceBackward(RecurrentSpec spec, Inputs inputs, Weights weights, Outputs outputs, Buffer reserve,
      Outputs gradOutputs, InputGradients inputGradients, Weights weightGradients) {
    ReferenceArguments.check("recurrenceBackward", spec.operands(Pass.BACKWARD), inputs.input(), inputs.hidden(),
        inputs.cell(), inputs.lengths(), weights.inputWeights(), weights.hiddenWeights(), weights.inputBias(),
        weights.hiddenBias(), weights.projection(), outputs.output(), outputs.hidden(), outputs.cell(), reserve,
        gradOutputs.output(), gradOutputs.hidden(), gradOutputs.cell(), inputGradients.input(),
        inputGradients.hidden(), inputGradients.cell(), weightGradients.inputWeights(),
        weightGradients.hiddenWeights(), weightGradients.inputBias(), weightGradients.hiddenBias(),
        weightGradients.projection());
    ReferenceArguments.checkReserve("recurrenceBackward", reserve, recurrenceReserve(spec));
    int[] lengths = lengths("recurrenceBackward", spec, inputs);
    zeroWeights(spec, weightGradients);
    ReferenceCell cell = ReferenceCell.of(spec);
    int outputWidth = spec.outputWidth();
    int slotWidth = slotWidth(spec);
    double[] projection = realsOrNull(weights.projection());
    double[] gradProjection = realsOrNull(weightGradients.projection());
    double[] gradOutput = realsOrNull(gradOutputs.output());
    double[] gradInput = realsOrNull(inputGradients.input());
    double[] saved = reals(reserve);
    double[] gradGates = new double[spec.gateWidth() + cell.apart()];
    double[] gradHidden = new double[outputWidth];
    double[] gradHiddenBefore = new double[outputWidth];
    double[] gradUnprojected = projection == null ? gradHidden : new double[spec.hiddenWidth()];
    double[] gradState = new double[spec.hiddenWidth()];
    for (int row = 0; row < spec.batch(); row++) {
      int length = lengths == null ? spec.steps() : lengths[row];
      if (gradInput != null && !spec.accumulateInput()) {
        for (int time = 0; time < spec.steps(); time++) {
          int at = spec.rowOffset(time, row, spec.inputWidth());
          Arrays.fill(gradInput, at, at + spec.inputWidth(), 0);
        }
      }
      loadState(spec, gradOutputs.hidden(), row, gradHidden);
      loadState(spec, spec.cell().hasCellState() ? gradOutputs.cell() : null, row, gradState);
      for (int step = length - 1; step >= 0; step--) {
        int time = spec.reverse() ? length - 1 - step : step;
        int slot = (row * spec.steps() + step) * slotWidth;
        for (int j = 0; j < outputWidth && gradOutput != null; j++) {
          gradHidden[j] += gradOutput[outputAt(spec, time, row) + j];
        }
        if (projection != null && gradProjection != null) {
          projectBackward(projection, saved, slot + outputWidth, gradHidden, gradUnprojected, gradProjection);
        }
        Arrays.fill(gradHiddenBefore, 0);
        cell.backward(saved, slot + cellAt(spec), gradUnprojected, gradState, gradGates, gradHiddenBefore);
        int inputAt = spec.rowOffset(time, row, spec.inputWidth());
        inputBackward(spec, weights, weightGradients, reals(inputs.input()), inputAt, gradGates, gradInput);
        hiddenBackward(spec, weights, weightGradients, saved, slot, gradGates, gradHiddenBefore);
        System.arraycopy(gradHiddenBefore, 0, gradHidden, 0, outputWidth);
      }
      storeState(spec, inputGradients.hidden(), row, gradHidden);
      if (spec.cell().hasCellState()) {
        storeState(spec, inputGradients.cell(), row, gradState);
      }
    }
  }

  /** {@code dW += da x^T}, {@code db_input += da}, {@code dx += W^T da}. */
  private static void inputBackward(RecurrentSpec spec, Weights weights, Weights weightGradients, double[] input,
      int inputAt, double[] gradGates, double @Nullable [] gradInput) {
    double[] inputWeights = reals(weights.inputWeights());
    double[] gradWeights = reals(weightGradients.inputWeights());
    double[] gradBias = realsOrNull(weightGradients.inputBias());
    for (int g = 0; g < spec.gateWidth(); g++) {
      for (int j = 0; j < spec.inputWidth(); j++) {
        gradWeights[g * spec.inputWidth() + j] += gradGates[g] * input[inputAt + j];
      }
      for (int j = 0; j < spec.inputWidth() && gradInput != null; j++) {
        gradInput[inputAt + j] += inputWeights[g * spec.inputWidth() + j] * gradGates[g];
      }
      if (spec.bias() && gradBias != null) {
        gradBias[g] += gradGates[g];
      }
    }
  }

  /** {@code dU += da h^T}, {@code db_hidden += da}, {@code dh += U^T da}, with h the hidden state before the step. */
  private static void hiddenBackward(RecurrentSpec spec, Weights weights, Weights weightGradients, double[] saved,
      int hiddenAt, double[] gradGates, double[] gradHiddenBefore) {
    double[] hiddenWeights = reals(weights.hiddenWeights());
    double[] gradWeights = reals(weightGradients.hiddenWeights());
    double[] gradBias = realsOrNull(weightGradients.hiddenBias());
    int outputWidth = spec.outputWidth();
    for (int g = 0; g < spec.gateWidth(); g++) {
      double gradGate = gradGates[hiddenPart(spec, gradGates, g)];
      for (int j = 0; j < outputWidth; j++) {
        gradWeights[g * outputWidth + j] += gradGate * saved[hiddenAt + j];
        gradHiddenBefore[j] += hiddenWeights[g * outputWidth + j] * gradGate;
      }
      if (spec.bias() && gradBias != null) {
        gradBias[g] += gradGate;
      }
    }
  }

  /** {@code du = P^T dh}, {@code dP += dh u^T}. */
  private static void projectBackward(double[] projection, double[] saved, int unprojectedAt, double[] gradHidden,
      double[] gradUnprojected, double[] gradProjection) {
    int width = gradUnprojected.length;
    Arrays.fill(gradUnprojected, 0);
    for (int r = 0; r < gradHidden.length; r++) {
      for (int j = 0; j < width; j++) {
        gradUnprojected[j] += projection[r * width + j] * gradHidden[r];
        gradProjection[r * width + j] += gradHidden[r] * saved[unprojectedAt + j];
      }
    }
  }

  private static void zeroWeights(RecurrentSpec spec, Weights gradients) {
    zero(gradients.inputWeights(), spec.gateWidth() * spec.inputWidth());
    zero(gradients.hiddenWeights(), spec.gateWidth() * spec.outputWidth());
    zero(gradients.inputBias(), spec.bias() ? spec.gateWidth() : 0);
    zero(gradients.hiddenBias(), spec.bias() ? spec.gateWidth() : 0);
    zero(gradients.projection(), spec.projectionWidth() * spec.hiddenWidth());
  }

  private static void zero(@Nullable Buffer buffer, int length) {
    if (buffer != null) {
      Arrays.fill(reals(buffer), 0, length, 0);
    }
  }

  private static int @Nullable [] lengths(String operation, RecurrentSpec spec, Inputs inputs) {
    return spec.lengths() ? ReferenceArguments.lengths(operation, inputs.lengths(), spec.batch(), spec.steps()) : null;
  }

  /** Where this direction's columns of an output row start. */
  private static int outputAt(RecurrentSpec spec, int time, int row) {
    return spec.rowOffset(time, row, spec.directions() * spec.outputWidth()) + spec.direction() * spec.outputWidth();
  }

  /** A row of this direction's state; zeros where there is none. */
  private static void loadState(RecurrentSpec spec, @Nullable Buffer states, int row, double[] state) {
    if (states == null) {
      Arrays.fill(state, 0);
    } else {
      System.arraycopy(reals(states), spec.stateOffset(row, state.length), state, 0, state.length);
    }
  }

  private static void storeState(RecurrentSpec spec, @Nullable Buffer states, int row, double[] state) {
    if (states != null) {
      System.arraycopy(state, 0, reals(states), spec.stateOffset(row, state.length), state.length);
    }
  }
}
