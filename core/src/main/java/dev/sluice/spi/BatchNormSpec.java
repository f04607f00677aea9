package dev.sluice.spi;

import java.util.List;

/**
 * Batch normalisation of x (outer, channels, inner): each channel by its own mean and variance.
 *
 * @param outer size before the channels: the batch, or batch times steps
 * @param channels how many channels
 * @param inner size after the channels; 1 where the channels are last
 * @param epsilon added to the variance, 0 or more
 * @param training whether mean and variance are those of x itself, so that gradients flow through them
 */
public record BatchNormSpec(int outer, int channels, int inner, double epsilon, boolean training)
    implements KernelSpec {
  public BatchNormSpec {
    Sizes.atLeast("batchNorm", "outer", outer, 0);
    Sizes.atLeast("batchNorm", "channels", channels, 0);
    Sizes.atLeast("batchNorm", "inner", inner, 0);
    Sizes.elements("batchNorm", "input", outer, channels, inner);
    Sizes.notNegative("batchNorm", "epsilon", epsilon);
  }

  @Override
  public List<Operand> operands(Pass pass) {
    int size = outer * channels * inner;
    Operand x = Operand.read("x", size);
    Operand mean = Operand.read("mean", channels);
    Operand variance = Operand.read("variance", channels);
    Operand weight = Operand.read("weight", channels).orNull();
    return switch (pass) {
      case FORWARD -> List.of(x, mask(), mean, variance, weight, Operand.read("bias", channels).orNull(),
          Operand.write("y", size));
      case BACKWARD -> List.of(x, mask(), mean, variance, weight, Operand.read("gradY", size),
          Operand.write("gradX", size), Operand.write("gradWeight", channels).orNull(),
          Operand.write("gradBias", channels).orNull());
    };
  }

  private Operand mask() {
    return Operand.read("mask", (long) outer * inner).of(ElementType.BOOL).orNull();
  }
}
