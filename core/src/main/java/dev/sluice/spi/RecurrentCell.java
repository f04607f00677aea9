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
  JANET(2, false);

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
