package dev.sluice.bench.story;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Draws stories of 2 to 10 sentences with a question each: kind and length with equal chances, the story drawn again
 * until it answers a question of the kind. A story is for training or for the test by a hash of its sentences, so that
 * none is in both; the test is the same for every seed.
 */
public final class Stories {
  /** The fewest sentences of a story. */
  public static final int FEWEST_SENTENCES = 2;

  /** The most sentences of a story. */
  public static final int MOST_SENTENCES = 10;

  private static final int CAST = 4;
  private static final List<QuestionKind> KINDS = List.of(QuestionKind.values());

  /** One story of so many is for the test. */
  private static final int TEST_SHARE = 10;
  private static final long TEST_SEED = 0x7E57;

  private Stories() {}

  /**
   * What an epoch trains with.
   *
   * @param count how many questions
   * @param seed of the whole training
   * @param epoch counted from 0 or 1, as the caller likes
   */
  public static Iterator<StoryQuestion> training(int count, long seed, int epoch) {
    return draw(new Draws(new SplittableRandom(new SplittableRandom(seed).nextLong() + epoch)), false, count);
  }

  /** The first so many questions of the test. */
  public static Iterator<StoryQuestion> test(int count) {
    return draw(new Draws(new SplittableRandom(TEST_SEED)), true, count);
  }

  private static Iterator<StoryQuestion> draw(Draws draws, boolean test, int count) {
    return Stream.generate(() -> draw(draws)).filter(story -> isForTest(story) == test).limit(count).iterator();
  }

  private static StoryQuestion draw(Draws draws) {
    QuestionKind kind = draws.of(KINDS);
    int length = FEWEST_SENTENCES + draws.below(MOST_SENTENCES - FEWEST_SENTENCES + 1);
    @Nullable StoryQuestion drawn = null;
    while (drawn == null) {
      var world = new World(cast(draws), draws);
      for (int sentence = 0; sentence < length; sentence++) {
        world.go();
      }
      drawn = world.ask(kind);
    }
    return drawn;
  }

  private static List<String> cast(Draws draws) {
    List<String> people = new ArrayList<>(Vocabulary.PEOPLE);
    while (people.size() > CAST) {
      people.remove(draws.below(people.size()));
    }
    return people;
  }

  /** By the top of the hash after a mixing multiplication, as its bottom hangs on the last letters alone. */
  static boolean isForTest(StoryQuestion story) {
    int mixed = story.sentences().hashCode() * 0x9E3779B9;
    return Integer.remainderUnsigned(mixed >>> 8, TEST_SHARE) == 0;
  }
}
