package dev.sluice.nn.recurrent;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.checks.Arguments;
import dev.sluice.nn.Init;
import dev.sluice.spi.RecurrentCell;
import java.util.Arrays;

/**
 * Which recurrence, with the settings that are its own, and how its biases start.
 *
 * @param cell its equations
 * @param beta JANET's surplus of accumulation over forgetting; 0 for the others
 * @param chronoMax JANET's longest dependency for chrono initialisation; 0 for none
 */
record Recurrence(RecurrentCell cell, double beta, int chronoMax) {
  static final Recurrence LSTM = new Recurrence(RecurrentCell.LSTM, 0, 0);
  static final Recurrence GRU = new Recurrence(RecurrentCell.GRU, 0, 0);

  /** The plain recurrence with what closes its steps. */
  static Recurrence rnn(Nonlinearity nonlinearity) {
    return new Recurrence(nonlinearity.cell(), 0, 0);
  }

  /** JANET, its settings checked. */
  static Recurrence janet(boolean bias, double beta, int chronoMax) {
    Arguments.require(Double.isFinite(beta), "janet", "beta is " + beta, "a finite number");
    Arguments.require(chronoMax == 0 || chronoMax > 2, "janet", "chronoMax is " + chronoMax,
        "0 for none, or more than 2");
    Arguments.require(chronoMax == 0 || bias, "janet", "chronoMax is " + chronoMax + " without biases",
        "0: it is the forget bias that it initialises");
    return new Recurrence(RecurrentCell.JANET, beta, chronoMax);
  }

  /** Refuses a projection where the recurrence has none. */
  void requireMeaningful(RecurrentOptions options) {
    if (cell != RecurrentCell.LSTM) {
      StateChecks.noProjection(name(), options);
    }
  }

  /** What messages call it. */
  String name() {
    return switch (cell) {
      case LSTM -> "lstm";
      case JANET -> "janet";
      case GRU -> "gru";
      case RNN_TANH, RNN_RELU -> "rnn";
    };
  }

  /** The bias beside the input weights, (gates * hiddenSize). */
  Tensor inputBias(int hiddenSize, Generator generator) {
    return switch (cell) {
      case LSTM, GRU, RNN_TANH, RNN_RELU -> uniform(hiddenSize, generator);
      case JANET -> {
        float[] bias = new float[cell.gates() * hiddenSize];
        System.arraycopy(forgetBias(hiddenSize, generator), 0, bias, 0, hiddenSize);
        yield Tensor.of(bias, bias.length);
      }
    };
  }

  /** The bias beside the hidden weights, (gates * hiddenSize); only the sum of both counts. */
  Tensor hiddenBias(int hiddenSize, Generator generator) {
    return switch (cell) {
      case LSTM, GRU, RNN_TANH, RNN_RELU -> uniform(hiddenSize, generator);
      case JANET -> Tensor.zeros(cell.gates() * hiddenSize);
    };
  }

  /** 1, or with chronoMax log U(1, chronoMax - 1): how fast units forget, spread over all time scales up to it. */
  private float[] forgetBias(int hiddenSize, Generator generator) {
    float[] bias = new float[hiddenSize];
    if (chronoMax == 0) {
      Arrays.fill(bias, 1);
      return bias;
    }
    float[] spans = generator.uniform(hiddenSize, 1, chronoMax - 1);
    for (int i = 0; i < hiddenSize; i++) {
      bias[i] = (float) StrictMath.log(spans[i]);
    }
    return bias;
  }

  private Tensor uniform(int hiddenSize, Generator generator) {
    double bound = 1 / Math.sqrt(hiddenSize);
    return Init.uniform(Tensor.zeros(cell.gates() * hiddenSize), -bound, bound, generator);
  }
}
