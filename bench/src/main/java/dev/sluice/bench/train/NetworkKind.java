package dev.sluice.bench.train;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What reads an image. */
public enum NetworkKind {
  /** A recurrence over its rows, or a projection of each. */
  RNN,

  /** Convolutions and pooling; the places of the last map are read like the steps of a sequence. */
  CNN;

  /** The word for it on the command line and in reports. */
  @Override
  @JsonValue
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
