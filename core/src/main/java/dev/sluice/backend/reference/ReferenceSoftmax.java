package dev.sluice.backend.reference;

import static dev.sluice.backend.reference.ReferenceBuffer.booleans;
import static dev.sluice.backend.reference.ReferenceBuffer.booleansOrNull;
import static dev.sluice.backend.reference.ReferenceBuffer.reals;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.KernelSpec.Pass;
import dev.sluice.spi.Selection;
import dev.sluice.spi.SelectionSpec;
import dev.sluice.spi.SoftmaxKernels;
import dev.sluice.spi.SoftmaxSpec;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Softmax of each row of (rows, width): {@code y[j] = exp(x[j] - max) / sum_k exp(x[k] - max)}, or its logarithm
 * {@code x[j] - max - log sum_k exp(x[k] - max)}, over the elements that take part.
 */
final class ReferenceSoftmax implements SoftmaxKernels {
  @Override
  public void softmax(SoftmaxSpec spec, Buffer x, @Nullable Buffer mask, @Nullable Buffer lengths, Buffer y) {
    ReferenceArguments.check("softmax", spec.operands(Pass.FORWARD), x, mask, lengths, y);
    Part part = Part.of("softmax", spec, mask, lengths);
    double[] elements = reals(x);
    double[] result = reals(y);
    for (int row = 0; row < spec.rows(); row++) {
      int start = row * spec.width();
      double max = Double.NEGATIVE_INFINITY;
      for (int j = 0; j < spec.width(); j++) {
        if (part.takes(row, j)) {
          max = Math.max(max, elements[start + j]);
        }
      }
      boolean empty = max == Double.NEGATIVE_INFINITY;
      double sum = 0;
      for (int j = 0; j < spec.width(); j++) {
        if (!empty && part.takes(row, j)) {
          sum += Math.exp(elements[start + j] - max);
        }
      }
      for (int j = 0; j < spec.width(); j++) {
        if (empty || !part.takes(row, j)) {
          result[start + j] = spec.log() ? Double.NEGATIVE_INFINITY : 0;
        } else {
          double shifted = elements[start + j] - max;
          result[start + j] = spec.log() ? shifted - Math.log(sum) : Math.exp(shifted) / sum;
        }
      }
    }
  }

  @Override
  public void softmaxBackward(SoftmaxSpec spec, Buffer y, @Nullable Buffer mask, @Nullable Buffer lengths, Buffer gradY,
      Buffer gradX) {
    ReferenceArguments.check("softmaxBackward", spec.operands(Pass.BACKWARD), y, mask, lengths, gradY, gradX);
    Part part = Part.of("softmaxBackward", spec, mask, lengths);
    double[] result = reals(y);
    double[] gradResult = reals(gradY);
    double[] gradElements = reals(gradX);
    for (int row = 0; row < spec.rows(); row++) {
      int start = row * spec.width();
      double sum = 0;
      for (int j = start; j < start + spec.width(); j++) {
        if (part.takes(row, j - start)) {
          sum += spec.log() ? gradResult[j] : result[j] * gradResult[j];
        }
      }
      for (int j = start; j < start + spec.width(); j++) {
        if (!part.takes(row, j - start)) {
          gradElements[j] = 0;
        } else if (spec.log()) {
          gradElements[j] = gradResult[j] - Math.exp(result[j]) * sum;
        } else {
          gradElements[j] = result[j] * (gradResult[j] - sum);
        }
      }
    }
  }

  @Override
  public void sparsemax(SoftmaxSpec spec, Buffer x, @Nullable Buffer mask, @Nullable Buffer lengths, Buffer y) {
    ReferenceArguments.check("sparsemax", spec.operands(Pass.FORWARD), x, mask, lengths, y);
    Part part = Part.of("sparsemax", spec, mask, lengths);
    double[] elements = reals(x);
    double[] result = reals(y);
    double[] descending = new double[spec.width()];
    for (int row = 0; row < spec.rows(); row++) {
      int start = row * spec.width();
      int count = 0;
      for (int j = 0; j < spec.width(); j++) {
        if (part.takes(row, j)) {
          descending[count++] = -elements[start + j];
        }
      }
      // Negated, they descend from the last to the first; NaN comes last.
      Arrays.sort(descending, 0, count);
      double max = count == 0 ? Double.NEGATIVE_INFINITY : -descending[0];
      double nan = count == 0 ? 0 : descending[count - 1];
      double sum = 0;
      double tau = max;
      for (int k = 0; k < count; k++) {
        double shifted = -descending[k] - max;
        sum += shifted;
        if (1 + (k + 1) * shifted > sum) {
          tau = (sum - 1) / (k + 1);
        }
      }
      boolean empty = max == Double.NEGATIVE_INFINITY && !Double.isNaN(nan);
      boolean lost = Double.isNaN(nan) || max == Double.POSITIVE_INFINITY;
      for (int j = 0; j < spec.width(); j++) {
        if (empty || !part.takes(row, j)) {
          result[start + j] = 0;
        } else {
          result[start + j] = lost ? Double.NaN : Math.max(elements[start + j] - max - tau, 0);
        }
      }
    }
  }

