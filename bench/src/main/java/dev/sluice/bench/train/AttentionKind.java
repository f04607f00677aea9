package dev.sluice.bench.train;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What makes one vector out of the steps' outputs. */
public enum AttentionKind {
  /** The last output as it is. */
  NONE,

  /** A weighted mean of all outputs next to the last one, the weights a softmax of scores. */
  SOFT,

  /** The last output, each feature scaled by its own softmax weight. */
  FEATURE;

  /** The word for it on the command line and in reports. */
  @Override
  @JsonValue
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
