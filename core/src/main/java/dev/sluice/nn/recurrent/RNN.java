package dev.sluice.nn.recurrent;

import dev.sluice.Generator;

/**
 * The plain recurrence (Elman 1990), as torch.nn.RNN: {@code h_t = act(W x_t + b_ih + U h_{t-1} + b_hh)}, act being
 * tanh or ReLU. A hidden state alone is carried. Every parameter starts from U(-1/sqrt(H), 1/sqrt(H)), H the hidden
 * size.
 */
public final class RNN extends GatedRecurrent {
  /** One layer, one direction, tanh. */
  public RNN(int inputSize, int hiddenSize, Generator generator) {
    this(RecurrentOptions.of(inputSize, hiddenSize), generator);
  }

  /** Layers of one direction, tanh. */
  public RNN(int inputSize, int hiddenSize, int numLayers, Generator generator) {
    this(RecurrentOptions.of(inputSize, hiddenSize).withNumLayers(numLayers), generator);
  }

  /**
   * All of torch.nn.LSTM's arguments in its order, of which projSize is to be 0, with tanh; see {@link
   * RecurrentOptions}.
   */
  public RNN(int inputSize, int hiddenSize, int numLayers, boolean bias, boolean batchFirst, double dropout,
      boolean bidirectional, int projSize, Generator generator) {
    this(new RecurrentOptions(inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional, projSize),
        generator);
  }

  /** With these options and tanh. */
  public RNN(RecurrentOptions options, Generator generator) {
    this(options, Nonlinearity.TANH, generator);
  }

  /**
   * With these options.
   *
   * @param nonlinearity what closes a step
   * @param generator draws the parameters, and what is dropped between layers
   */
  public RNN(RecurrentOptions options, Nonlinearity nonlinearity, Generator generator) {
    super(Recurrence.rnn(nonlinearity), options, generator);
  }
}
