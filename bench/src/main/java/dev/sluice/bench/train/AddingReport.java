package dev.sluice.bench.train;

import java.util.List;

/**
 * What a training run on the adding problem leaves behind, as {@code report.json} holds it field by field.
 *
 * @param task the task's name on the command line
 * @param configuration its options, the length of the sequences among them
 * @param seed of initial values and sequences
 * @param backend the backend that computed
 * @param threads its worker threads
 * @param parameters how many numbers were trained
 * @param rounds the course of the training: one entry for each look at the test, in order
 * @param iterations how many were made
 * @param targetReached whether the last test loss is below the target
 * @param testLoss the last mean squared error over the test; always answering 1 gives 1/6
 * @param trainSeconds all rounds without their evaluation
 * @param weightsSha256 SHA-256 over names, shapes and values of the trained parameters
 */
record AddingReport(
    String task,
    AddingConfiguration configuration,
    long seed,
    String backend,
    int threads,
    long parameters,
    List<Round> rounds,
    int iterations,
    boolean targetReached,
    double testLoss,
    double trainSeconds,
    String weightsSha256) {
  /**
   * The iterations since the last look at the test, and that look.
   *
   * @param iteration how many were made by then
   * @param loss mean training loss
   * @param seconds of training, evaluation left out
   * @param iterationsPerSecond of these iterations
   * @param gradientNormBefore the largest norm of all gradients of any iteration, before clipping
   * @param gradientNormAfter the same after clipping
   * @param testLoss mean squared error over the test, afterwards
   */
  record Round(
      int iteration,
      double loss,
      double seconds,
      double iterationsPerSecond,
      double gradientNormBefore,
      double gradientNormAfter,
      double testLoss) {}

  AddingReport {
    rounds = List.copyOf(rounds);
  }
}
