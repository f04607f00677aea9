package dev.sluice.bench.train;

import java.util.List;

/**
 * What a training run on Fashion-MNIST leaves behind, as {@code report.json} holds it field by field.
 *
 * @param task the task's name on the command line
 * @param configuration its options
 * @param seed of initial values, batches and dropout
 * @param backend the backend that computed
 * @param threads its worker threads
 * @param parameters how many numbers were trained
 * @param epochs one entry per epoch, in order
 * @param testAccuracy of the last epoch, in [0, 1]
 * @param testLoss of the last epoch
 * @param trainSeconds all epochs without their evaluation
 * @param weightsSha256 SHA-256 over names, shapes and values of the trained parameters
 */
public record FashionReport(
    String task,
    FashionConfiguration configuration,
    long seed,
    String backend,
    int threads,
    long parameters,
    List<Epoch> epochs,
    double testAccuracy,
    double testLoss,
    double trainSeconds,
    String weightsSha256) {
  /**
   * One epoch.
   *
   * @param epoch counted from 1
   * @param loss mean training loss over its images
   * @param seconds of training, evaluation left out
   * @param samplesPerSecond training images a second
   * @param gradientNormBefore the largest 2-norm of all gradients of any step, before clipping
   * @param gradientNormAfter the same after clipping
   * @param testLoss mean loss over the test images, after the epoch
   * @param testAccuracy share of test images classified rightly, after the epoch
   */
  public record Epoch(
      int epoch,
      double loss,
      double seconds,
      double samplesPerSecond,
      double gradientNormBefore,
      double gradientNormAfter,
      double testLoss,
      double testAccuracy) {}

  public FashionReport {
    epochs = List.copyOf(epochs);
  }
}
