package dev.sluice.backend.vector;

import dev.sluice.spi.RecurrentCell;
import dev.sluice.spi.RecurrentSpec;

/**
 * A recurrence written out in double, one batch row and one step at a time, and its backward by the chain rule of
 * every single product: slow, without a shared line with the kernels. Arrays are laid out as the kernels' buffers.
 */
final class PlainRecurrence {
  final double[] input;
  final double[] hidden;
  final double[] cell;
  final double[] inputWeights;
  final double[] hiddenWeights;
  final double[] inputBias;
  final double[] hiddenBias;
  final double[] projection;
  final double[] output;
  final double[] finalHidden;
  final double[] finalCell;

  final double[] gradInput;
  final double[] gradHidden;
  final double[] gradCell;
  final double[] gradInputWeights;
  final double[] gradHiddenWeights;
  final double[] gradInputBias;
  final double[] gradHiddenBias;
  final double[] gradProjection;

  private final RecurrentSpec spec;
  private final int[] lengths;
  private final int width;
  private final int outputWidth;

  /** A recurrence whose parameters and inputs are still 0. */
  PlainRecurrence(RecurrentSpec spec, int[] lengths) {
    this.spec = spec;
    this.lengths = lengths;
    width = spec.hiddenWidth();
    outputWidth = spec.outputWidth();
    int positions = spec.steps() * spec.batch();
    input = new double[positions * spec.inputWidth()];
    hidden = new double[spec.directions() * spec.batch() * outputWidth];
    cell = new double[spec.directions() * spec.batch() * width];
    inputWeights = new double[spec.gateWidth() * spec.inputWidth()];
    hiddenWeights = new double[spec.gateWidth() * outputWidth];
    inputBias = new double[spec.gateWidth()];
    hiddenBias = new double[spec.gateWidth()];
    projection = new double[spec.projectionWidth() * width];
    output = new double[positions * spec.directions() * outputWidth];
    finalHidden = new double[hidden.length];
    finalCell = new double[cell.length];
    gradInput = new double[input.length];
    gradHidden = new double[hidden.length];
    gradCell = new double[cell.length];
    gradInputWeights = new double[inputWeights.length];
    gradHiddenWeights = new double[hiddenWeights.length];
    gradInputBias = new double[spec.gateWidth()];
    gradHiddenBias = new double[spec.gateWidth()];
    gradProjection = new double[projection.length];
  }

  /** Runs a row forwards and, with the gradients that arrive, backwards. */
  void run(double[] gradOutput, double[] gradFinalHidden, double[] gradFinalCell) {
    for (int row = 0; row < spec.batch(); row++) {
      run(row, gradOutput, gradFinalHidden, gradFinalCell);
    }
  }

  private void run(int row, double[] gradOutput, double[] gradFinalHidden, double[] gradFinalCell) {
    int steps = lengths[row];
    double[][] h = new double[steps + 1][outputWidth];
    double[][] c = new double[steps + 1][width];
    double[][] gates = new double[steps][];
    System.arraycopy(hidden, spec.stateOffset(row, outputWidth), h[0], 0, outputWidth);
    System.arraycopy(cell, spec.stateOffset(row, width), c[0], 0, width);
    for (int s = 0; s < steps; s++) {
      gates[s] = gates(row, time(steps, s), h[s]);
      for (int j = 0; j < width; j++) {
        c[s + 1][j] = state(gates[s], j, spec.cell() == RecurrentCell.LSTM ? c[s][j] : h[s][j]);
      }
      for (int r = 0; r < outputWidth; r++) {
        h[s + 1][r] = visible(gates[s], c[s + 1], r);
        output[outputAt(row, time(steps, s)) + r] = h[s + 1][r];
      }
    }
    System.arraycopy(h[steps], 0, finalHidden, spec.stateOffset(row, outputWidth), outputWidth);
    System.arraycopy(c[steps], 0, finalCell, spec.stateOffset(row, width), width);

    double[] dh = new double[outputWidth];
    double[] dc = new double[width];
    System.arraycopy(gradFinalHidden, spec.stateOffset(row, outputWidth), dh, 0, outputWidth);
    if (spec.cell() == RecurrentCell.LSTM) {
      System.arraycopy(gradFinalCell, spec.stateOffset(row, width), dc, 0, width);
    }
    for (int s = steps - 1; s >= 0; s--) {
      int time = time(steps, s);
      for (int r = 0; r < outputWidth; r++) {
        dh[r] += gradOutput[outputAt(row, time) + r];
      }
      double[] dGates = new double[2 * spec.gateWidth()];
      double[] before = new double[outputWidth];
      switch (spec.cell()) {
        case LSTM -> lstmBack(gates[s], c[s], c[s + 1], dh, dc, dGates);
        case JANET -> janetBack(gates[s], h[s], dh, dGates, before);
        case GRU -> gruBack(gates[s], h[s], dh, dGates, before);
        case RNN_TANH, RNN_RELU -> plainBack(gates[s], dh, dGates);
      }
      productsBack(row, time, h[s], dGates, before);
      dh = before;
    }
    System.arraycopy(dh, 0, gradHidden, spec.stateOffset(row, outputWidth), outputWidth);
    System.arraycopy(dc, 0, gradCell, spec.stateOffset(row, width), width);
  }

  private int time(int steps, int s) {
    return spec.reverse() ? steps - 1 - s : s;
  }

  private int outputAt(int row, int time) {
    return spec.rowOffset(time, row, spec.directions() * outputWidth) + spec.direction() * outputWidth;
  }

