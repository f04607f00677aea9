package dev.sluice.spi;

import java.util.List;

/**
 * One step of stochastic gradient descent.
 *
 * @param learningRate 0 or more
 * @param momentum 0 for none
 * @param dampening how much of the gradient the velocity leaves out
 * @param weightDecay L2 penalty, 0 or more
 * @param nesterov whether to look ahead; needs momentum and no dampening
 * @param maximize whether to climb
 * @param first whether this is these parameters' first step, on which the velocity becomes the gradient
 */
public record SgdSpec(double learningRate, double momentum, double dampening, double weightDecay, boolean nesterov,
    boolean maximize, boolean first) implements KernelSpec {
  public SgdSpec {
    Sizes.notNegative("sgd", "learningRate", learningRate);
    Sizes.notNegative("sgd", "momentum", momentum);
    Sizes.notNegative("sgd", "weightDecay", weightDecay);
    Sizes.require(!nesterov || (momentum > 0 && dampening == 0), "sgd",
        "nesterov with momentum " + momentum + " and dampening " + dampening, "momentum above 0 and dampening 0");
  }

  @Override
  public List<Operand> operands(Pass pass) {
    Operand velocities = Operand.list("velocities", Operand.Access.UPDATE);
    return List.of(Operand.list("parameters", Operand.Access.UPDATE), Operand.list("gradients", Operand.Access.READ),
        momentum == 0 ? velocities.orNull() : velocities);
  }
}
