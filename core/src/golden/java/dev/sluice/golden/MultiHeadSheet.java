package dev.sluice.golden;

import java.util.List;
import java.util.Locale;
import org.bytedeco.pytorch.MultiheadAttentionImpl;
import org.bytedeco.pytorch.MultiheadAttentionOptions;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * torch.nn.MultiheadAttention: 4 queries over 5 keys in a batch of 2, width 6, 2 heads. Self-attention is over 4 keys.
 * Boolean masks say what is masked out; a float mask is added to the logits and has a gradient.
 *
 * <p>libtorch's module in C++ knows the length first alone, keys and values of one width, and masks that are added and
 * shared by the heads. Batch-first and unbatched inputs are turned for it, the narrower of keys and values gets zeros
 * beside it, in the input and in its weight, and a boolean mask becomes one of 0 and negative infinity. Masks per head
 * go through the same computation composed of functions, which in all other cases must give what the module gives, or
 * nothing is written.
 */
final class MultiHeadSheet {
  private static final int BATCH = 2;
  private static final int QUERIES = 4;
  private static final int KEYS = 5;
  private static final int WIDTH = 6;
  private static final int HEADS = 2;
  private static final double OUT = Double.NEGATIVE_INFINITY;

  private final Sheet sheet = new Sheet("multi_head_attention");

  private enum Mask { NONE, BOOL, FLOAT, BOOL_PER_HEAD, FLOAT_PER_HEAD, CAUSAL }

  private enum Weights { NONE, AVERAGED, PER_HEAD }

  private enum Form { LENGTH_FIRST, BATCH_FIRST, UNBATCHED }

  private MultiHeadSheet() {}

  static Sheet make() {
    var cases = new MultiHeadSheet();
    cases.new Case("plain").run();
    cases.new Case("averaged_weights").weights(Weights.AVERAGED).run();
    cases.new Case("weights_per_head").weights(Weights.PER_HEAD).run();
    cases.new Case("no_bias").withoutBias().weights(Weights.AVERAGED).run();
    cases.new Case("self").self().weights(Weights.AVERAGED).run();
    cases.new Case("self_causal").self().mask(Mask.CAUSAL).run();
    cases.new Case("causal").mask(Mask.CAUSAL).weights(Weights.PER_HEAD).run();
    cases.new Case("separate_widths").widths(3, 5).weights(Weights.PER_HEAD).run();
    cases.new Case("separate_value_width_no_bias").widths(WIDTH, 8).withoutBias().run();
    cases.new Case("batch_first").form(Form.BATCH_FIRST).weights(Weights.AVERAGED).run();
    cases.new Case("batch_first_separate_widths").form(Form.BATCH_FIRST).widths(4, 3).padded().run();
    cases.new Case("batch_first_everything").form(Form.BATCH_FIRST).biasKv().zeroAttn().padded()
        .mask(Mask.FLOAT_PER_HEAD).weights(Weights.PER_HEAD).run();
    cases.new Case("unbatched").form(Form.UNBATCHED).weights(Weights.PER_HEAD).run();
    cases.new Case("unbatched_masks").form(Form.UNBATCHED).padded().mask(Mask.BOOL_PER_HEAD)
        .weights(Weights.AVERAGED).run();
    cases.new Case("bool_mask").mask(Mask.BOOL).weights(Weights.AVERAGED).run();
    cases.new Case("bool_mask_per_head").mask(Mask.BOOL_PER_HEAD).weights(Weights.PER_HEAD).run();
    cases.new Case("float_mask").mask(Mask.FLOAT).weights(Weights.AVERAGED).run();
    cases.new Case("float_mask_per_head").mask(Mask.FLOAT_PER_HEAD).run();
    cases.new Case("padding").padded().weights(Weights.PER_HEAD).run();
    cases.new Case("padding_bool_mask").padded().mask(Mask.BOOL).weights(Weights.PER_HEAD).run();
    cases.new Case("padding_bool_mask_per_head").padded().mask(Mask.BOOL_PER_HEAD).run();
    cases.new Case("padding_float_mask").padded().mask(Mask.FLOAT).weights(Weights.AVERAGED).run();
    cases.new Case("self_causal_padding").self().padded().mask(Mask.CAUSAL).weights(Weights.AVERAGED).run();
    cases.new Case("bias_kv").biasKv().weights(Weights.PER_HEAD).run();
    cases.new Case("zero_attn").zeroAttn().weights(Weights.AVERAGED).run();
    cases.new Case("bias_kv_zero_attn_masks").biasKv().zeroAttn().padded().mask(Mask.BOOL_PER_HEAD)
        .weights(Weights.PER_HEAD).run();
    cases.new Case("bias_kv_separate_widths_float_mask").biasKv().widths(4, 4).mask(Mask.FLOAT).run();
    cases.new Case("bias_kv_causal").biasKv().mask(Mask.CAUSAL).weights(Weights.AVERAGED).run();
    cases.new Case("zero_attn_self_causal_padding").zeroAttn().self().padded().mask(Mask.CAUSAL).run();
    return cases.sheet;
  }

