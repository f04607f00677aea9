package dev.sluice.bench.train;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What reads a sequence. */
public enum CellKind {
  /** Long short-term memory. */
  LSTM,

  /** Gated recurrent units. */
  GRU,

  /** The plain recurrence, with tanh. */
  RNN,

  /** The forget-gate-only recurrence of van der Westhuizen and Lasenby (arXiv 1804.04849). */
  JANET,

  /** The independent recurrence of Li et al. (arXiv 1803.04831), with ReLU. */
  INDRNN,

  /** The same model with the options and the state names of its second circulating version. */
  INDRNN2,

  /** No recurrence: a linear projection of every step by itself. */
  NONE;

  /** Whether its neurons see only themselves. */
  boolean isIndependent() {
    return this == INDRNN || this == INDRNN2;
  }

  /** How many layers it takes if nobody says: neurons that see only themselves meet in a second one. */
  int usualLayers() {
    return isIndependent() ? 2 : 1;
  }

  /** The word for it on the command line and in reports. */
  @Override
  @JsonValue
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
