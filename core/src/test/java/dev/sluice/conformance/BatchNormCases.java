package dev.sluice.conformance;

import dev.sluice.spi.BatchNormSpec;
import dev.sluice.spi.BatchStatisticsSpec;
import dev.sluice.spi.Buffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Batch normalisation with the batch's statistics and with given ones: sizes x mask x weight x bias x their gradients x
 * running statistics x momentum and epsilon. Channels lie away from 0, where a careless variance cancels; positions
 * that take no part hold NaN. Weights are ordinary always: an infinite one would tell the signs of what differs by
 * rounding only.
 */
final class BatchNormCases {
  private static final String FAMILY = "normalization";

  /** Sizes: outer, channels, inner. */
  private static final int[][] SIZES = {{1, 1, 1}, {2, 3, 1}, {5, 16, 1}, {17, 17, 1}, {66, 5, 1}, {33, 67, 1},
      {9, 257, 1}, {3, 2, 5}, {5, 7, 16}, {2, 33, 17}, {1, 5, 33}, {7, 1, 67}, {2, 3, 130}, {9, 2, 130},
      {0, 3, 2}, {3, 0, 2}, {3, 2, 0}};
  private static final double[] MOMENTA = {0.1, 0, 1};
  private static final double[] EPSILONS = {1e-5, 1e-3, 0};

  /** Which positions take part. */
  private enum Mask {
    NONE(1),
    SOME(0.6),
    NOTHING(0);

    private final double probability;

    Mask(double probability) {
      this.probability = probability;
    }
  }

  private BatchNormCases() {}

  static List<Case> cases() {
    List<Case> crossing = new ArrayList<>();
    for (boolean training : new boolean[] {true, false}) {
      for (Mask mask : Mask.values()) {
        String group = "batchNorm" + (training ? " training" : "") + " mask " + mask.name().toLowerCase();
        for (int[] size : SIZES) {
          for (int options = 0; options < 32; options++) {
            for (int numbers = 0; numbers < MOMENTA.length; numbers++) {
              Layer layer = new Layer(size, training, mask, options, MOMENTA[numbers], EPSILONS[numbers]);
              String name = Arrays.toString(size) + " options " + options + " momentum " + MOMENTA[numbers]
                  + " epsilon " + EPSILONS[numbers];
              crossing.add(Case.of(FAMILY, group, name, layer));
            }
          }
        }
      }
    }
    List<Case> cases = new ArrayList<>(Sample.of(crossing, 420));
    for (Case ordinary : Sample.of(crossing, 60)) {
      cases.add(Case.special(FAMILY, ordinary.group(), ordinary.name(), ordinary.script()));
    }
    return cases;
  }

  static void large(Bench bench) {
    new Layer(new int[] {1501, 131, 1}, true, Mask.SOME, 31, 0.1, 1e-5).run(bench);
    new Layer(new int[] {67, 17, 131}, true, Mask.NONE, 31, 0.1, 1e-5).run(bench);
  }

  static void tiny(Bench bench) {
    new Layer(new int[] {5, 37, 1}, true, Mask.SOME, 31, 0.1, 1e-5).run(bench);
    new Layer(new int[] {3, 5, 19}, false, Mask.NONE, 31, 0.1, 1e-5).run(bench);
  }

  /**
   * One call: statistics where training, forward and backward.
   *
   * @param size outer, channels, inner
   * @param options bits: weight, bias, gradient of each, running statistics
   */
  private record Layer(int[] size, boolean training, Mask mask, int options, double momentum, double epsilon)
      implements Script {
    @Override
    public void run(Bench bench) {
      int channels = size[1];
      int length = size[0] * channels * size[2];
      boolean[] flags = Awkward.flags(bench.random(), size[0] * size[2], mask.probability);
      double[] values = bench.draw(length);
      Arrays.setAll(values, i -> (float) (values[i] + 3));
      double[] arriving = bench.drawOrdinary(length);
      poison(flags, values);
      poison(flags, arriving);
      Buffer x = bench.input(values);
      Buffer maskBuffer = mask == Mask.NONE ? null : bench.flags(flags);
      Buffer mean;
      Buffer variance;
      if (training) {
        mean = bench.output("mean", channels);
        variance = bench.output("variance", channels);
        bench.backend().normalization().batchStatistics(
            new BatchStatisticsSpec(size[0], channels, size[2], momentum), x, maskBuffer, mean, variance,
            has(16) ? bench.updated("runningMean", bench.draw(channels)) : null,
            has(16) ? bench.updated("runningVariance", variances(bench)) : null);
      } else {
        mean = bench.input(bench.drawOrdinary(channels));
        variance = bench.input(variances(bench));
      }
      normalise(bench, x, maskBuffer, mean, variance, bench.input(arriving));
    }

    private void normalise(Bench bench, Buffer x, @Nullable Buffer maskBuffer, Buffer mean, Buffer variance,
        Buffer gradY) {
      int channels = size[1];
      int length = size[0] * channels * size[2];
      BatchNormSpec spec = new BatchNormSpec(size[0], channels, size[2], epsilon, training);
      Buffer weight = has(1) ? bench.input(bench.drawOrdinary(channels)) : null;
      Buffer bias = has(2) ? bench.input(bench.drawOrdinary(channels)) : null;
      var kernels = bench.backend().normalization();
      kernels.batchNorm(spec, x, maskBuffer, mean, variance, weight, bias, bench.output("y", length));
      kernels.batchNormBackward(spec, x, maskBuffer, mean, variance, weight, gradY, bench.output("gradX", length),
          has(4) ? bench.output("gradWeight", channels) : null, has(8) ? bench.output("gradBias", channels) : null);
    }

    private boolean has(int option) {
      return (options & option) != 0;
    }

    /**
     * Positive, and in special cases NaN, infinite, denormal or huge; 0 only with an epsilon, for a sigma of 0 makes of
     * a sum what its order makes of it.
     */
    private double[] variances(Bench bench) {
      double[] drawn = bench.draw(size[1]);
      double least = epsilon == 0 ? Float.MIN_NORMAL : 0;
      Arrays.setAll(drawn, i -> bench.isSpecial() ? Math.max(Math.abs(drawn[i]), least)
          : (float) (Math.abs(drawn[i]) + 0.125));
      return drawn;
    }

    private void poison(boolean[] flags, double[] values) {
      for (int position = 0; position < flags.length; position++) {
        for (int channel = 0; channel < size[1] && !flags[position]; channel++) {
          values[(position / size[2] * size[1] + channel) * size[2] + position % size[2]] = Double.NaN;
        }
      }
    }
  }
}
