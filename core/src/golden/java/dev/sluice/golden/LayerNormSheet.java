package dev.sluice.golden;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** torch.layer_norm over the last axis: (x - mean) / sqrt(variance + eps) x weight + bias, with the biased variance. */
final class LayerNormSheet {
  private final Sheet sheet = new Sheet("layer_norm");

  private enum Affine { NONE, WEIGHT, BOTH }

  private LayerNormSheet() {}

  static Sheet make() {
    var cases = new LayerNormSheet();
    cases.add("affine", Affine.BOTH, 1e-5, 2, 3, 5, 7);
    cases.add("plain", Affine.NONE, 1e-5, 2, 3, 7);
    cases.add("weight_only", Affine.WEIGHT, 1e-5, 2, 5, 6);
    cases.add("large_eps", Affine.BOTH, 0.5, 2, 4, 5);
    cases.add("tiny_eps", Affine.BOTH, 1e-12, 2, 4, 5);
    cases.add("small_spread", Affine.BOTH, 1e-5, 1.0 / 256, 4, 5);
    cases.add("large_spread", Affine.BOTH, 1e-5, 1024, 4, 5);
    cases.add("width_one", Affine.BOTH, 1e-5, 2, 3, 1);
    cases.add("width_two", Affine.NONE, 1e-5, 2, 3, 2);
    cases.add("width_33", Affine.BOTH, 1e-5, 2, 3, 33);
    cases.add("one_row", Affine.BOTH, 1e-5, 2, 13);
    return cases.sheet;
  }

  private void add(String name, Affine affine, double eps, double bound, long... shape) {
    var sample = sheet.sample(name).option("eps", eps).option("weight", affine != Affine.NONE)
        .option("bias", affine == Affine.BOTH);
    long width = shape[shape.length - 1];
    Tensor input = sample.leaf("input", bound, shape);
    var weight = affine == Affine.NONE ? new TensorOptional() : new TensorOptional(sample.leaf("weight", 2, width));
    var bias = affine == Affine.BOTH ? new TensorOptional(sample.leaf("bias", 1, width)) : new TensorOptional();
    sample.result("output", torch.layer_norm(input, new long[] {width}, weight, bias, eps, false));
    sample.backward();
  }
}
