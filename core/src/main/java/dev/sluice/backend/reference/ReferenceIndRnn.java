package dev.sluice.backend.reference;

import static dev.sluice.backend.reference.ReferenceBuffer.reals;
import static dev.sluice.backend.reference.ReferenceBuffer.realsOrNull;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.IndRnnKernels;
import dev.sluice.spi.IndRnnSpec;
import dev.sluice.spi.IndRnnSpec.Activation;
import dev.sluice.spi.KernelSpec.Pass;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The recurrent part of IndRNN (Li et al., arXiv 1803.04831), neuron by neuron, each through its own time steps:
 * {@code h_t = act(x_t + u h_{t-1})}. Backward, with {@code d_t = (dh_t + u d_{t+1}) act'}: {@code dx_t = d_t}, {@code
 * du = sum d_t h_{t-1}}, {@code dh_0 = u d_1}; act' by the value of act, which is the output.
 */
final class ReferenceIndRnn implements IndRnnKernels {
  @Override
  public void indRnn(IndRnnSpec spec, Inputs inputs, Buffer output, Buffer finalHidden) {
    ReferenceArguments.check("indRnn", spec.operands(Pass.FORWARD), inputs.projected(), inputs.recurrent(),
        inputs.hidden(), inputs.lengths(), output, finalHidden);
    int[] lengths = lengths("indRnn", spec, inputs);
    double[] projected = reals(inputs.projected());
    double[] recurrent = reals(inputs.recurrent());
    double[] initial = realsOrNull(inputs.hidden());
    double[] out = reals(output);
    double[] last = reals(finalHidden);
    for (int direction = 0; direction < spec.directions(); direction++) {
      for (int row = 0; row < spec.batch(); row++) {
        int length = lengths == null ? spec.steps() : lengths[row];
        for (int j = 0; j < spec.width(); j++) {
          int state = spec.stateOffset(direction, row) + j;
          double u = recurrent[direction * spec.width() + j];
          double h = initial == null ? 0 : initial[state];
          for (int step = 0; step < length; step++) {
            int at = spec.rowOffset(time(direction, step, length), row, direction) + j;
            double sum = projected[at] + u * h;
            h = spec.activation() == Activation.RELU ? Math.max(sum, 0) : Math.tanh(sum);
            out[at] = h;
          }
          last[state] = h;
        }
        clear(spec, out, direction, row, length);
      }
    }
  }

  @Override
  public void indRnnBackward(IndRnnSpec spec, Inputs inputs, Buffer output, @Nullable Buffer gradOutput,
      @Nullable Buffer gradFinalHidden, Buffer gradProjected, Buffer gradRecurrent, @Nullable Buffer gradHidden) {
    ReferenceArguments.check("indRnnBackward", spec.operands(Pass.BACKWARD), inputs.projected(), inputs.recurrent(),
        inputs.hidden(), inputs.lengths(), output, gradOutput, gradFinalHidden, gradProjected, gradRecurrent,
        gradHidden);
    int[] lengths = lengths("indRnnBackward", spec, inputs);
    double[] recurrent = reals(inputs.recurrent());
    double[] initial = realsOrNull(inputs.hidden());
    double[] out = reals(output);
    double[] gradOut = realsOrNull(gradOutput);
    double[] gradLast = realsOrNull(gradFinalHidden);
    double[] gradIn = reals(gradProjected);
    double[] gradWeights = reals(gradRecurrent);
    double[] gradInitial = realsOrNull(gradHidden);
    Arrays.fill(gradWeights, 0, spec.directions() * spec.width(), 0);
    for (int direction = 0; direction < spec.directions(); direction++) {
      for (int row = 0; row < spec.batch(); row++) {
        int length = lengths == null ? spec.steps() : lengths[row];
        for (int j = 0; j < spec.width(); j++) {
          int state = spec.stateOffset(direction, row) + j;
          int weight = direction * spec.width() + j;
          double grad = gradLast == null ? 0 : gradLast[state];
          for (int step = length - 1; step >= 0; step--) {
            int at = spec.rowOffset(time(direction, step, length), row, direction) + j;
            double before = initial == null ? 0 : initial[state];
            if (step > 0) {
              before = out[spec.rowOffset(time(direction, step - 1, length), row, direction) + j];
            }
            double d = (grad + (gradOut == null ? 0 : gradOut[at])) * slope(spec.activation(), out[at]);
            gradIn[at] = d;
            gradWeights[weight] += d * before;
            grad = recurrent[weight] * d;
          }
          if (gradInitial != null) {
            gradInitial[state] = grad;
          }
        }
        clear(spec, gradIn, direction, row, length);
      }
    }
  }

  /** The derivative of the activation by its value. */
  private static double slope(Activation activation, double value) {
    return activation == Activation.RELU ? ReferenceFunctions.rectifierSlope(value) : 1 - value * value;
  }

  /** Where in time a step of a direction is: the second runs backwards from the row's own end. */
  private static int time(int direction, int step, int length) {
    return direction == 0 ? step : length - 1 - step;
  }

  /** Puts 0 past a row's length. */
  private static void clear(IndRnnSpec spec, double[] sequence, int direction, int row, int length) {
    for (int time = length; time < spec.steps(); time++) {
      int at = spec.rowOffset(time, row, direction);
      Arrays.fill(sequence, at, at + spec.width(), 0);
    }
  }

  private static int @Nullable [] lengths(String operation, IndRnnSpec spec, Inputs inputs) {
    return spec.lengths() ? ReferenceArguments.lengths(operation, inputs.lengths(), spec.batch(), spec.steps()) : null;
  }
}
