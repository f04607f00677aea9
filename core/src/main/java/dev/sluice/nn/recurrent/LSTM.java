package dev.sluice.nn.recurrent;

import dev.sluice.Generator;

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997; forget gate: Gers, Schmidhuber and Cummins 2000), as
 * torch.nn.LSTM. With gates i, f, o = sigmoid and g = tanh of {@code W x_t + b_ih + U h_{t-1} + b_hh}:
 * {@code c_t = f * c_{t-1} + i * g}, {@code h_t = o * tanh(c_t)}; with a projection {@code h_t = W_hr (o * tanh(c_t))}.
 * Rows of weights and biases: i, f, g, o. Every parameter starts from U(-1/sqrt(H), 1/sqrt(H)), H the hidden size.
 */
public final class LSTM extends GatedRecurrent {
  /** One layer, one direction. */
  public LSTM(int inputSize, int hiddenSize, Generator generator) {
    this(RecurrentOptions.of(inputSize, hiddenSize), generator);
  }

  /** Layers of one direction. */
  public LSTM(int inputSize, int hiddenSize, int numLayers, Generator generator) {
    this(RecurrentOptions.of(inputSize, hiddenSize).withNumLayers(numLayers), generator);
  }

  /** All of torch.nn.LSTM's arguments in its order; see {@link RecurrentOptions}. */
  public LSTM(int inputSize, int hiddenSize, int numLayers, boolean bias, boolean batchFirst, double dropout,
      boolean bidirectional, int projSize, Generator generator) {
    this(new RecurrentOptions(inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional, projSize),
        generator);
  }

  /**
   * With these options.
   *
   * @param generator draws the parameters, and what is dropped between layers
   */
  public LSTM(RecurrentOptions options, Generator generator) {
    super(Recurrence.LSTM, options, generator);
  }
}
