package dev.sluice.golden;

import java.util.Arrays;
import java.util.Locale;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** torch.cross_entropy_loss of (batch, classes) logits and class labels, and torch.mse_loss. */
final class LossSheet {
  private static final int NOT_IGNORED = -100;

  private final Sheet sheet = new Sheet("losses");

  /** In the order of libtorch's numbering. */
  private enum Reduction {
    NONE, MEAN, SUM;

    String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private LossSheet() {}

  static Sheet make() {
    var cases = new LossSheet();
    for (var reduction : Reduction.values()) {
      var suffix = "_" + reduction.key();
      cases.crossEntropy("cross_entropy" + suffix, reduction, NOT_IGNORED, 0, 2, labels(2, 0, 4, 1, 2, 3, 0));
      cases.crossEntropy("cross_entropy_ignore" + suffix, reduction, 1, 0, 2, labels(2, 1, 4, 1, 0));
      cases.crossEntropy("cross_entropy_smoothing" + suffix, reduction, NOT_IGNORED, 0.125, 2, labels(2, 0, 4, 1, 3));
      cases.crossEntropy("cross_entropy_ignore_smoothing" + suffix, reduction, -1, 0.25, 2, labels(2, -1, 4, -1, 0));
      cases.crossEntropy("cross_entropy_large" + suffix, reduction, NOT_IGNORED, 0, 1024, labels(2, 0, 4));
      cases.meanSquare("mse" + suffix, reduction, 3, 4);
      cases.meanSquare("mse_one_axis" + suffix, reduction, 7);
    }
    cases.crossEntropy("cross_entropy_one_row", Reduction.MEAN, NOT_IGNORED, 0, 2, labels(3));
    cases.crossEntropy("cross_entropy_full_smoothing", Reduction.MEAN, NOT_IGNORED, 1, 2, labels(3, 1));
    cases.crossEntropy("cross_entropy_all_ignored_sum", Reduction.SUM, 1, 0, 2, labels(1, 1));
    cases.crossEntropy("cross_entropy_all_ignored_mean", Reduction.MEAN, 1, 0, 2, labels(1, 1));
    return cases.sheet;
  }

  private static long[] labels(int... labels) {
    return Arrays.stream(labels).asLongStream().toArray();
  }

  private void crossEntropy(String name, Reduction reduction, int ignoreIndex, double smoothing, double bound,
      long[] labels) {
    var sample = sheet.sample(name).option("operation", "cross_entropy").option("reduction", reduction.key())
        .option("ignoreIndex", ignoreIndex).option("labelSmoothing", smoothing);
    var logits = sample.leaf("logits", bound, labels.length, 5);
    var target = sample.constant("target", Values.integers(labels, labels.length));
    sample.result("loss",
        torch.cross_entropy_loss(logits, target, new TensorOptional(), reduction.ordinal(), ignoreIndex, smoothing));
    sample.backward();
  }

  private void meanSquare(String name, Reduction reduction, long... shape) {
    var sample = sheet.sample(name).option("operation", "mse").option("reduction", reduction.key());
    var input = sample.leaf("input", 2, shape);
    var target = sample.leaf("target", 2, shape);
    sample.result("loss", torch.mse_loss(input, target, reduction.ordinal()));
    sample.backward();
  }
}
