package dev.sluice.bench.story;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class StoriesTest {
  private static final int MANY = 4000;

  private static List<StoryQuestion> list(Iterator<StoryQuestion> drawn) {
    List<StoryQuestion> list = new ArrayList<>();
    drawn.forEachRemaining(list::add);
    return list;
  }

  /** The answers again, by reading the sentences backwards. */
  @Test
  void answersAndFactsAreThoseOfTheSentences() {
    for (StoryQuestion question : list(Stories.training(MANY, 1, 1))) {
      Retelling.Answer answer = new Retelling(question.sentences()).answer(question.question());
      assertEquals(answer.text(), question.answer(), question::toString);
      assertEquals(answer.facts(), question.facts(), question::toString);
      assertEquals(question.kind().facts(), question.facts().size(), question::toString);
      assertTrue(Vocabulary.CANDIDATES.contains(question.answer()), question::toString);
    }
  }

  @Test
  void nothingHappensThatCannotBe() {
    list(Stories.training(MANY, 2, 1)).forEach(question -> new Retelling(question.sentences()).requirePossible());
  }

  @Test
  void everyKindAndLengthIsAskedAboutAsOften() {
    List<StoryQuestion> drawn = list(Stories.training(MANY, 3, 1));
    Map<QuestionKind, Long> kinds = drawn.stream().collect(
        Collectors.groupingBy(StoryQuestion::kind, () -> new EnumMap<>(QuestionKind.class), Collectors.counting()));
    assertEquals(QuestionKind.values().length, kinds.size());
    kinds.values().forEach(count -> assertEquals(MANY / 5.0, count, MANY / 40.0, kinds::toString));
    Map<Integer, Long> lengths = drawn.stream().collect(
        Collectors.groupingBy(question -> question.sentences().size(), Collectors.counting()));
    assertEquals(Set.of(2, 3, 4, 5, 6, 7, 8, 9, 10), lengths.keySet());
    lengths.values().forEach(count -> assertEquals(MANY / 9.0, count, MANY / 45.0, lengths::toString));
    long yes = drawn.stream().filter(question -> question.answer().equals("yes")).count();
    assertEquals(0.5, yes / (double) kinds.get(QuestionKind.IS_PERSON_IN), 0.06);
    String all = drawn.stream().flatMap(question -> question.sentences().stream()).collect(Collectors.joining(" "));
    List.of(Vocabulary.PEOPLE, Vocabulary.PLACES, Vocabulary.OBJECTS).forEach(
        names -> names.forEach(name -> assertTrue(all.contains(name), name)));
  }

  @Test
  void theSeedDecidesAndEpochsDiffer() {
    List<StoryQuestion> drawn = list(Stories.training(50, 7, 1));
    assertEquals(drawn, list(Stories.training(50, 7, 1)));
    assertNotEquals(drawn, list(Stories.training(50, 7, 2)));
    assertNotEquals(drawn, list(Stories.training(50, 8, 1)));
    assertEquals(list(Stories.test(50)), list(Stories.test(80)).subList(0, 50));
  }

  @Test
  void noStoryIsForTrainingAndForTheTest() {
    Set<List<String>> test = list(Stories.test(MANY)).stream().map(StoryQuestion::sentences)
        .collect(Collectors.toCollection(HashSet::new));
    test.retainAll(list(Stories.training(5 * MANY, 1, 1)).stream().map(StoryQuestion::sentences).toList());
    assertEquals(Set.of(), test);
  }

  @Test
  void everyWordHasAnIndexOfItsOwn() {
    Set<Integer> seen = new TreeSet<>();
    for (StoryQuestion question : list(Stories.training(MANY, 4, 1))) {
      List<String> texts = new ArrayList<>(question.sentences());
      texts.add(question.question());
      for (String text : texts) {
        int[] indices = Vocabulary.indices(text);
        assertTrue(indices.length <= Vocabulary.MOST_WORDS, text);
        for (int index : indices) {
          assertTrue(index > 0 && index < Vocabulary.size(), text);
          seen.add(index);
        }
      }
    }
    // All but yes and no, which are answers only.
    assertEquals(Vocabulary.size() - 1 - 2, seen.size());
  }
}
