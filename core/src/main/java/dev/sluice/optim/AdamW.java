package dev.sluice.optim;

import dev.sluice.Tensor;
import java.util.List;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101) as torch.optim.AdamW: a step first does
 * {@code p *= 1 - lr*weightDecay}, and then Adam's step without decay.
 */
public final class AdamW extends Adam {
  /** AdamW with torch.optim.AdamW's defaults and this learning rate. */
  public AdamW(List<Tensor> parameters, double lr) {
    this(parameters, AdamOptions.adamW().withLr(lr));
  }

  /** AdamW with these options; {@link AdamOptions#adamW} has its defaults. */
  public AdamW(List<Tensor> parameters, AdamOptions options) {
    super("adamW", parameters, options, true);
  }
}
