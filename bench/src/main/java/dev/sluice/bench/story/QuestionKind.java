package dev.sluice.bench.story;

import com.fasterxml.jackson.annotation.JsonValue;

/** What is asked, and how many sentences of the story the answer follows from. */
public enum QuestionKind {
  /** {@code Where is Mary?} The last place that she went to. */
  WHERE_PERSON("where is a person", 1),

  /** {@code Who has the apple?} Whoever took it last, while it is held. */
  WHO_HAS("who has an object", 1),

  /** {@code What is Mary carrying?} The only thing that she holds. */
  WHAT_CARRIED("what is carried", 1),

  /** {@code Is Mary in the garden?} Yes or no, by the last place that she went to. */
  IS_PERSON_IN("is a person in a place", 1),

  /** {@code Where is the apple?} Where its holder is, or was when it was put down. */
  WHERE_OBJECT("where is an object", 2);

  private final String words;
  private final int facts;

  QuestionKind(String words, int facts) {
    this.words = words;
    this.facts = facts;
  }

  /** How many sentences the answer follows from, 1 or 2. */
  public int facts() {
    return facts;
  }

  /** The words for it in reports. */
  @Override
  @JsonValue
  public String toString() {
    return words;
  }
}
