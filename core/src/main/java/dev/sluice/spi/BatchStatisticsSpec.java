package dev.sluice.spi;

import java.util.List;

/**
 * Mean and variance of each channel of x (outer, channels, inner), over outer and inner.
 *
 * @param outer size before the channels: the batch, or batch times steps
 * @param channels how many channels
 * @param inner size after the channels; 1 where the channels are last
 * @param momentum share of a new statistic in the running one, 0 to 1; PyTorch's default is 0.1
 */
public record BatchStatisticsSpec(int outer, int channels, int inner, double momentum) implements KernelSpec {
  public BatchStatisticsSpec {
    Sizes.atLeast("batchStatistics", "outer", outer, 0);
    Sizes.atLeast("batchStatistics", "channels", channels, 0);
    Sizes.atLeast("batchStatistics", "inner", inner, 0);
    Sizes.elements("batchStatistics", "input", outer, channels, inner);
    Sizes.probability("batchStatistics", "momentum", momentum);
  }

  @Override
  public List<Operand> operands(Pass pass) {
    return List.of(Operand.read("x", outer * channels * inner),
        Operand.read("mask", (long) outer * inner).of(ElementType.BOOL).orNull(), Operand.write("mean", channels),
        Operand.write("variance", channels), Operand.update("runningMean", channels).orNull(),
        Operand.update("runningVariance", channels).orNull());
  }
}
