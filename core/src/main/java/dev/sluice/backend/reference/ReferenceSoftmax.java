package dev.sluice.backend.reference;

import static dev.sluice.backend.reference.ReferenceBuffer.booleansOrNull;
import static dev.sluice.backend.reference.ReferenceBuffer.reals;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.KernelSpec.Pass;
import dev.sluice.spi.SoftmaxKernels;
import dev.sluice.spi.SoftmaxSpec;
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
