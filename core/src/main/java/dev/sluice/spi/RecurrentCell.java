package dev.sluice.spi;

/**
 * The recurrences. Every gate's pre-activation is {@code W x_t + b_input + U h_{t-1} + b_hidden}; the gates' row blocks
 * lie in the order given. The products are matrix-vector, {@code *} is element-wise.
 */
public enum RecurrentCell {
  /**
   * Hochreiter and Schmidhuber 1997, as torch.nn.LSTM: gates input, forget, candidate (g), output; {@code c_t = f *
   * c_{t-1} + i * tanh(g)}, {@code h_t = o * tanh(c_t)}, with a projection {@code h_t = P (o * tanh(c_t))}.
   */
  LSTM(4, true),
  /**
   * Van der Westhuizen and Lasenby: The unreasonable effectiveness of the forget gate (arXiv 1804.04849): gates forget
   * (s), candidate (g); {@code h_t = sigmoid(s) * h_{t-1} + (1 - sigmoid(s - beta)) * tanh(g)}. No cell state, no
   * projection.
   */
  JANET(2, false),
  /**
   * Cho et al. 2014 as torch.nn.GRU, which resets after the product: gates reset (r), update (z), candidate (n);
   * {@code n = tanh(W_n x_t + b_in + r * (U_n h_{t-1} + b_hn))}, {@code h_t = (1 - z) * n + z * h_{t-1}}.
   */
  GRU(3, false),
  /** Elman 1990 as torch.nn.RNN: {@code h_t = tanh(a)} of the pre-activation a. */
  RNN_TANH(1, false),
  /** As {@link #RNN_TANH} with {@code h_t = max(a, 0)}; derivative 0 at 0. */
  RNN_RELU(1, false);

  private final int gates;
  private final boolean hasCellState;

  RecurrentCell(int gates, boolean hasCellState) {
    this.gates = gates;
    this.hasCellState = hasCellState;
  }

  /** Row blocks of the weight matrices. */
  public int gates() {
    return gates;
  }

  /** Whether a cell state is carried beside the hidden state. */
  public boolean hasCellState() {
    return hasCellState;
  }
}
