package dev.sluice.autograd;

import dev.sluice.Shape;
import dev.sluice.Tape;
import dev.sluice.Tensor;
import dev.sluice.spi.Backend;
import dev.sluice.spi.LayerNormSpec;
import org.jspecify.annotations.Nullable;

/** Normalisation. */
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
    boolean records = Tape.records(Checks.present(input, weight, bias).toArray(Tensor[]::new));
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
}
