package dev.sluice.bench.story;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A story understood from its sentences alone, by looking back from the end for who or what is asked about. */
final class Retelling {
  private static final Pattern SENTENCE = Pattern.compile(
      "(\\w+) (?:(went to|moved to|travelled to|journeyed to|went back to)|(took|got|grabbed|picked up)"
          + "|dropped|left|put down) the (\\w+)\\.");

  /** An answer with the sentences that it follows from. */
  record Answer(String text, List<Integer> facts) {}

  private record Event(String person, boolean moves, boolean takes, String what) {}

  private final List<Event> events;

  Retelling(List<String> sentences) {
    events = sentences.stream().map(sentence -> {
      Matcher matcher = SENTENCE.matcher(sentence);
      assertTrue(matcher.matches(), sentence);
      return new Event(matcher.group(1), matcher.group(2) != null, matcher.group(3) != null, matcher.group(4));
    }).toList();
  }

  Answer answer(String question) {
    MatchResult words = match(question, "Where is the (\\w+)\\?");
    if (words != null) {
      int touched = lastTouch(words.group(1), events.size());
      Event touch = events.get(touched);
      int moved = lastMove(touch.person(), touch.takes() ? events.size() : touched);
      return new Answer(events.get(moved).what(), Stream.of(touched, moved).sorted().toList());
    }
    words = match(question, "Where is (\\w+)\\?");
    if (words != null) {
      int moved = lastMove(words.group(1), events.size());
      return new Answer(events.get(moved).what(), List.of(moved));
    }
    words = match(question, "Who has the (\\w+)\\?");
    if (words != null) {
      int touched = lastTouch(words.group(1), events.size());
      assertTrue(events.get(touched).takes(), question);
      return new Answer(events.get(touched).person(), List.of(touched));
    }
    words = match(question, "Is (\\w+) in the (\\w+)\\?");
    if (words != null) {
      int moved = lastMove(words.group(1), events.size());
      return new Answer(events.get(moved).what().equals(words.group(2)) ? "yes" : "no", List.of(moved));
    }
    words = match(question, "What is (\\w+) carrying\\?");
    List<Integer> carried = new ArrayList<>();
    for (String object : Vocabulary.OBJECTS) {
      int touched = lastTouch(object, events.size());
      if (touched >= 0 && events.get(touched).takes() && events.get(touched).person().equals(words.group(1))) {
        carried.add(touched);
      }
    }
    assertEquals(1, carried.size(), question);
    return new Answer(events.get(carried.getFirst()).what(), carried);
  }

  /** Nobody takes what another one holds, or lies elsewhere; nobody leaves what they do not hold; who goes, goes. */
  void requirePossible() {
    for (int now = 0; now < events.size(); now++) {
      Event event = events.get(now);
      int before = lastMove(event.person(), now);
      if (event.moves()) {
        assertTrue(before < 0 || !events.get(before).what().equals(event.what()), events::toString);
        continue;
      }
      int touched = lastTouch(event.what(), now);
      if (!event.takes()) {
        assertTrue(touched >= 0 && events.get(touched).takes(), events::toString);
        assertEquals(event.person(), events.get(touched).person(), events::toString);
      } else if (touched >= 0) {
        Event left = events.get(touched);
        assertFalse(left.takes(), events::toString);
        int there = lastMove(left.person(), touched);
        if (there >= 0) {
          assertNotEquals(-1, before, events::toString);
          assertEquals(events.get(there).what(), events.get(before).what(), events::toString);
        } else {
          assertEquals(left.person(), event.person(), events::toString);
          assertEquals(there, before, events::toString);
        }
      }
    }
  }

  private int lastMove(String person, int before) {
    int i = before - 1;
    while (i >= 0 && !(events.get(i).moves() && events.get(i).person().equals(person))) {
      i--;
    }
    return i;
  }

  private int lastTouch(String object, int before) {
    int i = before - 1;
    while (i >= 0 && (events.get(i).moves() || !events.get(i).what().equals(object))) {
      i--;
    }
    return i;
  }

  private static MatchResult match(String text, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    return matcher.matches() ? matcher.toMatchResult() : null;
  }
}
