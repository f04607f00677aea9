package dev.sluice.golden;

import org.bytedeco.pytorch.AnyModule;
import org.bytedeco.pytorch.LayerNormImpl;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.LongVector;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.MultiheadAttentionImpl;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TransformerActivation;
import org.bytedeco.pytorch.TransformerDecoderImpl;
import org.bytedeco.pytorch.TransformerDecoderLayerImpl;
import org.bytedeco.pytorch.TransformerDecoderLayerOptions;
import org.bytedeco.pytorch.TransformerDecoderOptions;
import org.bytedeco.pytorch.TransformerEncoderImpl;
import org.bytedeco.pytorch.TransformerEncoderLayerImpl;
import org.bytedeco.pytorch.TransformerEncoderLayerOptions;
import org.bytedeco.pytorch.TransformerEncoderOptions;
import org.bytedeco.pytorch.kGELU;
import org.bytedeco.pytorch.kReLU;
import org.bytedeco.pytorch.global.torch;

/**
 * torch.nn.TransformerEncoderLayer and TransformerDecoderLayer, and stacks of two: 4 positions over a memory of 3 in a
 * batch of 2, width 4, 2 heads, 6 between the linear layers, no dropout. The target, and an encoder's input where the
 * case says so, is causal; a padded memory has its last position masked out in the second row.
 *
 * <p>libtorch's own layers normalise afterwards alone. The layers that normalise first are composed of its modules
 * here; composed to normalise afterwards, the same must give what its own give, or nothing is written.
 */
final class TransformerSheet {
  private static final int LENGTH = 4;
  private static final int POSITIONS = 3;
  private static final int BATCH = 2;
  private static final int WIDTH = 4;
  private static final int HEADS = 2;
  private static final int WIDE = 6;

  private final Sheet sheet = new Sheet("transformer");

  private TransformerSheet() {}

  static Sheet make() {
    var cases = new TransformerSheet();
    for (boolean gelu : new boolean[] {false, true}) {
      for (boolean normFirst : new boolean[] {false, true}) {
        var suffix = (normFirst ? "_pre_norm" : "_post_norm") + (gelu ? "_gelu" : "_relu");
        cases.encoderLayer("encoder_layer" + suffix, normFirst, gelu, gelu == normFirst);
        cases.decoderLayer("decoder_layer" + suffix, normFirst, gelu, gelu == normFirst);
      }
    }
    cases.encoder();
    cases.decoder();
    return cases.sheet;
  }

  /** Two encoder layers of libtorch's, and a final normalisation. */
  static TransformerEncoderImpl encoderOf(boolean gelu) {
    var options = new TransformerEncoderOptions(encoderOptions(gelu), 2);
    options.norm().put(new AnyModule(normalization()));
    return new TransformerEncoderImpl(options);
  }

  /** Two decoder layers of libtorch's, and a final normalisation. */
  static TransformerDecoderImpl decoderOf(boolean gelu) {
    var options = new TransformerDecoderOptions(decoderOptions(gelu), 2);
    options.norm().put(new AnyModule(normalization()));
    return new TransformerDecoderImpl(options);
  }

  private void encoderLayer(String name, boolean normFirst, boolean gelu, boolean restricted) {
    var sample = sample(name, "encoder_layer", normFirst, gelu, restricted, restricted);
    var composed = new Composed(false);
    StateModel.draw(sample, composed.module);
    var input = sample.leaf("input", 2, LENGTH, BATCH, WIDTH);
    var mask = restricted ? causal() : new Tensor();
    var padding = restricted ? padding(sample, "input_padding_mask", LENGTH) : new Tensor();
    var own = new TransformerEncoderLayerImpl(encoderOptions(gelu));
    StateModel.copy(composed.module, own);
    requireEqual(sample, own.forward(input, mask, padding),
        composed.run(input, null, mask, padding, new Tensor(), false, gelu));
    sample.result("output", composed.run(input, null, mask, padding, new Tensor(), normFirst, gelu));
    sample.backward();
  }

  private void decoderLayer(String name, boolean normFirst, boolean gelu, boolean padded) {
    var sample = sample(name, "decoder_layer", normFirst, gelu, true, padded);
    var composed = new Composed(true);
    StateModel.draw(sample, composed.module);
    var input = sample.leaf("input", 2, LENGTH, BATCH, WIDTH);
    var memory = sample.leaf("memory", 2, POSITIONS, BATCH, WIDTH);
    var padding = padded ? padding(sample, "memory_padding_mask", POSITIONS) : new Tensor();
    var own = new TransformerDecoderLayerImpl(decoderOptions(gelu));
    StateModel.copy(composed.module, own);
    requireEqual(sample, own.forward(input, memory, causal(), new Tensor(), new Tensor(), padding),
        composed.run(input, memory, causal(), new Tensor(), padding, false, gelu));
    sample.result("output", composed.run(input, memory, causal(), new Tensor(), padding, normFirst, gelu));
    sample.backward();
  }

