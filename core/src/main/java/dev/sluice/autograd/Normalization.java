package dev.sluice.autograd;

import dev.sluice.Shape;
import dev.sluice.Tape;
import dev.sluice.Tensor;
import dev.sluice.spi.Backend;
import dev.sluice.spi.BatchNormSpec;
import dev.sluice.spi.BatchStatisticsSpec;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.LayerNormSpec;
import org.jspecify.annotations.Nullable;

/** Normalisation of rows (layer norm) and of channels (batch norm). */
public final class Normalization {
  private Normalization() {}

  /**
   * {@code (x - mean) / sqrt(variance + epsilon) * weight + bias} over the last dimensions, with the biased variance
   * (Ba, Kiros, Hinton: Layer normalization, arXiv 1607.06450), as torch.nn.functional.layer_norm.
   *
   * @param input (..., normalizedShape)
   * @param normalizedShape the last sizes of the input
   * @param weight of normalizedShape, or null for 1
   * @param bias of normalizedShape, or null for 0
   * @param epsilon added to the variance; PyTorch's default is 1e-5
   * @return the input's shape
   */
  public static Tensor layerNorm(Tensor input, int[] normalizedShape, @Nullable Tensor weight, @Nullable Tensor bias,
      double epsilon) {
    Backend backend = Checks.backend("layerNorm", input, weight, bias);
    Checks.real("layerNorm", "input", input);
    Checks.real("layerNorm", "weight", weight);
    Checks.real("layerNorm", "bias", bias);
    Shape normalized = Shape.of(normalizedShape);
    int outer = input.rank() - normalized.rank();
    Checks.shape(outer >= 0 && input.shape().slice(outer, input.rank()).equals(normalized), "layerNorm", "input", input,
        "last sizes " + normalized);
    Checks.shape("layerNorm", "weight", weight, normalized);
    Checks.shape("layerNorm", "bias", bias, normalized);

    LayerNormSpec spec = new LayerNormSpec(input.shape().elements(0, outer), normalized.elements(), epsilon);
    Tensor y = Checks.real(backend, input.shape());
    boolean records = Tape.records(Checks.present(input, weight, bias));
    Tensor reserve = records ? Checks.reserve(backend, backend.normalization().layerNormReserve(spec)) : null;
    backend.normalization().layerNorm(spec, input.buffer(), Checks.buffer(weight), Checks.buffer(bias), y.buffer(),
        Checks.buffer(reserve));
    Tape.record("layerNorm", Checks.present(input, weight, bias), Checks.present(input, weight, reserve),
        Checks.present(y), gradients -> {
          Tensor gradInput = Checks.real(backend, input.shape());
          Tensor gradWeight = Checks.gradientOf(weight);
          Tensor gradBias = Checks.gradientOf(bias);
          backend.normalization().layerNormBackward(spec, input.buffer(), Checks.buffer(weight), reserve.buffer(),
              gradients[0].buffer(), gradInput.buffer(), Checks.buffer(gradWeight), Checks.buffer(gradBias));
          return Checks.gradients(new Tensor[] {input, weight, bias}, gradInput, gradWeight, gradBias);
        });
    return y;
  }

