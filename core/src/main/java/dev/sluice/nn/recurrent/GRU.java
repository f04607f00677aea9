package dev.sluice.nn.recurrent;

import dev.sluice.Generator;

/**
 * Gated recurrent unit (Cho et al., arXiv 1406.1078) as torch.nn.GRU, which resets after the product: with r, z =
 * sigmoid of {@code W x_t + b_ih + U h_{t-1} + b_hh} and
 * {@code n = tanh(W_n x_t + b_in + r * (U_n h_{t-1} + b_hn))}: {@code h_t = (1 - z) * n + z * h_{t-1}}. Rows of weights
 * and biases: r, z, n. A hidden state alone is carried. Every parameter starts from U(-1/sqrt(H), 1/sqrt(H)), H the
 * hidden size.
 */
public final class GRU extends GatedRecurrent {
  /** One layer, one direction. */
  public GRU(int inputSize, int hiddenSize, Generator generator) {
    this(RecurrentOptions.of(inputSize, hiddenSize), generator);
  }

  /** Layers of one direction. */
  public GRU(int inputSize, int hiddenSize, int numLayers, Generator generator) {
    this(RecurrentOptions.of(inputSize, hiddenSize).withNumLayers(numLayers), generator);
  }

  /** All of torch.nn.LSTM's arguments in its order, of which projSize is to be 0; see {@link RecurrentOptions}. */
  public GRU(int inputSize, int hiddenSize, int numLayers, boolean bias, boolean batchFirst, double dropout,
      boolean bidirectional, int projSize, Generator generator) {
    this(new RecurrentOptions(inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional, projSize),
        generator);
  }

  /**
   * With these options.
   *
   * @param generator draws the parameters, and what is dropped between layers
   */
  public GRU(RecurrentOptions options, Generator generator) {
    super(Recurrence.GRU, options, generator);
  }
}
