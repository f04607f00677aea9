package dev.sluice.backend.reference;

import static dev.sluice.backend.reference.ReferenceBuffer.reals;
import static dev.sluice.backend.reference.ReferenceBuffer.realsOrNull;

import dev.sluice.spi.BatchNormSpec;
import dev.sluice.spi.BatchStatisticsSpec;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.KernelSpec.Pass;
import org.jspecify.annotations.Nullable;

/**
 * Batch normalisation of each channel of x (outer, channels, inner) over the positions (outer, inner) that take part:
 * {@code n = (x - mean) / sigma}, {@code sigma = sqrt(variance + epsilon)}, {@code y = n * weight + bias}. Backward,
 * with {@code g = dy * weight}: {@code dx = (g - mean(g) - n * mean(g * n)) / sigma} where the statistics are those of
 * x, else {@code g / sigma}; {@code dweight = sum dy * n}, {@code dbias = sum dy}.
 *
 * <p>Numbers of the spec enter by lines of their own, where the float twin rounds them.
 */
final class ReferenceBatchNorm {
  private ReferenceBatchNorm() {}

  static void statistics(BatchStatisticsSpec spec, Buffer x, @Nullable Buffer mask, Buffer mean, Buffer variance,
      @Nullable Buffer runningMean, @Nullable Buffer runningVariance) {
    ReferenceArguments.check("batchStatistics", spec.operands(Pass.FORWARD), x, mask, mean, variance, runningMean,
        runningVariance);
    ReferenceArguments.require((runningMean == null) == (runningVariance == null), "batchStatistics",
        runningMean == null ? "runningVariance without runningMean" : "runningMean without runningVariance",
        "both or none");
    Channels channels = new Channels(spec.outer(), spec.channels(), spec.inner(), mask);
    double[] in = reals(x);
    double[] runningMeans = realsOrNull(runningMean);
    double[] runningVariances = realsOrNull(runningVariance);
    double momentum = spec.momentum();
    int count = channels.count();
    for (int channel = 0; channel < spec.channels(); channel++) {
      double sum = 0;
      for (int position = 0; position < channels.positions(); position++) {
        if (channels.takesPart(position)) {
          sum += in[channels.at(position, channel)];
        }
      }
      double average = sum / count;
      double squares = 0;
      for (int position = 0; position < channels.positions(); position++) {
        if (channels.takesPart(position)) {
          double distance = in[channels.at(position, channel)] - average;
          squares += distance * distance;
        }
      }
      reals(mean)[channel] = average;
      reals(variance)[channel] = squares / count;
      if (runningMeans != null && runningVariances != null && count > 0) {
        runningMeans[channel] = (1 - momentum) * runningMeans[channel] + momentum * average;
        runningVariances[channel] =
            (1 - momentum) * runningVariances[channel] + momentum * (squares / (count - 1));
      }
    }
  }

  static void forward(BatchNormSpec spec, Buffer x, @Nullable Buffer mask, Buffer mean, Buffer variance,
      @Nullable Buffer weight, @Nullable Buffer bias, Buffer y) {
    ReferenceArguments.check("batchNorm", spec.operands(Pass.FORWARD), x, mask, mean, variance, weight, bias, y);
    Channels channels = new Channels(spec.outer(), spec.channels(), spec.inner(), mask);
    double[] in = reals(x);
    double[] weights = realsOrNull(weight);
    double[] biases = realsOrNull(bias);
    double[] out = reals(y);
    double epsilon = spec.epsilon();
    for (int channel = 0; channel < spec.channels(); channel++) {
      double sigma = Math.sqrt(reals(variance)[channel] + epsilon);
      for (int position = 0; position < channels.positions(); position++) {
        int at = channels.at(position, channel);
        out[at] = 0;
        if (channels.takesPart(position)) {
          double normal = (in[at] - reals(mean)[channel]) / sigma;
          out[at] = normal * (weights == null ? 1 : weights[channel]) + (biases == null ? 0 : biases[channel]);
        }
      }
    }
  }

  static void backward(BatchNormSpec spec, Buffer x, @Nullable Buffer mask, Buffer mean, Buffer variance,
      @Nullable Buffer weight, Buffer gradY, Buffer gradX, @Nullable Buffer gradWeight, @Nullable Buffer gradBias) {
    ReferenceArguments.check("batchNormBackward", spec.operands(Pass.BACKWARD), x, mask, mean, variance, weight, gradY,
        gradX, gradWeight, gradBias);
    Channels channels = new Channels(spec.outer(), spec.channels(), spec.inner(), mask);
    double[] in = reals(x);
    double[] weights = realsOrNull(weight);
    double[] gradOut = reals(gradY);
    double[] gradIn = reals(gradX);
    double epsilon = spec.epsilon();
    int count = channels.count();
    for (int channel = 0; channel < spec.channels(); channel++) {
      double average = reals(mean)[channel];
      double sigma = Math.sqrt(reals(variance)[channel] + epsilon);
      double sum = 0;
      double sumNormal = 0;
      for (int position = 0; position < channels.positions(); position++) {
        if (channels.takesPart(position)) {
          int at = channels.at(position, channel);
          sum += gradOut[at];
          sumNormal += gradOut[at] * ((in[at] - average) / sigma);
        }
      }
      double scale = (weights == null ? 1 : weights[channel]) / sigma;
      for (int position = 0; position < channels.positions(); position++) {
        int at = channels.at(position, channel);
        gradIn[at] = 0;
        if (channels.takesPart(position)) {
          double normal = (in[at] - average) / sigma;
          double through = spec.training() ? sum / count + normal * (sumNormal / count) : 0;
          gradIn[at] = (gradOut[at] - through) * scale;
        }
      }
      if (gradWeight != null) {
        reals(gradWeight)[channel] = sumNormal;
      }
      if (gradBias != null) {
        reals(gradBias)[channel] = sum;
      }
    }
  }

  /** Where the elements of a channel lie, position (outer, inner) by position. */
  private record Channels(int outer, int channels, int inner, @Nullable Buffer mask) {
    int positions() {
      return outer * inner;
    }

    int at(int position, int channel) {
      return (position / inner * channels + channel) * inner + position % inner;
    }

    boolean takesPart(int position) {
      return mask == null || ReferenceBuffer.booleans(mask)[position];
    }

    /** How many positions take part. */
    int count() {
      int count = 0;
      for (int position = 0; position < positions(); position++) {
        count += takesPart(position) ? 1 : 0;
      }
      return count;
    }
  }
}
