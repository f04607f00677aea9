package dev.sluice.backend.reference;

import static dev.sluice.backend.reference.ReferenceBuffer.integers;
import static dev.sluice.backend.reference.ReferenceBuffer.reals;
import static dev.sluice.backend.reference.ReferenceBuffer.realsOrNull;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.CrossEntropySpec;
import dev.sluice.spi.CrossEntropySpec.Reduction;
import dev.sluice.spi.KernelSpec.Pass;
import dev.sluice.spi.LossKernels;
import org.jspecify.annotations.Nullable;

/**
 * Cross-entropy of logits (rows, classes) against labels (rows). With {@code l = x - max - log sum exp(x - max)} and
 * smoothing s, a row's loss is {@code -(1-s) l[label] - s/classes sum_j l[j]}; its gradient is {@code exp(l[j]) - (1-s)
 * [j = label] - s/classes}.
 *
 * <p>The reserve holds each row's max and log sum exp(x - max); those of ignored rows are not written.
 *
 * <p>Numbers of the spec enter by lines of their own, where the float twin rounds them.
 */
final class ReferenceLoss implements LossKernels {
  @Override
  public int crossEntropyReserve(CrossEntropySpec spec) {
    return ReferenceArguments.elements("crossEntropy", "reserve", spec.rows(), 2);
  }

  @Override
  public void crossEntropy(CrossEntropySpec spec, Buffer logits, Buffer labels, Buffer loss, @Nullable Buffer reserve) {
    ReferenceArguments.check("crossEntropy", spec.operands(Pass.FORWARD), logits, labels, loss, reserve);
    ReferenceArguments.checkReserve("crossEntropy", reserve, crossEntropyReserve(spec));
    int[] label = integers(labels);
    int counted = countRows("crossEntropy", spec, label);
    double[] x = reals(logits);
    double[] losses = reals(loss);
    double[] saved = realsOrNull(reserve);
    double smoothing = spec.labelSmoothing();
    double total = 0;
    for (int row = 0; row < spec.rows(); row++) {
      double rowLoss = 0;
      if (label[row] != spec.ignoreIndex()) {
        int start = row * spec.classes();
        double max = Double.NEGATIVE_INFINITY;
        for (int j = start; j < start + spec.classes(); j++) {
          max = Math.max(max, x[j]);
        }
        double sum = 0;
        for (int j = start; j < start + spec.classes(); j++) {
          sum += Math.exp(x[j] - max);
        }
        double logSum = Math.log(sum);
        rowLoss = -(1 - smoothing) * (x[start + label[row]] - max - logSum);
        if (smoothing > 0) {
          double logSoftmaxSum = 0;
          for (int j = start; j < start + spec.classes(); j++) {
            logSoftmaxSum += x[j] - max - logSum;
          }
          rowLoss -= smoothing / spec.classes() * logSoftmaxSum;
        }
        if (saved != null) {
          saved[2 * row] = max;
          saved[2 * row + 1] = logSum;
        }
      }
      if (spec.reduction() == Reduction.NONE) {
        losses[row] = rowLoss;
      }
      total += rowLoss;
    }
    switch (spec.reduction()) {
      case NONE -> {}
      case SUM -> losses[0] = total;
      case MEAN -> losses[0] = total / counted;
    }
  }

  @Override
  public void crossEntropyBackward(CrossEntropySpec spec, Buffer logits, Buffer labels, Buffer gradLoss, Buffer reserve,
      Buffer gradLogits) {
    ReferenceArguments.check("crossEntropyBackward", spec.operands(Pass.BACKWARD), logits, labels, gradLoss, reserve,
        gradLogits);
    ReferenceArguments.checkReserve("crossEntropyBackward", reserve, crossEntropyReserve(spec));
    int[] label = integers(labels);
    int counted = countRows("crossEntropyBackward", spec, label);
    double[] x = reals(logits);
    double[] gradLosses = reals(gradLoss);
    double[] saved = reals(reserve);
    double[] gradX = reals(gradLogits);
    double smoothing = spec.labelSmoothing();
    for (int row = 0; row < spec.rows(); row++) {
      boolean counts = label[row] != spec.ignoreIndex();
      double gradient = switch (spec.reduction()) {
        case NONE -> gradLosses[row];
        case SUM -> gradLosses[0];
        case MEAN -> gradLosses[0] / counted;
      };
      for (int j = 0; j < spec.classes(); j++) {
        int at = row * spec.classes() + j;
        if (counts) {
          double softmax = Math.exp(x[at] - saved[2 * row] - saved[2 * row + 1]);
          double target = (j == label[row] ? 1 - smoothing : 0) + smoothing / spec.classes();
          gradX[at] = gradient * (softmax - target);
        } else {
          gradX[at] = 0;
        }
      }
    }
  }

  /** How many rows count, once every label is known to be good. */
  private static int countRows(String operation, CrossEntropySpec spec, int[] labels) {
    int counted = 0;
    for (int row = 0; row < spec.rows(); row++) {
      if (labels[row] != spec.ignoreIndex()) {
        ReferenceArguments.require(labels[row] >= 0 && labels[row] < spec.classes(), operation,
            "labels[" + row + "] is " + labels[row],
            "0 to " + (spec.classes() - 1) + " or the ignored " + spec.ignoreIndex());
        counted++;
      }
    }
    return counted;
  }
}
