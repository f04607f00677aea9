package dev.sluice.bench.train;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.sluice.nn.attention.Score;
import java.util.Locale;

/** How soft attention scores an output h against the query q. */
public enum ScoreKind {
  /** {@code q . h} */
  DOT,

  /** {@code q . h / sqrt(hidden)} */
  SCALED,

  /** {@code q' W h} */
  GENERAL,

  /** {@code v' tanh(W1 q + W2 h + b)} */
  ADDITIVE;

  /** The layer's score of this name. */
  public Score score() {
    return Score.valueOf(name());
  }

  /** The word for it on the command line and in reports. */
  @Override
  @JsonValue
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
