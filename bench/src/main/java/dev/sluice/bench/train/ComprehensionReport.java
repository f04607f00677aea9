package dev.sluice.bench.train;

import java.util.List;

/**
 * What a training run on questions about stories leaves behind, as {@code report.json} holds it field by field.
 *
 * @param task the task's name on the command line
 * @param configuration its options
 * @param seed of initial values and stories
 * @param backend the backend that computed
 * @param threads its worker threads
 * @param parameters how many numbers were trained
 * @param epochs one entry per epoch, in order
 * @param testAccuracy share of the test's questions answered rightly, in [0, 1]
 * @param oneFactAccuracy the same, of the questions whose answer follows from one sentence
 * @param testLoss mean cross-entropy over the test
 * @param kinds one entry per kind of question
 * @param trainSeconds all epochs without their evaluation
 * @param weightsSha256 SHA-256 over names, shapes and values of the trained parameters
 */
record ComprehensionReport(
    String task,
    ComprehensionConfiguration configuration,
    long seed,
    String backend,
    int threads,
    long parameters,
    List<Epoch> epochs,
    double testAccuracy,
    double oneFactAccuracy,
    double testLoss,
    List<ComprehensionEvaluation.Kind> kinds,
    double trainSeconds,
    String weightsSha256) {
  /**
   * One epoch.
   *
   * @param epoch counted from 1
   * @param loss mean training loss over its questions
   * @param seconds of training, evaluation left out
   * @param questionsPerSecond training questions a second
   * @param gradientNormBefore the largest norm of all gradients of any step, before clipping
   * @param gradientNormAfter the same after clipping
   * @param testLoss mean loss over the test, after the epoch
   * @param testAccuracy share of the test's questions answered rightly, after the epoch
   * @param oneFactAccuracy the same, of the questions whose answer follows from one sentence
   */
  record Epoch(
      int epoch,
      double loss,
      double seconds,
      double questionsPerSecond,
      double gradientNormBefore,
      double gradientNormAfter,
      double testLoss,
      double testAccuracy,
      double oneFactAccuracy) {}

  ComprehensionReport {
    epochs = List.copyOf(epochs);
    kinds = List.copyOf(kinds);
  }
}
