package dev.sluice.bench.train;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What makes a sequence of another. */
enum ModelKind {
  /** A recurrent encoder, and a recurrent decoder that attends over it. */
  RNN,

  /** A transformer. */
  TRANSFORMER;

  /** The word for it on the command line and in reports. */
  @Override
  @JsonValue
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
