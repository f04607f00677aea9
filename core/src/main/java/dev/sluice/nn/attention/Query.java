package dev.sluice.nn.attention;

/** What asks. */
public enum Query {
  /**
   * The last valid output of the top layer. With two directions it is each one's last: the forward one's at the last
   * valid step beside the reverse one's at the first, so that each has read the whole sequence. This is the final
   * hidden state of the top layer: without the normalisation that an IndRNN may put after its activation.
   */
  LAST,
  /** One learned vector, the same for every row. */
  LEARNED
}
