package dev.sluice.backend.vector;

import dev.sluice.spi.AdamSpec;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.OptimizerKernels;
import dev.sluice.spi.SgdSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Optimizer steps over lists of parameters: one pass over parameter, gradient and state, piece by piece of the list.
 */
final class VectorOptimizer implements OptimizerKernels {
  private final Workers workers;

  VectorOptimizer(Workers workers, Scratch scratch) {
    this.workers = workers;
  }

  @Override
  public void sgd(SgdSpec spec, List<Buffer> parameters, List<Buffer> gradients, @Nullable List<Buffer> velocities) {
    float[][] p = TensorList.arrays(parameters);
    float[][] g = TensorList.arrays(gradients);
    TensorList list = new TensorList(parameters, Chunks.LIGHT);
    SgdStep step = new SgdStep(spec);
    if (spec.momentum() == 0 || velocities == null) {
      list.run(workers, true, (piece, t, from, to) -> step.plain(p[t], g[t], from, to));
    } else {
      float[][] v = TensorList.arrays(velocities);
      list.run(workers, true, (piece, t, from, to) -> step.withMomentum(p[t], g[t], v[t], from, to));
    }
  }

  @Override
  public void adam(AdamSpec spec, List<Buffer> parameters, List<Buffer> gradients, List<Buffer> means,
      List<Buffer> variances, @Nullable List<Buffer> largest) {
    float[][] p = TensorList.arrays(parameters);
    float[][] g = TensorList.arrays(gradients);
    float[][] m = TensorList.arrays(means);
    float[][] v = TensorList.arrays(variances);
    float[] @Nullable [] top = spec.amsgrad() && largest != null ? TensorList.arrays(largest) : null;
    AdamStep step = new AdamStep(spec);
    new TensorList(parameters, Chunks.LIGHT).run(workers, true, (piece, t, from, to) ->
        step.run(p[t], g[t], m[t], v[t], top == null ? null : top[t], from, to));
  }
}
