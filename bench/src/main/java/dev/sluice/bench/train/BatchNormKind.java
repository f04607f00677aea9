package dev.sluice.bench.train;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** How an independent recurrence normalizes the outputs of each of its layers. */
public enum BatchNormKind {
  /** Not at all. */
  NONE,

  /** By statistics over batch and time together. */
  TIME,

  /** By statistics of each step over the batch. */
  STEP;

  /** The word for it on the command line and in reports. */
  @Override
  @JsonValue
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
