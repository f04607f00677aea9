package dev.sluice.nn.recurrent;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.autograd.RecurrentWeights;
import dev.sluice.nn.Init;
import dev.sluice.nn.Module;

/**
 * A module with the parameters of recurrences, under torch.nn's names with a suffix for each: {@code weight_ih} (G*H,
 * inputs), {@code weight_hh} (G*H, R), {@code bias_ih} and {@code bias_hh} (G*H), {@code weight_hr} (P, H), where G is
 * the number of gates, H the hidden size, P a projection's width, and R is P or else H.
 */
abstract class Gated extends Module {
  private final Recurrence recurrence;
  private final int hiddenSize;
  private final boolean bias;
  private final int projSize;

  Gated(Recurrence recurrence, int hiddenSize, boolean bias, int projSize) {
    this.recurrence = recurrence;
    this.hiddenSize = hiddenSize;
    this.bias = bias;
    this.projSize = projSize;
  }

  final Recurrence recurrence() {
    return recurrence;
  }

  /** Registers one recurrence's parameters; weights are drawn from U(-1/sqrt(H), 1/sqrt(H)). */
  final void registerWeights(String suffix, int inputs, Generator generator) {
    int rows = recurrence.cell().gates() * hiddenSize;
    drawn("weight_ih" + suffix, rows, inputs, generator);
    drawn("weight_hh" + suffix, rows, projSize > 0 ? projSize : hiddenSize, generator);
    if (bias) {
      parameter("bias_ih" + suffix, recurrence.inputBias(hiddenSize, generator));
      parameter("bias_hh" + suffix, recurrence.hiddenBias(hiddenSize, generator));
    }
    if (projSize > 0) {
      drawn("weight_hr" + suffix, projSize, hiddenSize, generator);
    }
  }

  /** One recurrence's parameters, where they are now. */
  final RecurrentWeights weights(String suffix) {
    return new RecurrentWeights(parameter("weight_ih" + suffix), parameter("weight_hh" + suffix),
        bias ? parameter("bias_ih" + suffix) : null, bias ? parameter("bias_hh" + suffix) : null,
        projSize > 0 ? parameter("weight_hr" + suffix) : null);
  }

  private void drawn(String name, int rows, int columns, Generator generator) {
    double bound = 1 / Math.sqrt(hiddenSize);
    parameter(name, Init.uniform(Tensor.zeros(rows, columns), -bound, bound, generator));
  }
}
