package dev.sluice.bench.story;

import static dev.sluice.bench.story.Vocabulary.GOING;
import static dev.sluice.bench.story.Vocabulary.LEAVING;
import static dev.sluice.bench.story.Vocabulary.OBJECTS;
import static dev.sluice.bench.story.Vocabulary.PLACES;
import static dev.sluice.bench.story.Vocabulary.TAKING;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where everyone and everything is while a story happens, and which sentences told it. At first everyone is at a place
 * of their own that nobody told, and the things lie wherever they are found.
 */
final class World {
  /**
   * Where somebody or something is.
   *
   * @param place its name; for a place that nobody told, of the person who was there
   * @param fact the sentence that told it, or -1 for none
   */
  private record Spot(String place, int fact) {
    boolean isTold() {
      return fact >= 0;
    }
  }

  /**
   * What became of a thing.
   *
   * @param holder who has it; null while it lies somewhere
   * @param fact the sentence in which it was taken or put down
   * @param spot where it lies; null while it is held
   */
  private record Fate(@Nullable String holder, int fact, @Nullable Spot spot) {}

  private final Draws draws;
  private final List<String> cast;
  private final Map<String, Spot> spots = new HashMap<>();
  private final Map<String, Fate> fates = new HashMap<>();
  private final List<String> sentences = new ArrayList<>();

  /** With these people in it. */
  World(List<String> cast, Draws draws) {
    this.draws = draws;
    this.cast = cast;
    cast.forEach(person -> spots.put(person, new Spot(person, -1)));
  }

  /** What happened so far. */
  List<String> sentences() {
    return sentences;
  }

  /** Lets one more thing happen: somebody goes elsewhere, or takes or puts down something if that can be. */
  void go() {
    String person = draws.of(cast);
    List<String> near = OBJECTS.stream().filter(object -> liesBeside(object, person)).toList();
    List<String> carried = carriedBy(person);
    switch (draws.below(4)) {
      case 0 -> takeOrMove(person, near);
      case 1 -> leaveOrMove(person, carried);
      default -> move(person);
    }
  }

  private void takeOrMove(String person, List<String> near) {
    if (near.isEmpty()) {
      move(person);
      return;
    }
    String object = draws.of(near);
    fates.put(object, new Fate(person, tell(person + " " + draws.of(TAKING) + " the " + object + "."), null));
  }

  private void leaveOrMove(String person, List<String> carried) {
    if (carried.isEmpty()) {
      move(person);
      return;
    }
    String object = draws.of(carried);
    int fact = tell(person + " " + draws.of(LEAVING) + " the " + object + ".");
    fates.put(object, new Fate(null, fact, spot(person)));
  }

  private void move(String person) {
    String place = draws.of(PLACES.stream().filter(other -> !other.equals(spot(person).place())).toList());
    spots.put(person, new Spot(place, tell(person + " " + draws.of(GOING) + " the " + place + ".")));
  }

  private int tell(String sentence) {
    sentences.add(sentence);
    return sentences.size() - 1;
  }

  /** What nobody has touched is found wherever somebody looks. */
  private boolean liesBeside(String object, String person) {
    Fate fate = fates.get(object);
    return fate == null || fate.spot() != null && fate.spot().place().equals(spot(person).place());
  }

  private List<String> carriedBy(String person) {
    return OBJECTS.stream().filter(object -> holds(person, object)).toList();
  }

  private boolean holds(String person, String object) {
    Fate fate = fates.get(object);
    return fate != null && person.equals(fate.holder());
  }

  private Spot spot(String person) {
    return Objects.requireNonNull(spots.get(person), person);
  }

  private Fate fate(String object) {
    return Objects.requireNonNull(fates.get(object), object);
  }

  /** A question of this kind that what was told answers; null if there is none. */
  @Nullable StoryQuestion ask(QuestionKind kind) {
    List<String> asked = switch (kind) {
      case WHERE_PERSON, IS_PERSON_IN -> cast.stream().filter(person -> spot(person).isTold()).toList();
      case WHO_HAS -> OBJECTS.stream().filter(object -> cast.stream().anyMatch(person -> holds(person, object)))
          .toList();
      case WHAT_CARRIED -> cast.stream().filter(person -> carriedBy(person).size() == 1).toList();
      case WHERE_OBJECT -> OBJECTS.stream().filter(object -> fates.containsKey(object) && where(object).isTold())
          .toList();
    };
    if (asked.isEmpty()) {
      return null;
    }
    String about = draws.of(asked);
    return switch (kind) {
      case WHERE_PERSON -> question(kind, "Where is " + about + "?", spot(about).place(), spot(about).fact());
      case IS_PERSON_IN -> isIn(about);
      case WHO_HAS -> question(kind, "Who has the " + about + "?", Objects.requireNonNull(fate(about).holder()),
          fate(about).fact());
      case WHAT_CARRIED -> {
        String object = carriedBy(about).getFirst();
        yield question(kind, "What is " + about + " carrying?", object, fate(object).fact());
      }
      case WHERE_OBJECT -> question(kind, "Where is the " + about + "?", where(about).place(), fate(about).fact(),
          where(about).fact());
    };
  }

  /** Half of the answers are no, about a place that somebody else or the person before went to, if there is one. */
  private StoryQuestion isIn(String person) {
    Spot spot = spot(person);
    boolean yes = draws.below(2) == 0;
    List<String> others = PLACES.stream().filter(place -> !place.equals(spot.place())).toList();
    List<String> told = others.stream().filter(place -> sentences.stream().anyMatch(s -> s.contains(place))).toList();
    String place = yes ? spot.place() : draws.of(told.isEmpty() ? others : told);
    return question(QuestionKind.IS_PERSON_IN, "Is " + person + " in the " + place + "?", yes ? "yes" : "no",
        spot.fact());
  }

  private Spot where(String object) {
    Fate fate = fate(object);
    return fate.spot() != null ? fate.spot() : spot(Objects.requireNonNull(fate.holder()));
  }

  private StoryQuestion question(QuestionKind kind, String question, String answer, Integer... facts) {
    return new StoryQuestion(sentences, kind, question, answer, Stream.of(facts).sorted().toList());
  }
}
