package dev.sluice.bench.train;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.sluice.Generator;
import dev.sluice.autograd.Selecting;
import dev.sluice.nn.attention.Weighing;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What makes one vector of a recurrence's outputs, as {@code --attention} says it, for a classifier; where a decoder
 * asks in place of the last output, the forms with scores and multihead:
 *
 * <pre>
 * none              the last output as it is
 * soft              a weighted mean of all outputs next to the last one, the weights a softmax of scores
 * hard:topk=K       the same of the K outputs that weigh most
 * hard:threshold=T  the same of the outputs that weigh T or more
 * hard:sample       one output, drawn with the weights as its chances; evaluating, the one that weighs most
 * sparsemax         as soft, the weights a sparsemax of scores: those of low scores are 0
 * feature           the last output, each feature scaled by its own softmax weight
 * self              each output attends to all; the mean of what they become, next to the last one
 * multihead         what the last output sees in all by several heads, next to itself
 * </pre>
 */
public sealed interface AttentionOption {
  /** The forms in one line, for messages. */
  String FORMS = "none, soft, hard:topk=K, hard:threshold=T, hard:sample, sparsemax, feature, self or multihead";

  /** The forms without a number. */
  enum Plain implements AttentionOption {
    /** The last output as it is. */
    NONE,

    /** A weighted mean of all outputs next to the last one, the weights a softmax of scores. */
    SOFT,

    /** The same by a sparsemax of scores: weights of low ones are exactly 0. */
    SPARSEMAX,

    /** The last output, each feature scaled by its own softmax weight. */
    FEATURE,

    /** Each output attends to all; the mean of what they become, next to the last one. */
    SELF,

    /** What the last output sees in all by several heads, next to itself. */
    MULTIHEAD;

    @Override
    @JsonValue
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Soft attention of which some weights count alone. */
  sealed interface Hard extends AttentionOption {
    /**
     * Which weights count.
     *
     * @param generator draws, where that is done
     */
    Selecting selecting(Generator generator);
  }

  /**
   * The largest weights.
   *
   * @param count K, 1 or more
   */
  record TopK(int count) implements Hard {
    public TopK {
      require(count >= 1, "K is " + count + ", wanted 1 or more");
    }

    @Override
    public Selecting selecting(Generator generator) {
      return Selecting.largest(count);
    }

    @Override
    @JsonValue
    public String toString() {
      return "hard:topk=" + count;
    }
  }

  /**
   * Weights of a least size.
   *
   * @param least T, 0 to 1
   */
  record Threshold(double least) implements Hard {
    public Threshold {
      require(least >= 0 && least <= 1, "T is " + least + ", wanted a number from 0 to 1");
    }

    @Override
    public Selecting selecting(Generator generator) {
      return Selecting.threshold(least);
    }

    @Override
    @JsonValue
    public String toString() {
      return "hard:threshold=" + least;
    }
  }

  /** One drawn weight. */
  record Sample() implements Hard {
    @Override
    public Selecting selecting(Generator generator) {
      return Selecting.sampled(generator);
    }

    @Override
    @JsonValue
    public String toString() {
      return "hard:sample";
    }
  }

  /** Whether the weights come of scores. */
  default boolean hasScore() {
    return this == Plain.SOFT || this == Plain.SPARSEMAX || this instanceof Hard;
  }

  /**
   * What makes weights of scores; to be asked where there are some.
   *
   * @param generator draws, where that is done
   */
  default Weighing weighing(Generator generator) {
    return switch (this) {
      case Plain.SOFT -> Weighing.SOFT;
      case Plain.SPARSEMAX -> Weighing.SPARSE;
      case Hard hard -> Weighing.hard(hard.selecting(generator));
      case Plain plain -> throw new IllegalStateException(plain + " has no scores");
    };
  }

  /** How many heads it has unless told otherwise; null where it has none. */
  default @Nullable Integer usualHeads() {
    return this == Plain.MULTIHEAD ? Integer.valueOf(4) : this == Plain.SELF ? Integer.valueOf(1) : null;
  }

  /** How many vectors of an output's width it makes. */
  default int vectors() {
    return this == Plain.NONE || this == Plain.FEATURE ? 1 : 2;
  }

  /**
   * Reads the option.
   *
   * @throws IllegalArgumentException if the text has none of the forms, or a number is out of its range
   */
  @JsonCreator
  static AttentionOption parse(String text) {
    String form = text.substring(0, text.indexOf('=') + 1);
    String number = text.substring(form.length());
    return switch (form) {
      case "hard:topk=" -> new TopK(count(number));
      case "hard:threshold=" -> new Threshold(share(number));
      default -> text.equals("hard:sample") ? new Sample() : plain(text);
    };
  }

  private static Plain plain(String text) {
    return Arrays.stream(Plain.values())
        .filter(plain -> plain.toString().equals(text))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("'" + text + "' is unknown, wanted " + FORMS));
  }

  private static int count(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + text + "' does not give a whole number K", e);
    }
  }

  private static double share(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + text + "' does not give a number T", e);
    }
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
