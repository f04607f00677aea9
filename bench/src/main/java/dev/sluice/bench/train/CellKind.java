package dev.sluice.bench.train;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What reads the sequence before attention does. */
public enum CellKind {
  /** Long short-term memory. */
  LSTM,

  /** The forget-gate-only recurrence of van der Westhuizen and Lasenby (arXiv 1804.04849). */
  JANET,

  /** No recurrence: a linear projection of every step by itself. */
  NONE;

  /** The word for it on the command line and in reports. */
  @Override
  @JsonValue
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
