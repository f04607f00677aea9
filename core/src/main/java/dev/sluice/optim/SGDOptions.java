package dev.sluice.optim;

import dev.sluice.checks.Arguments;

/**
 * The arguments of torch.optim.SGD, with its names and defaults.
 *
 * @param lr learning rate, 0 or more; 1e-3
 * @param momentum 0 or more, 0 for none; 0
 * @param dampening how much of the gradient the velocity leaves out; 0
 * @param weightDecay L2 penalty, 0 or more; 0
 * @param nesterov whether to look ahead: wants momentum above 0 and no dampening; false
 * @param maximize whether to climb; false
 */
public record SGDOptions(double lr, double momentum, double dampening, double weightDecay, boolean nesterov,
    boolean maximize) {
  public SGDOptions {
    Arguments.notNegative("sgd", "lr", lr);
    Arguments.notNegative("sgd", "momentum", momentum);
    Arguments.notNegative("sgd", "weightDecay", weightDecay);
    Arguments.require(!nesterov || (momentum > 0 && dampening == 0), "sgd",
        "nesterov with momentum " + momentum + " and dampening " + dampening, "momentum above 0 and dampening 0");
  }

  /** torch.optim.SGD's defaults. */
  public static SGDOptions defaults() {
    return new SGDOptions(1e-3, 0, 0, 0, false, false);
  }

  /** The same with another learning rate. */
  public SGDOptions withLr(double lr) {
    return new SGDOptions(lr, momentum, dampening, weightDecay, nesterov, maximize);
  }

  /** The same with another momentum. */
  public SGDOptions withMomentum(double momentum) {
    return new SGDOptions(lr, momentum, dampening, weightDecay, nesterov, maximize);
  }

  /** The same with another dampening. */
  public SGDOptions withDampening(double dampening) {
    return new SGDOptions(lr, momentum, dampening, weightDecay, nesterov, maximize);
  }

  /** The same with another weight decay. */
  public SGDOptions withWeightDecay(double weightDecay) {
    return new SGDOptions(lr, momentum, dampening, weightDecay, nesterov, maximize);
  }

  /** The same with Nesterov's momentum or without; give the momentum first. */
  public SGDOptions withNesterov(boolean nesterov) {
    return new SGDOptions(lr, momentum, dampening, weightDecay, nesterov, maximize);
  }

  /** The same, climbing or not. */
  public SGDOptions withMaximize(boolean maximize) {
    return new SGDOptions(lr, momentum, dampening, weightDecay, nesterov, maximize);
  }
}
