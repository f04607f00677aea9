package dev.sluice.bench.train;

import static dev.sluice.bench.story.Stories.MOST_SENTENCES;
import static dev.sluice.bench.story.Vocabulary.MOST_WORDS;

import dev.sluice.bench.story.StoryQuestion;
import dev.sluice.bench.story.Vocabulary;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Some questions about stories as numbers, on the host, in row-major order. Index 0 fills what has no word; the answers
 * are no part of what a model is given.
 *
 * @param questions what the numbers stand for
 * @param sentences (batch, 10, 6), the words of each sentence
 * @param sentenceLengths (batch, 10), how many words each has; 0 where a story has ended
 * @param storyLengths (batch), how many sentences each story has
 * @param asked (batch, 6), the words of the questions
 * @param askedLengths (batch), how many words each has
 * @param answers (batch), places among the candidates
 */
record StoryBatch(List<StoryQuestion> questions, int[] sentences, int[] sentenceLengths, int[] storyLengths,
    int[] asked, int[] askedLengths, int[] answers) {
  /** Of these questions. */
  static StoryBatch of(List<StoryQuestion> questions) {
    int size = questions.size();
    var batch = new StoryBatch(List.copyOf(questions), new int[size * MOST_SENTENCES * MOST_WORDS],
        new int[size * MOST_SENTENCES], new int[size], new int[size * MOST_WORDS], new int[size], new int[size]);
    for (int row = 0; row < size; row++) {
      batch.fill(row, questions.get(row));
    }
    return batch;
  }

  private void fill(int row, StoryQuestion question) {
    List<String> story = question.sentences();
    storyLengths[row] = story.size();
    for (int i = 0; i < story.size(); i++) {
      int sentence = row * MOST_SENTENCES + i;
      sentenceLengths[sentence] = place(story.get(i), sentences, sentence);
    }
    askedLengths[row] = place(question.question(), asked, row);
    answers[row] = Vocabulary.candidate(question.answer());
  }

  /** Puts a text's words into a row, and returns how many they are. */
  private static int place(String text, int[] rows, int row) {
    int[] words = Vocabulary.indices(text);
    System.arraycopy(words, 0, rows, row * MOST_WORDS, words.length);
    return words.length;
  }

  /** All questions, so many in a batch; the last one holds what is left. */
  static Iterator<StoryBatch> cut(Iterator<StoryQuestion> questions, int batch) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return questions.hasNext();
      }

      @Override
      public StoryBatch next() {
        List<StoryQuestion> next = new ArrayList<>();
        do {
          next.add(questions.next());
        } while (next.size() < batch && questions.hasNext());
        return of(next);
      }
    };
  }

  /** How many questions there are. */
  int size() {
    return answers.length;
  }
}
