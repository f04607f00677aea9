package dev.sluice.bench.train;

/**
 * What a training run on a generated graph leaves behind, as {@code report.json} holds it field by field.
 *
 * @param task the task's name on the command line
 * @param configuration its options
 * @param seed of the graph, initial values and dropout
 * @param backend the backend that computed
 * @param threads its worker threads
 * @param parameters how many numbers were trained
 * @param edges of the graph
 * @param neighbours the model whose nodes see their neighbours
 * @param alone the same model, trained anew with nodes that see themselves alone
 * @param weightsSha256 SHA-256 over names, shapes and values of the former's trained parameters
 */
record GraphReport(
    String task,
    GraphConfiguration configuration,
    long seed,
    String backend,
    int threads,
    long parameters,
    int edges,
    Outcome neighbours,
    Outcome alone,
    String weightsSha256) {
  /**
   * One training.
   *
   * @param loss the last training loss
   * @param gradientNormBefore the largest 2-norm of all gradients of any step, before clipping
   * @param gradientNormAfter the same after clipping
   * @param testLoss mean loss over the test's nodes
   * @param testAccuracy share of the test's nodes classified rightly
   * @param trainSeconds without the test
   */
  record Outcome(
      double loss,
      double gradientNormBefore,
      double gradientNormAfter,
      double testLoss,
      double testAccuracy,
      double trainSeconds) {}
}
