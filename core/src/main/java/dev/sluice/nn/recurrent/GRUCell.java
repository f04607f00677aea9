package dev.sluice.nn.recurrent;

import dev.sluice.Generator;

/** One step of a {@link GRU}, as torch.nn.GRUCell. */
public final class GRUCell extends GatedCell {
  /** With biases. */
  public GRUCell(int inputSize, int hiddenSize, Generator generator) {
    this(inputSize, hiddenSize, true, generator);
  }

  /** With biases or without. */
  public GRUCell(int inputSize, int hiddenSize, boolean bias, Generator generator) {
    super(Recurrence.GRU, inputSize, hiddenSize, bias, generator);
  }
}
