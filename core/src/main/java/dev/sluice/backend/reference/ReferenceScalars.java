package dev.sluice.backend.reference;

import static dev.sluice.backend.reference.ReferenceBuffer.reals;

import dev.sluice.spi.AdamSpec;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.NormSpec;
import dev.sluice.spi.ScaleToNormSpec;
import java.util.List;

/**
 * The numbers that are computed in double on every backend, whatever its buffers hold: norms, and coefficients made
 * once per call.
 */
final class ReferenceScalars {
  private ReferenceScalars() {}

  /**
   * {@code (sum |t|^p)^(1/p)} over all elements of all tensors; the limits for p infinite; for p = 0 the tensors that
   * are not all 0.
   */
  static double norm(NormSpec spec, List<Buffer> tensors) {
    double p = spec.p();
    double total = p == Double.NEGATIVE_INFINITY ? Double.POSITIVE_INFINITY : 0;
    long count = 0;
    for (Buffer tensor : tensors) {
      double nonzero = 0;
      for (int i = 0; i < tensor.length(); i++) {
        double magnitude = Math.abs(reals(tensor)[i]);
        if (p == Double.POSITIVE_INFINITY) {
          total = Math.max(total, magnitude);
        } else if (p == Double.NEGATIVE_INFINITY) {
          total = Math.min(total, magnitude);
        } else if (p == 0) {
          nonzero = magnitude != 0 ? 1 : nonzero;
        } else {
          total += p == 2 ? magnitude * magnitude : Math.pow(magnitude, p);
        }
      }
      total += nonzero;
      count += tensor.length();
    }
    if (count == 0) {
      return 0;
    }
    return p == 0 || Double.isInfinite(p) ? total : p == 2 ? Math.sqrt(total) : Math.pow(total, 1 / p);
  }

  /** {@code min(maxNorm / (norm + 1e-6), 1)}; NaN for NaN. */
  static double clipCoefficient(ScaleToNormSpec spec, Buffer norm) {
    return Math.min(spec.maxNorm() / (reals(norm)[0] + ScaleToNormSpec.EPSILON), 1);
  }

  /** Adam's {@code learningRate / (1 - beta1^step)}. */
  static double stepSize(AdamSpec spec) {
    return spec.learningRate() / (1 - Math.pow(spec.beta1(), spec.step()));
  }

  /** Adam's {@code sqrt(1 - beta2^step)}. */
  static double varianceCorrection(AdamSpec spec) {
    return Math.sqrt(1 - Math.pow(spec.beta2(), spec.step()));
  }

  /** The share of a new gradient in Adam's mean, {@code 1 - beta1}. */
  static double meanGain(AdamSpec spec) {
    return 1 - spec.beta1();
  }

  /** The share of a new squared gradient in Adam's variance, {@code 1 - beta2}. */
  static double varianceGain(AdamSpec spec) {
    return 1 - spec.beta2();
  }

  /** What decoupled weight decay multiplies a parameter by: {@code 1 - learningRate * weightDecay}. */
  static double shrinkage(AdamSpec spec) {
    return 1 - spec.learningRate() * spec.weightDecay();
  }
}