  @Override
  public void sparsemaxBackward(SoftmaxSpec spec, Buffer y, @Nullable Buffer mask, @Nullable Buffer lengths,
      Buffer gradY, Buffer gradX) {
    ReferenceArguments.check("sparsemaxBackward", spec.operands(Pass.BACKWARD), y, mask, lengths, gradY, gradX);
    Part part = Part.of("sparsemaxBackward", spec, mask, lengths);
    double[] result = reals(y);
    double[] gradResult = reals(gradY);
    double[] gradElements = reals(gradX);
    for (int row = 0; row < spec.rows(); row++) {
      int start = row * spec.width();
      double sum = 0;
      int support = 0;
      for (int j = 0; j < spec.width(); j++) {
        if (part.takes(row, j) && result[start + j] != 0) {
          sum += gradResult[start + j];
          support++;
        }
      }
      for (int j = 0; j < spec.width(); j++) {
        boolean supports = part.takes(row, j) && result[start + j] != 0;
        gradElements[start + j] = supports ? gradResult[start + j] - sum / support : 0;
      }
    }
  }

  @Override
  public void select(SelectionSpec spec, Buffer weights, @Nullable Buffer predicate, Buffer selected, Buffer kept) {
    ReferenceArguments.check("select", spec.operands(Pass.FORWARD), weights, predicate, selected, kept);
    double[] all = reals(weights);
    double[] result = reals(selected);
    boolean[] flags = booleans(kept);
    boolean[] given = predicate == null ? new boolean[0] : booleans(predicate);
    int givenStep = spec.selection() instanceof Selection.Predicate chosen ? chosen.layout().row() : 0;
    double[] row = new double[spec.width()];
    boolean[] takes = new boolean[spec.width()];
    boolean[] keeps = new boolean[spec.width()];
    Arrays.fill(takes, true);
    for (int i = 0; i < spec.rows(); i++) {
      int start = i * spec.width();
      System.arraycopy(all, start, row, 0, spec.width());
      ReferenceSelection.choose(spec.selection(), i, takes, row, row, given, i * givenStep, keeps);
      double sum = 0;
      double keptSum = 0;
      for (int j = 0; j < spec.width(); j++) {
        sum += row[j];
        keptSum += keeps[j] ? row[j] : 0;
      }
      boolean nothing = spec.selection().picksOne() && sum == 0;
      for (int j = 0; j < spec.width(); j++) {
        flags[start + j] = keeps[j] && !nothing;
        if (!flags[start + j]) {
          result[start + j] = 0;
        } else if (spec.selection().picksOne()) {
          result[start + j] = sum / sum;
        } else if (spec.selection().renormalises()) {
          result[start + j] = keptSum == 0 ? 0 : row[j] / keptSum;
        } else {
          result[start + j] = row[j];
        }
      }
    }
  }

  @Override
  public void selectBackward(SelectionSpec spec, Buffer weights, Buffer kept, Buffer gradSelected, Buffer gradWeights) {
    ReferenceArguments.check("selectBackward", spec.operands(Pass.BACKWARD), weights, kept, gradSelected, gradWeights);
    double[] all = reals(weights);
    boolean[] keeps = booleans(kept);
    double[] gradResult = reals(gradSelected);
    double[] gradAll = reals(gradWeights);
    boolean renormalises = spec.selection().renormalises();
    for (int row = 0; row < spec.rows(); row++) {
      int start = row * spec.width();
      double sum = 0;
      double dot = 0;
      for (int j = start; j < start + spec.width(); j++) {
        sum += keeps[j] ? all[j] : 0;
        dot += keeps[j] ? all[j] * gradResult[j] : 0;
      }
      for (int j = start; j < start + spec.width(); j++) {
        if (spec.selection().picksOne()) {
          gradAll[j] = gradResult[j];
        } else if (!keeps[j] || renormalises && sum == 0) {
          gradAll[j] = 0;
        } else {
          gradAll[j] = renormalises ? (gradResult[j] - dot / sum) / sum : gradResult[j];
        }
      }
    }
  }

  /** Which elements of a row take part. */
  private record Part(SoftmaxSpec spec, boolean @Nullable [] mask, int @Nullable [] lengths) {
    static Part of(String operation, SoftmaxSpec spec, @Nullable Buffer mask, @Nullable Buffer lengths) {
      int entries = spec.rows() / spec.rowsPerLength();
      int[] counts = ReferenceArguments.lengths(operation, lengths, entries, spec.width());
      return new Part(spec, booleansOrNull(mask), counts);
    }

    boolean takes(int row, int j) {
      return (mask == null || mask[row * spec.width() + j])
          && (lengths == null || j < lengths[row / spec.rowsPerLength()]);
    }
  }
}
