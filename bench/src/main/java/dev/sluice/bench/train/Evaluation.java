package dev.sluice.bench.train;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * The figures of a saved model, as {@code --json} shows them field by field.
 *
 * @param task the task's name on the command line
 * @param backend the backend that computed
 * @param threads its worker threads
 * @param testLoss mean loss over the test
 * @param testAccuracy share of test images classified rightly, in [0, 1]; absent where nothing is classified
 * @param phonemeErrorRate phonemes to be changed, of those wanted; absent where nothing is pronounced
 * @param wordErrorRate share of test words mispronounced, in [0, 1]; absent where nothing is pronounced
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Evaluation(String task, String backend, int threads, double testLoss, @Nullable Double testAccuracy,
    @Nullable Double phonemeErrorRate, @Nullable Double wordErrorRate) {
  /** The figures in one line. */
  String line() {
    return "test loss " + testLoss + (testAccuracy == null ? "" : "  test accuracy " + testAccuracy)
        + (phonemeErrorRate == null ? "" : "  phoneme error rate " + phonemeErrorRate)
        + (wordErrorRate == null ? "" : "  word error rate " + wordErrorRate);
  }
}
