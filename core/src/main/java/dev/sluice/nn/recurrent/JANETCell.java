package dev.sluice.nn.recurrent;

import dev.sluice.Generator;

/** One step of a {@link JANET}. */
public final class JANETCell extends GatedCell {
  /** With biases. */
  public JANETCell(int inputSize, int hiddenSize, Generator generator) {
    this(inputSize, hiddenSize, true, generator);
  }

  /** With biases or without. */
  public JANETCell(int inputSize, int hiddenSize, boolean bias, Generator generator) {
    this(inputSize, hiddenSize, bias, JANET.DEFAULT_BETA, 0, generator);
  }

  /**
   * With settings of its own.
   *
   * @param beta surplus of accumulation over forgetting; 0 couples the two
   * @param chronoMax longest dependency expected, in steps, more than 2; 0 for no chrono initialisation
   */
  public JANETCell(int inputSize, int hiddenSize, boolean bias, double beta, int chronoMax, Generator generator) {
    super(Recurrence.janet(bias, beta, chronoMax), inputSize, hiddenSize, bias, generator);
  }

  /** The surplus of accumulation over forgetting. */
  public double beta() {
    return recurrence().beta();
  }
}
