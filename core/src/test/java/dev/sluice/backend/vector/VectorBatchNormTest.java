package dev.sluice.backend.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.spi.Backend;
import dev.sluice.spi.BatchNormSpec;
import dev.sluice.spi.BatchStatisticsSpec;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Batch normalisation against the reference, with every option crossed with every other, and the same bits on 1, 2 and
 * 5 threads.
 */
class VectorBatchNormTest {
  private static final int OPTIONS = 1 << 5;

  @Test
  void everyOptionAgreesWithTheReference() {
    int[][] sizes = {{7, 5, 1}, {20, 33, 1}, {3, 16, 1}, {9, 1, 1}, {5, 3, 2}, {4, 2, 37}, {2, 3, 64}, {1, 4, 50}};
    for (int[] size : sizes) {
      for (int option = 0; option < OPTIONS; option++) {
        check(size[0], size[1], size[2], option, 0);
      }
    }
  }

  @Test
  void emptySizes() {
    for (int option = 0; option < OPTIONS; option++) {
      check(0, 3, 1, option, 0);
      check(3, 0, 2, option, 0);
      check(3, 2, 0, option, 0);
    }
  }

  @Test
  void manyPositionsInChunks() {
    for (int option : new int[] {0b11111, 0b10110}) {
      check(20_011, 40, 1, option, 0);
      check(300, 7, 523, option, 0);
    }
  }

  @Test
  void aLargeMeanCostsNoMoreThanTheInputsOwnDigits() {
    check(500, 20, 1, 0b11111, 1000);
    check(20, 5, 70, 0b11111, 1000);
  }

  @Test
  void aConstantChannelHasNoSpread() {
    float[] x = new float[3000];
    Arrays.fill(x, 0.1f);
    Agreement.check("constant", 1, 1e-6, backend -> {
      List<Buffer> results = List.of(Agreement.empty(backend, 3), Agreement.empty(backend, 3));
      backend.normalization().batchStatistics(new BatchStatisticsSpec(1000, 3, 1, 0.1), Agreement.reals(backend, x),
          null, results.get(0), results.get(1), null, null);
      return results;
    });
  }

  @Test
  void oneAndNoElement() {
    for (boolean shown : new boolean[] {false, true}) {
      Agreement.check("shown " + shown, 1, backend -> {
        List<Buffer> results = List.of(Agreement.empty(backend, 2), Agreement.empty(backend, 2),
            Agreement.reals(backend, 1, 2), Agreement.reals(backend, 3, 4));
        backend.normalization().batchStatistics(new BatchStatisticsSpec(2, 2, 1, 0.25),
            Agreement.reals(backend, 5, 6, Float.NaN, Float.NaN), flags(backend, shown, false), results.get(0),
            results.get(1), results.get(2), results.get(3));
        return results;
      });
    }
  }

  @Test
  void infinitiesAndNaNStayInTheirChannel() {
    float[] x = {1, Float.POSITIVE_INFINITY, Float.NaN, 4, 5, 6};
    Agreement.check("special", 2, backend -> {
      List<Buffer> results = List.of(Agreement.empty(backend, 3), Agreement.empty(backend, 3));
      backend.normalization().batchStatistics(new BatchStatisticsSpec(2, 3, 1, 0), Agreement.reals(backend, x), null,
          results.get(0), results.get(1), null, null);
      return results;
    });
  }

  @Test
  void withoutSpreadTheGradientsOfDistancesAreInfiniteAndOfNoneNaN() {
    for (int inner : new int[] {1, 40}) {
      float[] x = new float[80];
      Arrays.fill(x, 3);
      x[0] = 4;
      Agreement.check("inner " + inner, 1, backend -> {
        List<Buffer> results = new ArrayList<>();
        boolean[] shown = new boolean[40];
        Arrays.fill(shown, 0, 30, true);
        Buffer mask = flags(backend, shown);
        for (float mean : new float[] {3, 2}) {
          Buffer gradWeight = Agreement.empty(backend, 2);
          backend.normalization().batchNormBackward(new BatchNormSpec(40 / inner, 2, inner, 0, false),
              Agreement.reals(backend, x), mask, Agreement.reals(backend, mean, mean), Agreement.reals(backend, 0, 0),
              null, Agreement.reals(backend, Agreement.positive(1, 80)), Agreement.empty(backend, 80), gradWeight,
                  null);
          results.add(gradWeight);
        }
        return results;
      });
    }
  }

