package dev.sluice.nn.recurrent;

import dev.sluice.Generator;

/** One step of an {@link RNN}, as torch.nn.RNNCell. */
public final class RNNCell extends GatedCell {
  /** With biases and tanh. */
  public RNNCell(int inputSize, int hiddenSize, Generator generator) {
    this(inputSize, hiddenSize, true, generator);
  }

  /** With biases or without, and tanh. */
  public RNNCell(int inputSize, int hiddenSize, boolean bias, Generator generator) {
    this(inputSize, hiddenSize, bias, Nonlinearity.TANH, generator);
  }

  /** With biases or without. */
  public RNNCell(int inputSize, int hiddenSize, boolean bias, Nonlinearity nonlinearity, Generator generator) {
    super(Recurrence.rnn(nonlinearity), inputSize, hiddenSize, bias, generator);
  }
}
