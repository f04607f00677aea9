package dev.sluice.cuda.kernel;

import dev.sluice.cuda.Device;
import dev.sluice.cuda.Kernel;
import dev.sluice.cuda.Launch;
import dev.sluice.spi.AdamSpec;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.OptimizerKernels;
import dev.sluice.spi.SgdSpec;
import java.lang.ref.Reference;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Optimizer steps, many parameters in one launch. Numbers made once per step are made in double. */
public final class CudaOptimizer implements OptimizerKernels {
  private static final int SGD_NUMBERS = 5;
  private static final int ADAM_NUMBERS = 10;

  private final Kernel sgd;
  private final Kernel adam;

  /** The kernels of a device. */
  public CudaOptimizer(Device device) {
    sgd = device.kernel("sgd_step");
    adam = device.kernel("adam_step");
  }

  @Override
  public void sgd(SgdSpec spec, List<Buffer> parameters, List<Buffer> gradients, @Nullable List<Buffer> velocities) {
    boolean hasMomentum = spec.momentum() > 0;
    ListBatch.check(parameters);
    ListBatch.check("sgd", "gradients", gradients, parameters);
    if (hasMomentum) {
      ListBatch.check("sgd", "velocities", velocities, parameters);
    }
    double[] numbers = {spec.learningRate(), spec.momentum(), 1 - spec.dampening(), spec.weightDecay(),
        spec.maximize() ? -1 : 1};
    ListBatch batch = ListBatch.ofThread();
    while (batch.next(parameters, true)) {
      Launch launch = sgd.start().reals(numbers, SGD_NUMBERS).flag(hasMomentum).flag(spec.nesterov())
          .flag(spec.first());
      launch = batch.pass(batch.pass(batch.passExtents(launch), parameters), gradients);
      batch.run(batch.pass(launch, hasMomentum ? velocities : null));
    }
    Reference.reachabilityFence(parameters);
    Reference.reachabilityFence(gradients);
    Reference.reachabilityFence(velocities);
  }

  @Override
  public void adam(AdamSpec spec, List<Buffer> parameters, List<Buffer> gradients, List<Buffer> means,
      List<Buffer> variances, @Nullable List<Buffer> largest) {
    ListBatch.check(parameters);
    ListBatch.check("adam", "gradients", gradients, parameters);
    ListBatch.check("adam", "means", means, parameters);
    ListBatch.check("adam", "variances", variances, parameters);
    if (spec.amsgrad()) {
      ListBatch.check("adam", "largest", largest, parameters);
    }
    double[] numbers = numbers(spec);
    ListBatch batch = ListBatch.ofThread();
    while (batch.next(parameters, true)) {
      Launch launch = adam.start().reals(numbers, ADAM_NUMBERS).flag(spec.decoupled()).flag(spec.amsgrad());
      launch = batch.pass(batch.pass(batch.passExtents(launch), parameters), gradients);
      launch = batch.pass(batch.pass(launch, means), variances);
      batch.run(batch.pass(launch, spec.amsgrad() ? largest : null));
    }
    Reference.reachabilityFence(parameters);
    Reference.reachabilityFence(gradients);
    Reference.reachabilityFence(means);
    Reference.reachabilityFence(variances);
    Reference.reachabilityFence(largest);
  }

  /** The members of {@code Adam} in optimizer.cu, in order. */
  private static double[] numbers(AdamSpec spec) {
    double stepSize = spec.learningRate() / (1 - Math.pow(spec.beta1(), spec.step()));
    double correction = Math.sqrt(1 - Math.pow(spec.beta2(), spec.step()));
    double shrinkage = 1 - spec.learningRate() * spec.weightDecay();
    return new double[] {spec.beta1(), spec.beta2(), 1 - spec.beta1(), 1 - spec.beta2(), spec.epsilon(),
        spec.weightDecay(), shrinkage, stepSize, correction, spec.maximize() ? -1 : 1};
  }
}
