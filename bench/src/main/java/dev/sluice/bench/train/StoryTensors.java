package dev.sluice.bench.train;

import static dev.sluice.bench.story.Stories.MOST_SENTENCES;
import static dev.sluice.bench.story.Vocabulary.MOST_WORDS;

import dev.sluice.Tensor;
import dev.sluice.spi.Backend;

/**
 * What a model is given of a batch, all INT32: the answers are not among it.
 *
 * @param sentences (batch * 10, 6), the words of each sentence
 * @param sentenceLengths (batch * 10), how many words each has
 * @param storyLengths (batch), how many sentences each story has
 * @param asked (batch, 6), the words of the questions
 * @param askedLengths (batch), how many words each has
 */
record StoryTensors(Tensor sentences, Tensor sentenceLengths, Tensor storyLengths, Tensor asked, Tensor askedLengths) {
  /** The tensors of a batch on a backend. */
  static StoryTensors of(StoryBatch batch, Backend backend) {
    int size = batch.size();
    return new StoryTensors(Tensor.of(backend, batch.sentences(), size * MOST_SENTENCES, MOST_WORDS),
        Tensor.of(backend, batch.sentenceLengths(), size * MOST_SENTENCES),
        Tensor.of(backend, batch.storyLengths(), size),
        Tensor.of(backend, batch.asked(), size, MOST_WORDS),
        Tensor.of(backend, batch.askedLengths(), size));
  }
}
