package dev.sluice.bench.train;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What looks at what when a question about a story is answered. */
public enum StoryAttentionKind {
  /** Nothing: the story is what the recurrence over its sentences remembers at its ends. */
  NONE,

  /** Each sentence at the candidate answers; a recurrence reads the sentences with what they saw. */
  CANDIDATES,

  /** The same, but the question looks at the sentences with what they saw, in place of the recurrence. */
  QUESTION;

  /** The word for it on the command line and in reports. */
  @Override
  @JsonValue
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
