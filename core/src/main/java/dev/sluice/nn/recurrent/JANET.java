package dev.sluice.nn.recurrent;

import dev.sluice.Generator;

/**
 * Just another network: an LSTM with a forget gate alone (van der Westhuizen and Lasenby, arXiv 1804.04849):
 * {@code h_t = sigmoid(s) * h_{t-1} + (1 - sigmoid(s - beta)) * tanh(g)}, where s and g are
 * {@code W x_t + b_ih + U h_{t-1} + b_hh}. Rows of weights and biases: s, g. A hidden state alone is carried; it lies
 * within -e^beta and e^beta, not within -1 and 1.
 *
 * <p>Weights start from U(-1/sqrt(H), 1/sqrt(H)) as an LSTM's. As in the authors' code the bias of the forget gate
 * starts at 1, or with chronoMax at log U(1, chronoMax - 1) (Tallec and Ollivier, arXiv 1804.11188), and that of the
 * candidate at 0; there being two biases whose sum counts, {@code bias_ih} takes these values and {@code bias_hh} is 0.
 */
public final class JANET extends GatedRecurrent {
  /** The authors' beta. */
  public static final double DEFAULT_BETA = 1;

  /** One layer, one direction. */
  public JANET(int inputSize, int hiddenSize, Generator generator) {
    this(RecurrentOptions.of(inputSize, hiddenSize), generator);
  }

  /** Layers of one direction. */
  public JANET(int inputSize, int hiddenSize, int numLayers, Generator generator) {
    this(RecurrentOptions.of(inputSize, hiddenSize).withNumLayers(numLayers), generator);
  }

  /** All of torch.nn.LSTM's arguments in its order, of which projSize is to be 0; see {@link RecurrentOptions}. */
  public JANET(int inputSize, int hiddenSize, int numLayers, boolean bias, boolean batchFirst, double dropout,
      boolean bidirectional, int projSize, Generator generator) {
    this(new RecurrentOptions(inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional, projSize),
        generator);
  }

  /**
   * With these options, {@link #DEFAULT_BETA} and no chrono initialisation.
   *
   * @param generator draws the parameters, and what is dropped between layers
   */
  public JANET(RecurrentOptions options, Generator generator) {
    this(options, DEFAULT_BETA, 0, generator);
  }

  /**
   * With these options.
   *
   * @param beta surplus of accumulation over forgetting; 0 couples the two
   * @param chronoMax longest dependency expected, in steps, more than 2; 0 for no chrono initialisation
   * @param generator draws the parameters, and what is dropped between layers
   */
  public JANET(RecurrentOptions options, double beta, int chronoMax, Generator generator) {
    super(Recurrence.janet(options.bias(), beta, chronoMax), options, generator);
  }

  /** The surplus of accumulation over forgetting. */
  public double beta() {
    return recurrence().beta();
  }
}
