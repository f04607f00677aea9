package dev.sluice.backend.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.spi.BatchNormSpec;
import dev.sluice.spi.BatchStatisticsSpec;
import dev.sluice.spi.Buffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReferenceBatchNormTest {
  private static final double NAN = Double.NaN;
  private static final double EPSILON = 1e-5;
  private final ReferenceBackend backend = new ReferenceBackend();
  private final Kit kit = new Kit(backend);

  @Test
  void statisticsByHand() {
    // (2, 2, 2), the last position masked: channel 0 is 1, 2, 6, channel 1 is 3, 3, 3.
    Buffer x = kit.reals(1, 2, 3, 3, 6, NAN, 3, NAN);
    Buffer mean = kit.empty(2);
    Buffer variance = kit.empty(2);
    Buffer runningMean = kit.reals(10, 0);
    Buffer runningVariance = kit.reals(1, 1);
    backend.normalization().batchStatistics(new BatchStatisticsSpec(2, 2, 2, 0.25), x,
        kit.booleans(true, true, true, false), mean, variance, runningMean, runningVariance);
    assertArrayEquals(new double[] {3, 3}, kit.values(mean), 1e-15);
    assertArrayEquals(new double[] {14.0 / 3, 0}, kit.values(variance), 1e-15);
    assertArrayEquals(new double[] {8.25, 0.75}, kit.values(runningMean), 1e-15);
    assertArrayEquals(new double[] {2.5, 0.75}, kit.values(runningVariance), 1e-15);
  }

  @Test
  void statisticsOfNothingLeaveTheRunningOnes() {
    Buffer mean = kit.empty(1);
    Buffer variance = kit.empty(1);
    Buffer runningMean = kit.reals(10);
    Buffer runningVariance = kit.reals(1);
    backend.normalization().batchStatistics(new BatchStatisticsSpec(2, 1, 1, 0.25), kit.reals(NAN, NAN),
        kit.booleans(false, false), mean, variance, runningMean, runningVariance);
    assertArrayEquals(new double[] {NAN}, kit.values(mean));
    assertArrayEquals(new double[] {NAN}, kit.values(variance));
    assertArrayEquals(new double[] {10}, kit.values(runningMean));
    assertArrayEquals(new double[] {1}, kit.values(runningVariance));
  }

  @Test
  void oneElementHasNoUnbiasedVariance() {
    Buffer mean = kit.empty(1);
    Buffer variance = kit.empty(1);
    Buffer runningMean = kit.reals(1);
    Buffer runningVariance = kit.reals(1);
    backend.normalization().batchStatistics(new BatchStatisticsSpec(1, 1, 1, 0.5), kit.reals(3), null, mean, variance,
        runningMean, runningVariance);
    assertArrayEquals(new double[] {0}, kit.values(variance));
    assertArrayEquals(new double[] {2}, kit.values(runningMean));
    assertArrayEquals(new double[] {NAN}, kit.values(runningVariance));
  }

  @Test
  void runningStatisticsComeTogether() {
    var error = assertThrows(IllegalArgumentException.class, () -> backend.normalization().batchStatistics(
        new BatchStatisticsSpec(1, 1, 1, 0.5), kit.reals(3), null, kit.empty(1), kit.empty(1), kit.reals(1), null));
    assertEquals("batchStatistics: runningMean without runningVariance, wanted both or none", error.getMessage());
  }

  @Test
  void normalByHand() {
    Buffer y = kit.empty(6);
    backend.normalization().batchNorm(new BatchNormSpec(3, 2, 1, 1, false), kit.reals(1, 2, NAN, NAN, 5, -4),
        kit.booleans(true, false, true), kit.reals(3, 2), kit.reals(3, 8), kit.reals(2, 1), kit.reals(0, 10), y);
    assertArrayEquals(new double[] {-2, 10, 0, 0, 2, 8}, kit.values(y), 1e-15);
  }

  @ParameterizedTest
  @CsvSource({"true, 1, false", "true, 3, true", "true, 1, true", "false, 1, true", "false, 3, false"})
  void gradients(boolean training, int inner, boolean masked) {
    int positions = 5 * inner;
    BatchNormSpec spec = new BatchNormSpec(5, 2, inner, EPSILON, training);
    double[] x = Kit.normal(1, 2 * positions);
    double[] weight = Kit.normal(2, 2);
    double[] bias = Kit.normal(3, 2);
    double[] gradY = Kit.normal(4, 2 * positions);
    boolean[] flags = new boolean[positions];
    for (int i = 0; i < positions; i++) {
      flags[i] = i % 3 != 1;
    }
    Buffer mask = masked ? kit.booleans(flags) : null;
    Buffer[] statistics = statistics(spec, x, mask);
    Buffer gradX = kit.empty(2 * positions);
    Buffer gradWeight = kit.empty(2);
    Buffer gradBias = kit.empty(2);
    backend.normalization().batchNormBackward(spec, kit.reals(x), mask, statistics[0], statistics[1],
        kit.reals(weight), kit.reals(gradY), gradX, gradWeight, gradBias);
    Kit.assertGradient("x", x, kit.values(gradX), v -> Kit.dot(gradY, forward(spec, v, mask, weight, bias)));
    Kit.assertGradient("weight", weight, kit.values(gradWeight),
        v -> Kit.dot(gradY, forward(spec, x, mask, v, bias)));
    Kit.assertGradient("bias", bias, kit.values(gradBias), v -> Kit.dot(gradY, forward(spec, x, mask, weight, v)));
  }

  private double[] forward(BatchNormSpec spec, double[] x, @Nullable Buffer mask, double[] weight, double[] bias) {
    Buffer[] statistics = statistics(spec, x, mask);
    Buffer y = kit.empty(x.length);
    backend.normalization().batchNorm(spec, kit.reals(x), mask, statistics[0], statistics[1], kit.reals(weight),
        kit.reals(bias), y);
    return kit.values(y);
  }

  /** Mean and variance: in training those of x, else given ones. */
  private Buffer[] statistics(BatchNormSpec spec, double[] x, @Nullable Buffer mask) {
    if (!spec.training()) {
      return new Buffer[] {kit.reals(0.25, -1), kit.reals(2, 0.5)};
    }
    Buffer mean = kit.empty(2);
    Buffer variance = kit.empty(2);
    backend.normalization().batchStatistics(new BatchStatisticsSpec(spec.outer(), spec.channels(), spec.inner(), 0.1),
        kit.reals(x), mask, mean, variance, null, null);
    return new Buffer[] {mean, variance};
  }
}
