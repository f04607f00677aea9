package dev.sluice.bench.train;

import static dev.sluice.bench.train.Configuration.positive;
import static dev.sluice.bench.train.Configuration.positiveNumber;
import static dev.sluice.bench.train.Configuration.require;

/**
 * What is trained on questions about stories and how.
 *
 * @param cell the recurrence over words and that over sentences
 * @param embedding width of a word, at least 1
 * @param hidden width of a sentence, even and at least 2
 * @param attention what looks at what
 * @param hops how often the question looks at the sentences, at least 1; 1 where it does not
 * @param clip how gradients are clipped
 * @param epochs how many there are, at least 1
 * @param questions how many an epoch draws to train with, at least 1
 * @param testQuestions how many the test asks, at least 1
 * @param batch questions in a step, at least 1
 * @param learningRate of Adam, above 0
 */
public record ComprehensionConfiguration(
    CellKind cell,
    int embedding,
    int hidden,
    StoryAttentionKind attention,
    int hops,
    ClipOption clip,
    int epochs,
    int questions,
    int testQuestions,
    int batch,
    double learningRate)
    implements Configuration {
  /** The task's name. */
  static final String TASK = "comprehension";

  public ComprehensionConfiguration {
    require(cell != CellKind.NONE, "--cell is none, wanted a recurrence: something has to read the words");
    positive("--embedding", embedding);
    require(hidden >= 2 && hidden % 2 == 0,
        "--hidden is " + hidden + ", wanted an even number, 2 or more: half of it reads from each end");
    positive("--hops", hops);
    require(attention == StoryAttentionKind.QUESTION || hops == 1, "--hops is " + hops + " with --attention "
        + attention + ", where the question looks at no sentence; wanted --attention question");
    positive("--epochs", epochs);
    positive("--questions", questions);
    positive("--test-questions", testQuestions);
    positive("--batch", batch);
    positiveNumber("--lr", learningRate);
  }

  @Override
  public String task() {
    return TASK;
  }
}
