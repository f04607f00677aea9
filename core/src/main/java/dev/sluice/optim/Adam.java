package dev.sluice.optim;

import dev.sluice.Tensor;
import dev.sluice.spi.AdamSpec;
import java.util.List;

/**
 * Adam (Kingma and Ba, arXiv 1412.6980) as torch.optim.Adam. With {@code g = gradient + weightDecay * p} (the gradient
 * negated to maximize): {@code m = beta1*m + (1-beta1)*g}, {@code v = beta2*v + (1-beta2)*g*g},
 * {@code p -= lr/(1-beta1^t) * m / (sqrt(v)/sqrt(1-beta2^t) + eps)} at a parameter's step t; with amsgrad the largest v
 * so far in place of v (Reddi, Kale and Kumar 2018).
 */
public sealed class Adam extends Optimizer permits AdamW {
  private static final String MEAN = "exp_avg";
  private static final String VARIANCE = "exp_avg_sq";
  private static final String LARGEST = "max_exp_avg_sq";

  private final AdamOptions options;
  private final boolean decoupled;

  /** Adam with torch.optim.Adam's defaults and this learning rate. */
  public Adam(List<Tensor> parameters, double lr) {
    this(parameters, AdamOptions.adam().withLr(lr));
  }

  /** Adam with these options. */
  public Adam(List<Tensor> parameters, AdamOptions options) {
    this("adam", parameters, options, false);
  }

  Adam(String operation, List<Tensor> parameters, AdamOptions options, boolean decoupled) {
    super(operation, parameters, options.lr());
    this.options = options;
    this.decoupled = decoupled;
  }

  /** What this was made with; its learning rate is the one at the start. */
  public final AdamOptions options() {
    return options;
  }

  /** The bias correction differs from step to step. */
  @Override
  protected final long batchOf(long step) {
    return step;
  }

  @Override
  protected final void update(Batch batch) {
    AdamSpec spec = new AdamSpec(learningRate(), options.beta1(), options.beta2(), options.eps(), options.weightDecay(),
        decoupled, options.amsgrad(), options.maximize(), batch.step());
    backend().optimizer().adam(spec, batch.parameters(), batch.gradients(), batch.state(MEAN), batch.state(VARIANCE),
        options.amsgrad() ? batch.state(LARGEST) : null);
  }
}
