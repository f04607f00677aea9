package dev.sluice.nn.attention;

/** How well a position's vector h answers a query q, both of width W (Luong, Pham and Manning, arXiv 1508.04025). */
public enum Score {
  /** {@code q . h}. */
  DOT,
  /** {@code q . h / sqrt(W)} (Vaswani et al., arXiv 1706.03762). */
  SCALED,
  /** {@code q' M h} with a learned matrix M. */
  GENERAL,
  /** {@code v' tanh(W1 q + W2 h + b)}, all of them learned (Bahdanau, Cho and Bengio, arXiv 1409.0473). */
  ADDITIVE
}