  /** One case while its options are gathered. */
  private final class Case {
    private final Sample sample;
    private boolean bias = true;
    private boolean biasKv;
    private boolean zeroAttn;
    private boolean self;
    private boolean padded;
    private int kdim = WIDTH;
    private int vdim = WIDTH;
    private Mask mask = Mask.NONE;
    private Weights weights = Weights.NONE;
    private Form form = Form.LENGTH_FIRST;

    Case(String name) {
      sample = sheet.sample(name);
    }

    Case withoutBias() {
      bias = false;
      return this;
    }

    Case biasKv() {
      biasKv = true;
      return this;
    }

    Case zeroAttn() {
      zeroAttn = true;
      return this;
    }

    Case self() {
      self = true;
      return this;
    }

    Case padded() {
      padded = true;
      return this;
    }

    Case widths(int ofKeys, int ofValues) {
      kdim = ofKeys;
      vdim = ofValues;
      return this;
    }

    Case mask(Mask kind) {
      mask = kind;
      return this;
    }

    Case weights(Weights wanted) {
      weights = wanted;
      return this;
    }

    Case form(Form wanted) {
      form = wanted;
      return this;
    }

    void run() {
      sample.option("embedDim", WIDTH).option("numHeads", HEADS).option("bias", bias).option("addBiasKv", biasKv)
          .option("addZeroAttn", zeroAttn).option("kdim", kdim).option("vdim", vdim)
          .option("batchFirst", form == Form.BATCH_FIRST).option("self", self)
          .option("isCausal", mask == Mask.CAUSAL).option("weights", weights.name().toLowerCase(Locale.ROOT));
      var options = new MultiheadAttentionOptions(WIDTH, HEADS);
      options.bias().put(bias);
      options.add_bias_kv().put(biasKv);
      options.add_zero_attn().put(zeroAttn);
      int wider = Math.max(kdim, vdim);
      options.kdim().put(wider);
      options.vdim().put(wider);
      var module = new MultiheadAttentionImpl(options);
      StateModel.draw(sample, module);
      if (kdim < wider) {
        module.k_proj_weight(widened(sample.leaf("k_proj_weight", 1, WIDTH, kdim), wider));
      } else if (vdim < wider) {
        module.v_proj_weight(widened(sample.leaf("v_proj_weight", 1, WIDTH, vdim), wider));
      }
      int keys = self ? QUERIES : KEYS;
      var query = input("query", QUERIES, WIDTH);
      var key = self ? query : widened(input("key", keys, kdim), wider);
      var value = self ? query : widened(input("value", keys, vdim), wider);
      var padding = padding(keys);
      var attnMask = attnMask(keys);
      var result = composed(module, query, key, value, padding, attnMask);
      if (!attnMask.defined() || attnMask.dim() == 2) {
        var own = module.forward(query, key, value, padding, weights != Weights.NONE, attnMask,
            weights != Weights.PER_HEAD);
        requireEqual(own.get0(), result.get(0));
        if (weights != Weights.NONE) {
          requireEqual(own.get1(), result.get(1));
        }
      }
      sample.result("output", switch (form) {
        case LENGTH_FIRST -> result.get(0);
        case BATCH_FIRST -> result.get(0).transpose(0, 1);
        case UNBATCHED -> result.get(0).squeeze(1);
      });
      if (weights != Weights.NONE) {
        sample.result("weights", form == Form.UNBATCHED ? result.get(1).squeeze(0) : result.get(1));
      }
      sample.backward();
    }

