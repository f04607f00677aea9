package dev.sluice.bench.story;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The words of stories, questions and answers, each with an index; index 0 is no word. */
public final class Vocabulary {
  /** Who a story may be about; four of them are in each. */
  public static final List<String> PEOPLE = List.of("Mary", "John", "Sandra", "Daniel", "Julie", "Fred");

  /** Where they may go. */
  public static final List<String> PLACES =
      List.of("garden", "kitchen", "office", "bedroom", "bathroom", "hallway", "park", "school");

  /** What they may carry. */
  public static final List<String> OBJECTS = List.of("apple", "milk", "football", "book", "lamp");

  /** Every answer there may be, the same ones for every question. */
  public static final List<String> CANDIDATES =
      Stream.of(PEOPLE, PLACES, OBJECTS, List.of("yes", "no")).flatMap(List::stream).toList();

  /** The most words that a sentence or a question has. */
  public static final int MOST_WORDS = 6;

  static final List<String> GOING = List.of("went to", "moved to", "travelled to", "journeyed to", "went back to");
  static final List<String> TAKING = List.of("took", "got", "grabbed", "picked up");
  static final List<String> LEAVING = List.of("dropped", "left", "put down");

  private static final List<String> ASKING = List.of("where", "is", "who", "has", "what", "carrying", "in", "the");

  private static final List<String> WORDS = Stream.of(CANDIDATES, GOING, TAKING, LEAVING, ASKING)
      .flatMap(List::stream).flatMap(Vocabulary::words).distinct().toList();

  private static final Map<String, Integer> INDICES = IntStream.range(0, WORDS.size()).boxed()
      .collect(Collectors.toUnmodifiableMap(WORDS::get, place -> place + 1));

  private static final Map<String, Integer> ANSWERS = IntStream.range(0, CANDIDATES.size()).boxed()
      .collect(Collectors.toUnmodifiableMap(CANDIDATES::get, Function.identity()));

  private Vocabulary() {}

  /** How many indices there are, that of no word included. */
  public static int size() {
    return WORDS.size() + 1;
  }

  /**
   * The indices of a text's words, punctuation and capitals left out.
   *
   * @throws IllegalArgumentException for a word that is in no story
   */
  public static int[] indices(String text) {
    return words(text).mapToInt(word -> {
      Integer index = INDICES.get(word);
      if (index == null) {
        throw new IllegalArgumentException("vocabulary: word is '" + word + "', wanted one of " + WORDS);
      }
      return index;
    }).toArray();
  }

  /** The place of an answer among the candidates. */
  public static int candidate(String answer) {
    Integer place = ANSWERS.get(answer);
    if (place == null) {
      throw new IllegalArgumentException("vocabulary: answer is '" + answer + "', wanted one of " + CANDIDATES);
    }
    return place;
  }

  private static Stream<String> words(String text) {
    return Stream.of(text.toLowerCase(Locale.ROOT).replaceAll("[.?]", "").split(" "));
  }
}