  @Test
  void runningStatisticsComeTogether() {
    Backend backend = Agreement.VECTOR.getFirst();
    Buffer one = Agreement.reals(backend, 1);
    var error = assertThrows(IllegalArgumentException.class, () -> backend.normalization().batchStatistics(
        new BatchStatisticsSpec(1, 1, 1, 0.5), one, null, one, one, null, one));
    assertEquals("batchStatistics: runningVariance without runningMean, wanted both or none", error.getMessage());
  }

  /** Bits of the option: mask, weight, bias, training, gradients of weight and bias. */
  private static void check(int outer, int channels, int inner, int option, float mean) {
    int size = outer * channels * inner;
    BatchNormSpec spec = new BatchNormSpec(outer, channels, inner, 0.01, bit(option, 3));
    boolean[] mask = new boolean[outer * inner];
    Random random = new Random(option);
    for (int i = 0; i < mask.length; i++) {
      mask[i] = random.nextInt(4) > 0;
    }
    float[] x = Agreement.random(option + 1, size);
    float[] gradY = Agreement.random(option + 2, size);
    for (int i = 0; i < size; i++) {
      boolean hidden = bit(option, 0) && !mask[i / (channels * inner) * inner + i % inner];
      x[i] = hidden ? Float.NaN : x[i] + mean;
      gradY[i] = hidden ? Float.NaN : gradY[i];
    }
    // Distances from a large mean have the digits that the input leaves them.
    double ulps = mean == 0 ? 24 : 24 * mean;
    Agreement.check(spec + " option " + option, ulps, 1, backend -> run(backend, spec, x,
        bit(option, 0) ? mask : null, bit(option, 1) ? Agreement.positive(3, channels) : null,
        bit(option, 2) ? Agreement.random(4, channels) : null, gradY, bit(option, 4)));
  }

  private static List<Buffer> run(Backend backend, BatchNormSpec spec, float[] x, boolean @Nullable [] mask,
      float @Nullable [] weight, float @Nullable [] bias, float[] gradY, boolean parameters) {
    int channels = spec.channels();
    Buffer input = Agreement.reals(backend, x);
    Buffer flags = mask == null ? null : flags(backend, mask);
    Buffer weights = weight == null ? null : Agreement.reals(backend, weight);
    Buffer mean = Agreement.empty(backend, channels);
    Buffer variance = Agreement.empty(backend, channels);
    Buffer runningMean = Agreement.reals(backend, Agreement.random(5, channels));
    Buffer runningVariance = Agreement.reals(backend, Agreement.positive(6, channels));
    Buffer y = Agreement.empty(backend, x.length);
    Buffer gradX = Agreement.empty(backend, x.length);
    List<Buffer> results = new ArrayList<>(List.of(mean, variance, runningMean, runningVariance, y, gradX));
    BatchStatisticsSpec statistics = new BatchStatisticsSpec(spec.outer(), channels, spec.inner(), 0.1);
    backend.normalization().batchStatistics(statistics, input, flags, mean, variance, runningMean, runningVariance);
    Buffer usedMean = spec.training() ? mean : runningMean;
    Buffer usedVariance = spec.training() ? variance : runningVariance;
    backend.normalization().batchNorm(spec, input, flags, usedMean, usedVariance, weights,
        bias == null ? null : Agreement.reals(backend, bias), y);
    Buffer gradWeight = Agreement.empty(backend, channels);
    Buffer gradBias = Agreement.empty(backend, channels);
    backend.normalization().batchNormBackward(spec, input, flags, usedMean, usedVariance, weights,
        Agreement.reals(backend, gradY), gradX, parameters ? gradWeight : null, parameters ? gradBias : null);
    if (parameters) {
      results.addAll(List.of(gradWeight, gradBias));
    }
    return results;
  }

  private static Buffer flags(Backend backend, boolean... values) {
    Buffer buffer = backend.allocate(ElementType.BOOL, values.length);
    backend.write(values, 0, buffer, 0, values.length);
    return buffer;
  }

  private static boolean bit(int options, int bit) {
    return (options >> bit & 1) != 0;
  }
}
