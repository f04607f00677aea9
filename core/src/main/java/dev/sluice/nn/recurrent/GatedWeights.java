package dev.sluice.nn.recurrent;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.autograd.RecurrentWeights;
import dev.sluice.nn.Init;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * The parameters of recurrences, under torch.nn's names with a suffix for each: {@code weight_ih} (G*H, inputs),
 * {@code weight_hh} (G*H, R), {@code bias_ih} and {@code bias_hh} (G*H), {@code weight_hr} (P, H), where G is the
 * number of gates, H the hidden size, P a projection's width, and R is P or else H.
 *
 * @param recurrence which
 * @param hiddenSize H
 * @param bias whether there are biases
 * @param projSize P, 0 for none
 */
record GatedWeights(Recurrence recurrence, int hiddenSize, boolean bias, int projSize) {
  /** Registers one recurrence's parameters; weights are drawn from U(-1/sqrt(H), 1/sqrt(H)). */
  void register(String suffix, int inputs, Generator generator, BiConsumer<String, Tensor> registry) {
    int rows = recurrence.cell().gates() * hiddenSize;
    registry.accept("weight_ih" + suffix, drawn(rows, inputs, generator));
    registry.accept("weight_hh" + suffix, drawn(rows, projSize > 0 ? projSize : hiddenSize, generator));
    if (bias) {
      registry.accept("bias_ih" + suffix, recurrence.inputBias(hiddenSize, generator));
      registry.accept("bias_hh" + suffix, recurrence.hiddenBias(hiddenSize, generator));
    }
    if (projSize > 0) {
      registry.accept("weight_hr" + suffix, drawn(projSize, hiddenSize, generator));
    }
  }

  /** One recurrence's parameters, where they are now. */
  RecurrentWeights read(String suffix, Function<String, Tensor> registry) {
    return new RecurrentWeights(registry.apply("weight_ih" + suffix), registry.apply("weight_hh" + suffix),
        bias ? registry.apply("bias_ih" + suffix) : null, bias ? registry.apply("bias_hh" + suffix) : null,
        projSize > 0 ? registry.apply("weight_hr" + suffix) : null);
  }

  private Tensor drawn(int rows, int columns, Generator generator) {
    double bound = 1 / Math.sqrt(hiddenSize);
    return Init.uniform(Tensor.zeros(rows, columns), -bound, bound, generator);
  }
}