    /** Output and weights. */
    private List<Tensor> composed(MultiheadAttentionImpl module, Tensor query, Tensor key, Tensor value, Tensor padding,
        Tensor attnMask) {
      var parameters = StateModel.parameters(module);
      var packed = parameters.get("in_proj_weight");
      var ofQuery = packed == null ? module.q_proj_weight() : packed.narrow(0, 0, WIDTH);
      var ofKey = packed == null ? module.k_proj_weight() : packed.narrow(0, WIDTH, WIDTH);
      var ofValue = packed == null ? module.v_proj_weight() : packed.narrow(0, 2 * WIDTH, WIDTH);
      var biases = parameters.get("in_proj_bias");
      var q = projected(query, ofQuery, biases, 0);
      var k = projected(key, ofKey, biases, 1);
      var v = projected(value, ofValue, biases, 2);
      var mask = attnMask.defined() ? attnMask : Values.real(new double[1]);
      if (padding.defined()) {
        var perHead = added(padding).reshape(batch(), 1, 1, -1).expand(batch(), HEADS, 1, padding.size(1));
        mask = mask.add(perHead.reshape(batch() * HEADS, 1, -1));
      }
      int added = 0;
      if (biasKv) {
        added++;
        k = torch.cat(new TensorVector(k, parameters.get("bias_k").expand(1, batch(), WIDTH)), 0);
        v = torch.cat(new TensorVector(v, parameters.get("bias_v").expand(1, batch(), WIDTH)), 0);
      }
      if (zeroAttn) {
        added++;
        var zeros = Values.real(new double[batch() * WIDTH], 1, batch(), WIDTH);
        k = torch.cat(new TensorVector(k, zeros), 0);
        v = torch.cat(new TensorVector(v, zeros), 0);
      }
      if (added > 0 && mask.dim() > 1) {
        var shape = Values.shapeOf(mask);
        shape[shape.length - 1] = added;
        mask = torch.cat(new TensorVector(mask, torch.zeros(shape).to(torch.ScalarType.Double)), -1);
      }
      var logits = torch.matmul(heads(q), heads(k).transpose(1, 2)).mul(new Scalar(1 / Math.sqrt(WIDTH / HEADS)));
      var each = torch.softmax(logits.add(mask), -1);
      var sum = torch.matmul(each, heads(v)).transpose(0, 1).reshape(QUERIES, batch(), WIDTH);
      var output = torch.matmul(sum, parameters.get("out_proj.weight").t());
      output = bias ? output.add(parameters.get("out_proj.bias")) : output;
      each = each.reshape(batch(), HEADS, QUERIES, -1);
      return List.of(output, weights == Weights.PER_HEAD ? each : each.mean(1));
    }

    private Tensor projected(Tensor input, Tensor weight, Tensor biases, int part) {
      var y = torch.matmul(input, weight.t());
      return biases == null ? y : y.add(biases.narrow(0, (long) part * WIDTH, WIDTH));
    }

    /** (length, batch, width) to (batch x heads, length, width of a head). */
    private Tensor heads(Tensor x) {
      return x.reshape(-1, batch() * HEADS, WIDTH / HEADS).transpose(0, 1);
    }

    private void requireEqual(Tensor own, Tensor composed) {
      double difference = own.sub(composed).abs().max().item_double();
      if (!(difference < 1e-12)) {
        throw new IllegalStateException(sample.name() + ": composed is " + difference + " off libtorch's module");
      }
    }

    /** An input in the case's own form, turned to the length first. */
    private Tensor input(String name, int length, int width) {
      return switch (form) {
        case LENGTH_FIRST -> sample.leaf(name, 2, length, BATCH, width);
        case BATCH_FIRST -> sample.leaf(name, 2, BATCH, length, width).transpose(0, 1);
        case UNBATCHED -> sample.leaf(name, 2, length, width).unsqueeze(1);
      };
    }

    /** With zeros beside it, up to a width. */
    private Tensor widened(Tensor value, int width) {
      var shape = Values.shapeOf(value);
      shape[shape.length - 1] = width - shape[shape.length - 1];
      return torch.cat(new TensorVector(value, torch.zeros(shape).to(torch.ScalarType.Double)), -1);
    }

    private int batch() {
      return form == Form.UNBATCHED ? 1 : BATCH;
    }

    /** The last key of the first row is padding, and the last two of the second. */
    private Tensor padding(int keys) {
      if (!padded) {
        return new Tensor();
      }
      var flags = new long[batch() * keys];
      for (int row = 0; row < batch(); row++) {
        for (int k = keys - 1 - row; k < keys; k++) {
          flags[row * keys + k] = 1;
        }
      }
      return form == Form.UNBATCHED ? sample.mask("key_padding_mask", flags, keys).unsqueeze(0)
          : sample.mask("key_padding_mask", flags, batch(), keys);
    }

    private Tensor attnMask(int keys) {
      return switch (mask) {
        case NONE -> new Tensor();
        case BOOL -> added(sample.mask("attn_mask", drawn(QUERIES, keys), QUERIES, keys));
        case BOOL_PER_HEAD -> added(sample.mask("attn_mask", drawn(batch() * HEADS * QUERIES, keys), batch() * HEADS,
            QUERIES, keys));
        case FLOAT -> sample.leaf("attn_mask", 3, QUERIES, keys);
        case FLOAT_PER_HEAD -> sample.leaf("attn_mask", 3, batch() * HEADS, QUERIES, keys);
        case CAUSAL -> added(torch.ones(QUERIES, keys).triu(1).ne(new Scalar(0.0)));
      };
    }

    /** What is masked out as what is added. */
    private Tensor added(Tensor flags) {
      return torch.zeros(Values.shapeOf(flags)).to(torch.ScalarType.Double).masked_fill(flags, new Scalar(OUT));
    }

    /** About a third is masked out; never the first key, so that no row is empty. */
    private long[] drawn(int rows, int keys) {
      var flags = new long[rows * keys];
      for (int i = 0; i < flags.length; i++) {
        flags[i] = i % keys == 0 || sample.below(3) > 0 ? 0 : 1;
      }
      return flags;
    }
  }
}
