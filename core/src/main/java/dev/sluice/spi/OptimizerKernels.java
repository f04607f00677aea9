package dev.sluice.spi;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One step of an optimizer over lists of parameters, gradients and states, all of the same order; parameters and states
 * in place.
 */
public interface OptimizerKernels {
  /**
   * Stochastic gradient descent as torch.optim.SGD. With {@code g = gradient (negated if maximize) + weightDecay * p}
   * and momentum m > 0: {@code v = first ? g : m*v + (1 - dampening)*g}, {@code g = nesterov ? g + m*v : v}; then
   * {@code p -= learningRate * g}.
   *
   * @param velocities v per parameter; null without momentum. On the first step they are written and not read.
   */
  void sgd(SgdSpec spec, List<Buffer> parameters, List<Buffer> gradients, @Nullable List<Buffer> velocities);

  /**
   * Adam (Kingma and Ba, arXiv 1412.6980) and AdamW (Loshchilov and Hutter, arXiv 1711.05101) as torch.optim's. With
   * {@code g = gradient (negated if maximize)}: decoupled decay first does {@code p *= 1 - learningRate*weightDecay},
   * else {@code g += weightDecay*p}. Then {@code m = beta1*m + (1-beta1)*g}, {@code v = beta2*v + (1-beta2)*g*g},
   * {@code p -= learningRate/(1-beta1^step) * m / (sqrt(v)/sqrt(1-beta2^step) + epsilon)}, with the running maximum of
   * v in place of v for amsgrad.
   *
   * @param means m per parameter
   * @param variances v per parameter
   * @param largest running maximum of v per parameter; null without amsgrad
   */
  void adam(AdamSpec spec, List<Buffer> parameters, List<Buffer> gradients, List<Buffer> means, List<Buffer> variances,
      @Nullable List<Buffer> largest);
}
