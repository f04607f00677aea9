package dev.sluice.backend.reference;

import static dev.sluice.backend.reference.ReferenceBuffer.reals;
import static dev.sluice.backend.reference.ReferenceBuffer.realsOrNull;

import dev.sluice.spi.BatchNormSpec;
import dev.sluice.spi.BatchStatisticsSpec;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.KernelSpec.Pass;
import dev.sluice.spi.LayerNormSpec;
import dev.sluice.spi.NormalizationKernels;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Layer normalisation of each row of (rows, width): {@code n = (x - mean) / sigma}, {@code sigma = sqrt(mean((x -
 * mean)^2) + epsilon)}, {@code y = n * weight + bias}. Backward, with {@code g = dy * weight}: {@code dx = (g - mean(g)
 * - n * mean(g * n)) / sigma}, {@code dweight = sum_rows dy * n}, {@code dbias = sum_rows dy}.
 *
 * <p>The reserve holds each row's mean and sigma.
 *
 * <p>Batch normalisation is {@link ReferenceBatchNorm}'s.
 *
 * <p>Numbers of the spec enter by lines of their own, where the float twin rounds them.
 */
final class ReferenceNormalization implements NormalizationKernels {
  @Override
  public int layerNormReserve(LayerNormSpec spec) {
    return ReferenceArguments.elements("layerNorm", "reserve", spec.rows(), 2);
  }

  @Override
  public void layerNorm(LayerNormSpec spec, Buffer x, @Nullable Buffer weight, @Nullable Buffer bias, Buffer y,
      @Nullable Buffer reserve) {
    ReferenceArguments.check("layerNorm", spec.operands(Pass.FORWARD), x, weight, bias, y, reserve);
    ReferenceArguments.checkReserve("layerNorm", reserve, layerNormReserve(spec));
    int width = spec.width();
    double[] in = reals(x);
    double[] weights = realsOrNull(weight);
    double[] biases = realsOrNull(bias);
    double[] out = reals(y);
    double[] saved = realsOrNull(reserve);
    double epsilon = spec.epsilon();
    for (int row = 0; row < spec.rows(); row++) {
      int start = row * width;
      double sum = 0;
      for (int j = 0; j < width; j++) {
        sum += in[start + j];
      }
      double mean = sum / width;
      double squares = 0;
      for (int j = 0; j < width; j++) {
        squares += (in[start + j] - mean) * (in[start + j] - mean);
      }
      double sigma = Math.sqrt(squares / width + epsilon);
      for (int j = 0; j < width; j++) {
        double normal = (in[start + j] - mean) / sigma;
        out[start + j] = normal * (weights == null ? 1 : weights[j]) + (biases == null ? 0 : biases[j]);
      }
      if (saved != null) {
        saved[2 * row] = mean;
        saved[2 * row + 1] = sigma;
      }
    }
  }

  @Override
  public void layerNormBackward(LayerNormSpec spec, Buffer x, @Nullable Buffer weight, Buffer reserve, Buffer gradY,
      Buffer gradX, @Nullable Buffer gradWeight, @Nullable Buffer gradBias) {
    ReferenceArguments.check("layerNormBackward", spec.operands(Pass.BACKWARD), x, weight, reserve, gradY, gradX,
        gradWeight, gradBias);
    ReferenceArguments.checkReserve("layerNormBackward", reserve, layerNormReserve(spec));
    int width = spec.width();
    double[] in = reals(x);
    double[] weights = realsOrNull(weight);
    double[] saved = reals(reserve);
    double[] gradOut = reals(gradY);
    double[] gradIn = reals(gradX);
    double[] gradWeights = zeroed(gradWeight, width);
    double[] gradBiases = zeroed(gradBias, width);
    for (int row = 0; row < spec.rows(); row++) {
      int start = row * width;
      double mean = saved[2 * row];
      double sigma = saved[2 * row + 1];
      double sum = 0;
      double sumNormal = 0;
      for (int j = 0; j < width; j++) {
        double normal = (in[start + j] - mean) / sigma;
        double g = gradOut[start + j] * (weights == null ? 1 : weights[j]);
        sum += g;
        sumNormal += g * normal;
        if (gradWeights != null) {
          gradWeights[j] += gradOut[start + j] * normal;
        }
        if (gradBiases != null) {
          gradBiases[j] += gradOut[start + j];
        }
      }
      for (int j = 0; j < width; j++) {
        double normal = (in[start + j] - mean) / sigma;
        double g = gradOut[start + j] * (weights == null ? 1 : weights[j]);
        gradIn[start + j] = (g - sum / width - normal * (sumNormal / width)) / sigma;
      }
    }
  }

  @Override
  public void batchStatistics(BatchStatisticsSpec spec, Buffer x, @Nullable Buffer mask, Buffer mean, Buffer variance,
      @Nullable Buffer runningMean, @Nullable Buffer runningVariance) {
    ReferenceBatchNorm.statistics(spec, x, mask, mean, variance, runningMean, runningVariance);
  }

  @Override
  public void batchNorm(BatchNormSpec spec, Buffer x, @Nullable Buffer mask, Buffer mean, Buffer variance,
      @Nullable Buffer weight, @Nullable Buffer bias, Buffer y) {
    ReferenceBatchNorm.forward(spec, x, mask, mean, variance, weight, bias, y);
  }

  @Override
  public void batchNormBackward(BatchNormSpec spec, Buffer x, @Nullable Buffer mask, Buffer mean, Buffer variance,
      @Nullable Buffer weight, Buffer gradY, Buffer gradX, @Nullable Buffer gradWeight, @Nullable Buffer gradBias) {
    ReferenceBatchNorm.backward(spec, x, mask, mean, variance, weight, gradY, gradX, gradWeight, gradBias);
  }

  private static double @Nullable [] zeroed(@Nullable Buffer buffer, int length) {
    double[] elements = realsOrNull(buffer);
    if (elements != null) {
      Arrays.fill(elements, 0, length, 0);
    }
    return elements;
  }
}
