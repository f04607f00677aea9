package dev.sluice.bench.story;

import java.util.List;

/**
 * A story, a question about it, and its answer.
 *
 * @param sentences 2 to 10, in the order of what happened
 * @param kind what is asked
 * @param question a sentence
 * @param answer one of {@link Vocabulary#CANDIDATES}
 * @param facts the places in the story, counted from 0 and ascending, of the sentences that the answer follows from
 */
public record StoryQuestion(
    List<String> sentences, QuestionKind kind, String question, String answer, List<Integer> facts) {
  public StoryQuestion {
    sentences = List.copyOf(sentences);
    facts = List.copyOf(facts);
  }
}
