package dev.sluice.backend.reference;

import static dev.sluice.backend.reference.ReferenceBuffer.reals;
import static dev.sluice.backend.reference.ReferenceBuffer.realsOrNull;

import dev.sluice.spi.AdamSpec;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.KernelSpec.Pass;
import dev.sluice.spi.OptimizerKernels;
import dev.sluice.spi.SgdSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Optimizer steps over lists of parameters, in place, as torch.optim's SGD, Adam and AdamW; formulas in {@link
 * OptimizerKernels}.
 *
 * <p>Numbers of the spec enter by lines of their own, where the float twin rounds them.
 */
final class ReferenceOptimizer implements OptimizerKernels {
  @Override
  public void sgd(SgdSpec spec, List<Buffer> parameters, List<Buffer> gradients, @Nullable List<Buffer> velocities) {
    ReferenceArguments.checkLists("sgd", spec.operands(Pass.FORWARD), parameters, gradients, velocities);
    boolean hasMomentum = spec.momentum() > 0;
    for (int n = 0; n < parameters.size(); n++) {
      double[] velocity = hasMomentum && velocities != null ? reals(velocities.get(n)) : null;
      sgd(spec, reals(parameters.get(n)), reals(gradients.get(n)), velocity);
    }
  }

  private static void sgd(SgdSpec spec, double[] parameter, double[] gradient, double @Nullable [] velocity) {
    double learningRate = spec.learningRate();
    double momentum = spec.momentum();
    double dampening = spec.dampening();
    double weightDecay = spec.weightDecay();
    for (int i = 0; i < parameter.length; i++) {
      double g = (spec.maximize() ? -gradient[i] : gradient[i]) + weightDecay * parameter[i];
      if (velocity != null) {
        velocity[i] = spec.first() ? g : momentum * velocity[i] + (1 - dampening) * g;
        g = spec.nesterov() ? g + momentum * velocity[i] : velocity[i];
      }
      parameter[i] -= learningRate * g;
    }
  }

  @Override
  public void adam(AdamSpec spec, List<Buffer> parameters, List<Buffer> gradients, List<Buffer> means,
      List<Buffer> variances, @Nullable List<Buffer> largest) {
    ReferenceArguments.checkLists("adam", spec.operands(Pass.FORWARD), parameters, gradients, means, variances,
        largest);
    for (int n = 0; n < parameters.size(); n++) {
      Buffer largestVariance = spec.amsgrad() && largest != null ? largest.get(n) : null;
      adam(spec, reals(parameters.get(n)), reals(gradients.get(n)), reals(means.get(n)), reals(variances.get(n)),
          realsOrNull(largestVariance));
    }
  }

  private static void adam(AdamSpec spec, double[] parameter, double[] gradient, double[] mean, double[] variance,
      double @Nullable [] largest) {
    double beta1 = spec.beta1();
    double beta2 = spec.beta2();
    double meanGain = ReferenceScalars.meanGain(spec);
    double varianceGain = ReferenceScalars.varianceGain(spec);
    double epsilon = spec.epsilon();
    double weightDecay = spec.weightDecay();
    double shrinkage = ReferenceScalars.shrinkage(spec);
    double stepSize = ReferenceScalars.stepSize(spec);
    double correction = ReferenceScalars.varianceCorrection(spec);
    for (int i = 0; i < parameter.length; i++) {
      double g = spec.maximize() ? -gradient[i] : gradient[i];
      if (spec.decoupled()) {
        parameter[i] *= shrinkage;
      } else {
        g += weightDecay * parameter[i];
      }
      mean[i] = beta1 * mean[i] + meanGain * g;
      variance[i] = beta2 * variance[i] + varianceGain * g * g;
      double v = variance[i];
      if (largest != null) {
        largest[i] = Math.max(largest[i], v);
        v = largest[i];
      }
      parameter[i] -= stepSize * mean[i] / (Math.sqrt(v) / correction + epsilon);
    }
  }
}