  /**
   * {@code (x - mean) / sqrt(variance + epsilon) * weight + bias} of each channel (Ioffe, Szegedy: Batch normalization,
   * arXiv 1502.03167), as torch.nn.functional.batch_norm. In training the statistics are the batch's, over all
   * dimensions but the channels', and the running ones, if given, move towards them by the momentum (the variance's by
   * the unbiased one); else the running ones are used.
   *
   * @param input (N, C) or (N, C, d1, ...)
   * @param runningMean (C), changed in place in training; null for none, which needs training
   * @param runningVariance (C), null exactly where runningMean is
   * @param weight (C), or null for 1
   * @param bias (C), or null for 0
   * @param mask BOOL (N), or (N, d1, ...): which positions take part; the others are not read and give 0; null for all
   * @param training whether the batch's own statistics are used
   * @param momentum share of a new statistic in the running one, 0 to 1; PyTorch's default is 0.1
   * @param epsilon added to the variance; PyTorch's default is 1e-5
   * @return the input's shape
   */
  public static Tensor batchNorm(Tensor input, @Nullable Tensor runningMean, @Nullable Tensor runningVariance,
      @Nullable Tensor weight, @Nullable Tensor bias, @Nullable Tensor mask, boolean training, double momentum,
      double epsilon) {
    Backend backend = Checks.backend("batchNorm", input, runningMean, runningVariance, weight, bias, mask);
    Checks.real("batchNorm", "input", input);
    Checks.shape(input.rank() >= 2, "batchNorm", "input", input, "(N, C) or (N, C, d1, ...)");
    Shape channels = Shape.of(input.size(1));
    Checks.require((runningMean == null) == (runningVariance == null), "batchNorm", "one running statistic of two",
        "both or none");
    Checks.require(training || runningMean != null, "batchNorm", "no running statistics", "both when not training");
    Checks.real("batchNorm", "runningMean", runningMean);
    Checks.real("batchNorm", "runningVariance", runningVariance);
    Checks.real("batchNorm", "weight", weight);
    Checks.real("batchNorm", "bias", bias);
    Checks.shape("batchNorm", "runningMean", runningMean, channels);
    Checks.shape("batchNorm", "runningVariance", runningVariance, channels);
    Checks.shape("batchNorm", "weight", weight, channels);
    Checks.shape("batchNorm", "bias", bias, channels);
    Checks.type("batchNorm", "mask", mask, ElementType.BOOL);
    Checks.shape("batchNorm", "mask", mask, input.shape().without(1));
    int outer = input.size(0);
    int inner = input.shape().elements(2, input.rank());
    Checks.require(!training || mask != null || outer * inner != 1, "batchNorm", "positions are 1",
        "2 or more to take statistics over");
    BatchNormSpec spec = new BatchNormSpec(outer, channels.elements(), inner, epsilon, training);

    Tensor mean = runningMean;
    Tensor variance = runningVariance;
    if (training || mean == null || variance == null) {
      mean = Checks.real(backend, channels);
      variance = Checks.real(backend, channels);
      backend.normalization().batchStatistics(new BatchStatisticsSpec(outer, channels.elements(), inner, momentum),
          input.buffer(), Checks.buffer(mask), mean.buffer(), variance.buffer(), Checks.buffer(runningMean),
          Checks.buffer(runningVariance));
      if (runningMean != null && runningVariance != null) {
        runningMean.markModified();
        runningVariance.markModified();
      }
    }
    return normalized(spec, input, mask, mean, variance, weight, bias);
  }

  private static Tensor normalized(BatchNormSpec spec, Tensor input, @Nullable Tensor mask, Tensor mean,
      Tensor variance, @Nullable Tensor weight, @Nullable Tensor bias) {
    Backend backend = input.backend();
    Tensor y = Checks.real(backend, input.shape());
    backend.normalization().batchNorm(spec, input.buffer(), Checks.buffer(mask), mean.buffer(), variance.buffer(),
        Checks.buffer(weight), Checks.buffer(bias), y.buffer());
    Tape.record("batchNorm", Checks.present(input, weight, bias), Checks.present(input, mask, mean, variance, weight),
        Checks.present(y), gradients -> {
          Tensor gradInput = Checks.real(backend, input.shape());
          Tensor gradWeight = Checks.gradientOf(weight);
          Tensor gradBias = Checks.gradientOf(bias);
          backend.normalization().batchNormBackward(spec, input.buffer(), Checks.buffer(mask), mean.buffer(),
              variance.buffer(), Checks.buffer(weight), gradients[0].buffer(), gradInput.buffer(),
              Checks.buffer(gradWeight), Checks.buffer(gradBias));
          return Checks.gradients(new Tensor[] {input, weight, bias}, gradInput, gradWeight, gradBias);
        });
    return y;
  }
}
