package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.VectorRecurrent.reals;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.IndRnnKernels;
import dev.sluice.spi.IndRnnSpec;
import dev.sluice.spi.IndRnnSpec.Activation;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The recurrent part of IndRNN, {@code h_t = act(x_t + u h_{t-1})}, and with {@code d_t = (dh_t + u d_{t+1}) act'} its
 * gradients {@code dx_t = d_t}, {@code du = sum d_t h_{t-1}}, {@code dh_0 = u d_1}. There is no product of matrices:
 * each chunk of neurons, {@link IndRnnLines} says which, sweeps through all steps by itself, time outermost, and finds
 * the state of the step before in the output. {@link IndRnnSteps} has the arithmetic of a step.
 *
 * <p>The gradient of u is summed over time for each row by itself, then over the rows in order.
 */
final class VectorIndRnn implements IndRnnKernels {
  private final Workers workers;
  private final Scratch scratch;

  VectorIndRnn(Workers workers, Scratch scratch) {
    this.workers = workers;
    this.scratch = scratch;
  }

  @Override
  public void indRnn(IndRnnSpec spec, Inputs inputs, Buffer output, Buffer finalHidden) {
    boolean rectified = spec.activation() == Activation.RELU;
    IndRnnLines lines = lines(spec, inputs, rectified ? Chunks.LIGHT : Chunks.MEDIUM);
    float[] recurrent = recurrent(inputs, lines);
    float[] initial = initial(spec, inputs);
    workers.run(lines.chunks(), new Forward(lines, rectified, VectorBuffer.reals(inputs.projected()), recurrent,
        initial, VectorBuffer.reals(output), VectorBuffer.reals(finalHidden)));
    release(inputs, lines, recurrent, initial);
  }

  @Override
  public void indRnnBackward(IndRnnSpec spec, Inputs inputs, Buffer output, @Nullable Buffer gradOutput,
      @Nullable Buffer gradFinalHidden, Buffer gradProjected, Buffer gradRecurrent, @Nullable Buffer gradHidden) {
    IndRnnLines lines = lines(spec, inputs, Chunks.LIGHT / 2);
    int states = spec.directions() * spec.batch() * spec.width();
    float[] recurrent = recurrent(inputs, lines);
    float[] initial = initial(spec, inputs);
    float[] carry = gradHidden == null ? scratch.borrow(states) : VectorBuffer.reals(gradHidden);
    if (gradFinalHidden == null) {
      Arrays.fill(carry, 0, states, 0);
    } else {
      System.arraycopy(VectorBuffer.reals(gradFinalHidden), 0, carry, 0, states);
    }
    float[] sums = scratch.borrow(states);
    Arrays.fill(sums, 0, states, 0);
    float[] zeros = scratch.borrow(lines.width());
    Arrays.fill(zeros, 0, lines.width(), 0);
    workers.run(lines.chunks(), new Backward(lines, spec.activation() == Activation.RELU, recurrent, initial,
        VectorBuffer.reals(output), reals(gradOutput), zeros, VectorBuffer.reals(gradProjected), carry, sums));
    sumRows(spec, sums, VectorBuffer.reals(gradRecurrent));
    scratch.release(sums);
    scratch.release(zeros);
    if (gradHidden == null) {
      scratch.release(carry);
    }
    release(inputs, lines, recurrent, initial);
  }

  private static IndRnnLines lines(IndRnnSpec spec, Inputs inputs, int grain) {
    Buffer lengths = spec.lengths() ? inputs.lengths() : null;
    return new IndRnnLines(spec, lengths == null ? null : VectorBuffer.ints(lengths), grain);
  }

  private float[] recurrent(Inputs inputs, IndRnnLines lines) {
    float[] recurrent = VectorBuffer.reals(inputs.recurrent());
    if (!lines.isTiled()) {
      return recurrent;
    }
    float[] tiled = scratch.borrow(lines.width());
    lines.tile(recurrent, tiled);
    return tiled;
  }

  private float[] initial(IndRnnSpec spec, Inputs inputs) {
    if (inputs.hidden() != null) {
      return VectorBuffer.reals(inputs.hidden());
    }
    int states = spec.directions() * spec.batch() * spec.width();
    float[] zeros = scratch.borrow(states);
    Arrays.fill(zeros, 0, states, 0);
    return zeros;
  }

  private void release(Inputs inputs, IndRnnLines lines, float[] recurrent, float[] initial) {
    if (lines.isTiled()) {
      scratch.release(recurrent);
    }
    if (inputs.hidden() == null) {
      scratch.release(initial);
    }
  }

  private static void sumRows(IndRnnSpec spec, float[] sums, float[] target) {
    int width = spec.width();
    Arrays.fill(target, 0, spec.directions() * width, 0);
    for (int direction = 0; direction < spec.directions(); direction++) {
      for (int row = 0; row < spec.batch(); row++) {
        Rows.add(target, direction * width, sums, spec.stateOffset(direction, row), width);
      }
    }
  }

  private record Forward(IndRnnLines lines, boolean rectified, float[] x, float[] u, float[] initial, float[] output,
      float[] last) implements Workers.Task {
    @Override
    public void run(int chunk) {
      int longest = 0;
      for (int line = lines.firstLine(chunk); line < lines.endLine(chunk); line++) {
        longest = Math.max(longest, lines.length(line));
      }
      for (int step = 0; step < longest; step += IndRnnSteps.BLOCK) {
        for (int line = lines.firstLine(chunk); line < lines.endLine(chunk); line++) {
          int end = Math.min(step + IndRnnSteps.BLOCK, lines.length(line));
          advance(line, step, end, lines.firstNeuron(chunk), lines.endNeuron(chunk) - lines.firstNeuron(chunk));
        }
      }
      for (int line = lines.firstLine(chunk); line < lines.endLine(chunk); line++) {
        finish(line, lines.firstNeuron(chunk), lines.endNeuron(chunk) - lines.firstNeuron(chunk));
      }
    }

    private void advance(int line, int start, int end, int from, int n) {
      int uAt = lines.weightsAt(line) + from;
      int steps = rectified && end - start == IndRnnSteps.BLOCK ? IndRnnSteps.BLOCK : 1;
      for (int step = start; step < end; step += steps) {
        int at = lines.at(line, step) + from;
        float[] before = step == 0 ? initial : output;
        int beforeAt = (step == 0 ? lines.stateAt(line) : lines.at(line, step - 1)) + from;
        if (steps > 1) {
          IndRnnSteps.rectifyBlock(n, x, at, lines.stride(line), u, uAt, before, beforeAt, output);
        } else if (rectified) {
          IndRnnSteps.rectify(n, x, at, u, uAt, before, beforeAt, output);
        } else {
          IndRnnSteps.squash(n, x, at, u, uAt, before, beforeAt, output);
        }
      }
    }

    private void finish(int line, int from, int n) {
      int length = lines.length(line);
      float[] source = length == 0 ? initial : output;
      int sourceAt = length == 0 ? lines.stateAt(line) : lines.at(line, length - 1);
      System.arraycopy(source, sourceAt + from, last, lines.stateAt(line) + from, n);
      lines.clearPadding(line, output);
    }
  }

  private record Backward(IndRnnLines lines, boolean rectified, float[] u, float[] initial, float[] output,
      float @Nullable [] gradOutput, float[] zeros, float[] gradX, float[] carry, float[] sums)
      implements Workers.Task {
    @Override
    public void run(int chunk) {
      int longest = 0;
      for (int line = lines.firstLine(chunk); line < lines.endLine(chunk); line++) {
        longest = Math.max(longest, lines.length(line));
        lines.clearPadding(line, gradX);
      }
      int blocks = Math.ceilDiv(longest, IndRnnSteps.BLOCK);
      for (int step = (blocks - 1) * IndRnnSteps.BLOCK; step >= 0; step -= IndRnnSteps.BLOCK) {
        for (int line = lines.firstLine(chunk); line < lines.endLine(chunk); line++) {
          int end = Math.min(step + IndRnnSteps.BLOCK, lines.length(line));
          back(line, step, end, lines.firstNeuron(chunk), lines.endNeuron(chunk) - lines.firstNeuron(chunk));
        }
      }
    }

    private void back(int line, int start, int end, int from, int n) {
      int stateAt = lines.stateAt(line) + from;
      int uAt = lines.weightsAt(line) + from;
      float[] arriving = gradOutput == null ? zeros : gradOutput;
      int steps = rectified && end - start == IndRnnSteps.BLOCK ? IndRnnSteps.BLOCK : 1;
      for (int step = end - steps; step >= start; step -= steps) {
        int at = lines.at(line, step) + from;
        float[] before = step == 0 ? initial : output;
        int beforeAt = step == 0 ? stateAt : lines.at(line, step - 1) + from;
        int arrivingAt = gradOutput == null ? from : at;
        if (steps > 1) {
          int stride = lines.stride(line);
          IndRnnSteps.throughMaximumBlock(n, output, at, stride, before, beforeAt, arriving, arrivingAt,
              gradOutput == null ? 0 : stride, u, uAt, carry, sums, stateAt, gradX);
        } else if (rectified) {
          IndRnnSteps.throughMaximum(n, output, at, before, beforeAt, arriving, arrivingAt, u, uAt, carry, sums,
              stateAt, gradX);
        } else {
          IndRnnSteps.throughTanh(n, output, at, before, beforeAt, arriving, arrivingAt, u, uAt, carry, sums, stateAt,
              gradX);
        }
      }
    }
  }
}