  private void encoder() {
    var sample = sample("encoder", "encoder", false, false, true, true);
    var module = encoderOf(false);
    StateModel.draw(sample, module);
    var input = sample.leaf("input", 2, LENGTH, BATCH, WIDTH);
    sample.result("output", module.forward(input, causal(), padding(sample, "input_padding_mask", LENGTH)));
    sample.backward();
  }

  private void decoder() {
    var sample = sample("decoder", "decoder", false, true, true, true);
    var module = decoderOf(true);
    StateModel.draw(sample, module);
    var input = sample.leaf("input", 2, LENGTH, BATCH, WIDTH);
    var memory = sample.leaf("memory", 2, POSITIONS, BATCH, WIDTH);
    var padding = padding(sample, "memory_padding_mask", POSITIONS);
    sample.result("output", module.forward(input, memory, causal(), new Tensor(), new Tensor(), padding));
    sample.backward();
  }

  private Sample sample(String name, String kind, boolean normFirst, boolean gelu, boolean causal, boolean padded) {
    return sheet.sample(name).option("kind", kind).option("dModel", WIDTH).option("nhead", HEADS)
        .option("dimFeedforward", WIDE).option("normFirst", normFirst).option("activation", gelu ? "gelu" : "relu")
        .option("isCausal", causal).option("padded", padded);
  }

  private static TransformerEncoderLayerOptions encoderOptions(boolean gelu) {
    var options = new TransformerEncoderLayerOptions(WIDTH, HEADS);
    options.dim_feedforward().put(WIDE);
    options.dropout().put(0);
    options.activation().put(activation(gelu));
    return options;
  }

  private static TransformerDecoderLayerOptions decoderOptions(boolean gelu) {
    var options = new TransformerDecoderLayerOptions(WIDTH, HEADS);
    options.dim_feedforward().put(WIDE);
    options.dropout().put(0);
    options.activation().put(activation(gelu));
    return options;
  }

  private static TransformerActivation activation(boolean gelu) {
    return gelu ? new TransformerActivation(new kGELU()) : new TransformerActivation(new kReLU());
  }

  private static LayerNormImpl normalization() {
    return new LayerNormImpl(new LongVector(new long[] {WIDTH}));
  }

  /** Added to the logits: libtorch's layers take such a mask in any element type they compute in. */
  private static Tensor causal() {
    var future = torch.ones(LENGTH, LENGTH).triu(1).ne(new Scalar(0.0));
    return Values.real(new double[LENGTH * LENGTH], LENGTH, LENGTH)
        .masked_fill(future, new Scalar(Double.NEGATIVE_INFINITY));
  }

  private static Tensor padding(Sample sample, String name, int positions) {
    var flags = new long[BATCH * positions];
    flags[flags.length - 1] = 1;
    return sample.mask(name, flags, BATCH, positions);
  }

  private static void requireEqual(Sample sample, Tensor own, Tensor composed) {
    double difference = own.sub(composed).abs().max().item_double();
    if (!(difference < 1e-12)) {
      throw new IllegalStateException(sample.name() + ": composed is " + difference + " off libtorch's layer");
    }
  }

  /** A layer of libtorch's modules, under its names: of an encoder, or of a decoder. */
  private static final class Composed {
    final Module module = new Module("layer");
    private final MultiheadAttentionImpl self;
    private final MultiheadAttentionImpl over;
    private final LinearImpl linear1;
    private final LinearImpl linear2;
    private final LayerNormImpl[] norms;

    Composed(boolean decoder) {
      self = module.register_module("self_attn", new MultiheadAttentionImpl(WIDTH, HEADS));
      over = decoder ? module.register_module("multihead_attn", new MultiheadAttentionImpl(WIDTH, HEADS)) : null;
      linear1 = module.register_module("linear1", new LinearImpl(WIDTH, WIDE));
      linear2 = module.register_module("linear2", new LinearImpl(WIDE, WIDTH));
      norms = new LayerNormImpl[decoder ? 3 : 2];
      for (int i = 0; i < norms.length; i++) {
        norms[i] = module.register_module("norm" + (i + 1), normalization());
      }
    }

    Tensor run(Tensor input, Tensor memory, Tensor mask, Tensor padding, Tensor memoryPadding, boolean normFirst,
        boolean gelu) {
      int part = 0;
      var read = normFirst ? norms[part].forward(input) : input;
      var x = input.add(self.forward(read, read, read, padding, false, mask, true).get0());
      x = normFirst ? x : norms[part].forward(x);
      if (over != null) {
        part++;
        read = normFirst ? norms[part].forward(x) : x;
        x = x.add(over.forward(read, memory, memory, memoryPadding, false, new Tensor(), true).get0());
        x = normFirst ? x : norms[part].forward(x);
      }
      part++;
      var wide = linear1.forward(normFirst ? norms[part].forward(x) : x);
      x = x.add(linear2.forward(gelu ? torch.gelu(wide) : torch.relu(wide)));
      return normFirst ? x : norms[part].forward(x);
    }
  }
}
