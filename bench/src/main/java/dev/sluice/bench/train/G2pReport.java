package dev.sluice.bench.train;

import java.util.List;

/**
 * What a training run on a pronouncing dictionary leaves behind, as {@code report.json} holds it field by field.
 *
 * @param task the task's name on the command line
 * @param configuration its options, and the letters and phonemes
 * @param seed of initial values, batches and dropout
 * @param backend the backend that computed
 * @param threads its worker threads
 * @param parameters how many numbers were trained
 * @param words how many there are in each part
 * @param epochs one entry per epoch, in order
 * @param phonemeErrorRate over the test words, by beam search: phonemes to be changed, of those wanted, each word held
 *     against the nearest of its listed pronunciations
 * @param wordErrorRate share of the test words that have none of their listed pronunciations, in [0, 1]
 * @param testLoss mean cross-entropy over the phonemes and ends of the test words' pronunciations
 * @param trainSeconds all epochs without their evaluation
 * @param weightsSha256 SHA-256 over names, shapes and values of the trained parameters
 */
record G2pReport(
    String task,
    G2pConfiguration configuration,
    long seed,
    String backend,
    int threads,
    long parameters,
    Words words,
    List<Epoch> epochs,
    double phonemeErrorRate,
    double wordErrorRate,
    double testLoss,
    double trainSeconds,
    String weightsSha256) {
  /**
   * The parts of the dictionary, as far as the limits go.
   *
   * @param train words that are learned from
   * @param trainPronunciations that these have
   * @param validation words that are looked at after each epoch
   * @param test words that are tested at the end
   */
  record Words(int train, int trainPronunciations, int validation, int test) {
    static Words of(DictionarySplit split) {
      int pronunciations = split.train().stream().mapToInt(word -> word.pronunciations().size()).sum();
      return new Words(split.train().size(), pronunciations, split.validation().size(), split.test().size());
    }
  }

  /**
   * One epoch.
   *
   * @param epoch counted from 1
   * @param loss mean training loss over its steps' pronunciations, with dropout and label smoothing
   * @param seconds of training, evaluation left out
   * @param samplesPerSecond pronunciations a second
   * @param gradientNormBefore the largest 2-norm of all gradients of any step, before clipping
   * @param gradientNormAfter the same after clipping
   * @param validationPhonemeErrorRate over the validation words, by greedy search, after the epoch
   * @param validationWordErrorRate likewise
   */
  record Epoch(
      int epoch,
      double loss,
      double seconds,
      double samplesPerSecond,
      double gradientNormBefore,
      double gradientNormAfter,
      double validationPhonemeErrorRate,
      double validationWordErrorRate) {}

  G2pReport {
    epochs = List.copyOf(epochs);
  }
}
