package dev.sluice.nn.recurrent;

import dev.sluice.Generator;

/** One step of an {@link LSTM}, as torch.nn.LSTMCell. */
public final class LSTMCell extends GatedCell {
  /** With biases. */
  public LSTMCell(int inputSize, int hiddenSize, Generator generator) {
    this(inputSize, hiddenSize, true, generator);
  }

  /** With biases or without. */
  public LSTMCell(int inputSize, int hiddenSize, boolean bias, Generator generator) {
    super(Recurrence.LSTM, inputSize, hiddenSize, bias, generator);
  }
}
