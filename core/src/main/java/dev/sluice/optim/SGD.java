package dev.sluice.optim;

import dev.sluice.Tensor;
import dev.sluice.spi.SgdSpec;
import java.util.List;

/**
 * Stochastic gradient descent as torch.optim.SGD. With {@code g = gradient + weightDecay * p} (the gradient negated to
 * maximize) and momentum m: {@code v = g} at a parameter's first step, then {@code v = m*v + (1 - dampening)*g};
 * {@code g = nesterov ? g + m*v : v}; {@code p -= lr * g}.
 */
public final class SGD extends Optimizer {
  private static final String VELOCITY = "momentum_buffer";

  private final SGDOptions options;

  /** Plain descent. */
  public SGD(List<Tensor> parameters, double lr) {
    this(parameters, SGDOptions.defaults().withLr(lr));
  }

  /** Descent with these options. */
  public SGD(List<Tensor> parameters, SGDOptions options) {
    super("sgd", parameters, options.lr());
    this.options = options;
  }

  /** What this was made with; its learning rate is the one at the start. */
  public SGDOptions options() {
    return options;
  }

  /** Only a first step differs from the others, and only with momentum. */
  @Override
  protected long batchOf(long step) {
    return options.momentum() == 0 ? 1 : Math.min(step, 2);
  }

  @Override
  protected void update(Batch batch) {
    SgdSpec spec = new SgdSpec(learningRate(), options.momentum(), options.dampening(), options.weightDecay(),
        options.nesterov(), options.maximize(), batch.step() == 1);
    backend().optimizer().sgd(spec, batch.parameters(), batch.gradients(),
        options.momentum() == 0 ? null : batch.state(VELOCITY));
  }
}
