package dev.sluice.spi;

import java.util.List;

/**
 * One step of Adam or AdamW.
 *
 * @param learningRate 0 or more
 * @param beta1 decay of the mean, 0 to below 1
 * @param beta2 decay of the variance, 0 to below 1
 * @param epsilon added to the denominator, 0 or more
 * @param weightDecay 0 or more
 * @param decoupled whether the decay shrinks the parameter directly (AdamW) in place of adding to the gradient
 * @param amsgrad whether the largest variance so far is used
 * @param maximize whether to climb
 * @param step how many steps these parameters will have made after this one, from 1
 */
public record AdamSpec(double learningRate, double beta1, double beta2, double epsilon, double weightDecay,
    boolean decoupled, boolean amsgrad, boolean maximize, long step) implements KernelSpec {
  public AdamSpec {
    Sizes.notNegative("adam", "learningRate", learningRate);
    Sizes.belowOne("adam", "beta1", beta1);
    Sizes.belowOne("adam", "beta2", beta2);
    Sizes.notNegative("adam", "epsilon", epsilon);
    Sizes.notNegative("adam", "weightDecay", weightDecay);
    if (step < 1) {
      throw Sizes.refusal("adam", "step is " + step, "1 or more");
    }
  }

  @Override
  public List<Operand> operands(Pass pass) {
    Operand largest = Operand.list("largest", Operand.Access.UPDATE);
    return List.of(Operand.list("parameters", Operand.Access.UPDATE), Operand.list("gradients", Operand.Access.READ),
        Operand.list("means", Operand.Access.UPDATE), Operand.list("variances", Operand.Access.UPDATE),
        amsgrad ? largest : largest.orNull());
  }
}