  /** The pre-activations, then the part of each that comes from the hidden state. */
  private double[] gates(int row, int time, double[] h) {
    int count = spec.gateWidth();
    double[] gates = new double[2 * count];
    for (int q = 0; q < count; q++) {
      gates[count + q] = hiddenBias[q];
      for (int r = 0; r < outputWidth; r++) {
        gates[count + q] += hiddenWeights[q * outputWidth + r] * h[r];
      }
      gates[q] = gates[count + q] + inputBias[q];
      for (int p = 0; p < spec.inputWidth(); p++) {
        gates[q] += inputWeights[q * spec.inputWidth() + p] * input[spec.rowOffset(time, row, spec.inputWidth()) + p];
      }
    }
    return gates;
  }

  private double state(double[] z, int j, double old) {
    return switch (spec.cell()) {
      case LSTM -> sigmoid(z[width + j]) * old + sigmoid(z[j]) * Math.tanh(z[2 * width + j]);
      case JANET -> sigmoid(z[j]) * old + (1 - sigmoid(z[j] - spec.beta())) * Math.tanh(z[width + j]);
      case GRU -> (1 - sigmoid(z[width + j])) * candidate(z, j) + sigmoid(z[width + j]) * old;
      case RNN_TANH -> Math.tanh(z[j]);
      case RNN_RELU -> Math.max(z[j], 0);
    };
  }

  /** GRU's, whose part from the hidden state is reset. */
  private double candidate(double[] z, int j) {
    return Math.tanh(z[2 * width + j] + (sigmoid(z[j]) - 1) * z[5 * width + j]);
  }

  private double visible(double[] z, double[] c, int r) {
    if (spec.cell() != RecurrentCell.LSTM) {
      return c[r];
    }
    if (spec.projectionWidth() == 0) {
      return sigmoid(z[3 * width + r]) * Math.tanh(c[r]);
    }
    double sum = 0;
    for (int j = 0; j < width; j++) {
      sum += projection[r * width + j] * sigmoid(z[3 * width + j]) * Math.tanh(c[j]);
    }
    return sum;
  }

  private void lstmBack(double[] z, double[] old, double[] now, double[] dh, double[] dc, double[] dGates) {
    for (int j = 0; j < width; j++) {
      double tanh = Math.tanh(now[j]);
      double o = sigmoid(z[3 * width + j]);
      double dm = spec.projectionWidth() == 0 ? dh[j] : 0;
      for (int r = 0; r < spec.projectionWidth(); r++) {
        dm += dh[r] * projection[r * width + j];
        gradProjection[r * width + j] += dh[r] * o * tanh;
      }
      double i = sigmoid(z[j]);
      double f = sigmoid(z[width + j]);
      double g = Math.tanh(z[2 * width + j]);
      double d = dc[j] + dm * o * (1 - tanh * tanh);
      dGates[j] = d * g * i * (1 - i);
      dGates[width + j] = d * old[j] * f * (1 - f);
      dGates[2 * width + j] = d * i * (1 - g * g);
      dGates[3 * width + j] = dm * tanh * o * (1 - o);
      dc[j] = d * f;
    }
    System.arraycopy(dGates, 0, dGates, 4 * width, 4 * width);
  }

  private void janetBack(double[] z, double[] old, double[] dh, double[] dGates, double[] before) {
    for (int j = 0; j < width; j++) {
      double f = sigmoid(z[j]);
      double k = sigmoid(z[j] - spec.beta());
      double g = Math.tanh(z[width + j]);
      dGates[j] = dh[j] * (old[j] * f * (1 - f) - g * k * (1 - k));
      dGates[width + j] = dh[j] * (1 - k) * (1 - g * g);
      before[j] = dh[j] * f;
    }
    System.arraycopy(dGates, 0, dGates, 2 * width, 2 * width);
  }

  private void gruBack(double[] z, double[] old, double[] dh, double[] dGates, double[] before) {
    for (int j = 0; j < width; j++) {
      double reset = sigmoid(z[j]);
      double update = sigmoid(z[width + j]);
      double n = candidate(z, j);
      double dn = dh[j] * (1 - update) * (1 - n * n);
      dGates[j] = dn * z[5 * width + j] * reset * (1 - reset);
      dGates[width + j] = dh[j] * (old[j] - n) * update * (1 - update);
      dGates[2 * width + j] = dn;
      dGates[5 * width + j] = dn * reset;
      before[j] = dh[j] * update;
    }
    System.arraycopy(dGates, 0, dGates, 3 * width, 2 * width);
  }

  private void plainBack(double[] z, double[] dh, double[] dGates) {
    for (int j = 0; j < width; j++) {
      double tanh = Math.tanh(z[j]);
      double slope = spec.cell() == RecurrentCell.RNN_TANH ? 1 - tanh * tanh : z[j] > 0 ? 1 : 0;
      dGates[j] = dh[j] * slope;
      dGates[width + j] = dGates[j];
    }
  }

  private void productsBack(int row, int time, double[] h, double[] dGates, double[] before) {
    int at = spec.rowOffset(time, row, spec.inputWidth());
    int count = spec.gateWidth();
    for (int q = 0; q < count; q++) {
      gradInputBias[q] += dGates[q];
      gradHiddenBias[q] += dGates[count + q];
      for (int p = 0; p < spec.inputWidth(); p++) {
        gradInputWeights[q * spec.inputWidth() + p] += dGates[q] * input[at + p];
        gradInput[at + p] += dGates[q] * inputWeights[q * spec.inputWidth() + p];
      }
      for (int r = 0; r < outputWidth; r++) {
        gradHiddenWeights[q * outputWidth + r] += dGates[count + q] * h[r];
        before[r] += dGates[count + q] * hiddenWeights[q * outputWidth + r];
      }
    }
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }
}
