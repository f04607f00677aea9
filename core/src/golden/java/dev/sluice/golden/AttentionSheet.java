package dev.sluice.golden;

import java.util.Arrays;
import java.util.Locale;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * torch.scaled_dot_product_attention: query (batch, query heads, queries, width), key (batch, heads, keys, width),
 * value (batch, heads, keys, value width). A boolean mask says what takes part; a float mask is added to the logits and
 * has a gradient.
 *
 * <p>The softmax weights, which that function does not return, are made here from matmul and softmax; weights times
 * value must give its output again, or nothing is written.
 */
final class AttentionSheet {
  private static final double OUT = Double.NEGATIVE_INFINITY;

  private final Sheet sheet = new Sheet("attention");

  /** Sizes of a case; heads are those of key and value. */
  private record Sizes(int batch, int queryHeads, int heads, int queries, int keys, int width, int valueWidth) {
    static final Sizes SQUARE = new Sizes(1, 3, 3, 5, 5, 4, 4);
    static final Sizes WIDE = new Sizes(2, 3, 3, 4, 5, 2, 2);
    static final Sizes TALL = new Sizes(1, 2, 2, 7, 4, 3, 3);
    static final Sizes VALUE_WIDTH = new Sizes(2, 2, 2, 3, 4, 2, 5);
    static final Sizes GROUPED = new Sizes(2, 6, 2, 3, 5, 2, 2);
    static final Sizes SHARED = new Sizes(2, 4, 1, 3, 5, 4, 3);
    static final Sizes ONE_QUERY = new Sizes(2, 3, 3, 1, 5, 3, 3);
    static final Sizes ONE_KEY = new Sizes(2, 2, 2, 3, 1, 3, 3);
  }

  private enum MaskKind { NONE, BOOL, FLOAT }

  private AttentionSheet() {}

  static Sheet make() {
    var cases = new AttentionSheet();
    cases.plain("plain", Sizes.WIDE);
    cases.plain("value_width", Sizes.VALUE_WIDTH);
    cases.plain("grouped", Sizes.GROUPED);
    cases.plain("shared_key_value", Sizes.SHARED);
    cases.plain("one_query", Sizes.ONE_QUERY);
    cases.plain("one_key", Sizes.ONE_KEY);
    cases.run("scale", Sizes.WIDE, 0.75, false, MaskKind.NONE);
    cases.run("large_logits", Sizes.SQUARE, 64.0, false, MaskKind.NONE);
    cases.run("causal_square", Sizes.SQUARE, null, true, MaskKind.NONE);
    cases.run("causal_more_keys", Sizes.WIDE, null, true, MaskKind.NONE);
    cases.run("causal_more_queries", Sizes.TALL, null, true, MaskKind.NONE);
    cases.run("causal_grouped_value_width_scale", new Sizes(1, 4, 2, 5, 4, 3, 2), 0.5, true, MaskKind.NONE);
    cases.run("bool_mask", Sizes.WIDE, null, false, MaskKind.BOOL, 4, 5);
    cases.run("bool_mask_keys", Sizes.WIDE, null, false, MaskKind.BOOL, 2, 1, 1, 5);
    cases.run("bool_mask_full", Sizes.WIDE, null, false, MaskKind.BOOL, 2, 3, 4, 5);
    cases.run("bool_mask_grouped", Sizes.GROUPED, null, false, MaskKind.BOOL, 2, 1, 3, 5);
    cases.run("bool_mask_grouped_per_head", Sizes.GROUPED, null, false, MaskKind.BOOL, 2, 6, 3, 5);
    cases.run("float_mask", Sizes.WIDE, null, false, MaskKind.FLOAT, 4, 5);
    cases.run("float_mask_keys", Sizes.WIDE, null, false, MaskKind.FLOAT, 2, 1, 1, 5);
    cases.run("float_mask_full", Sizes.VALUE_WIDTH, 0.5, false, MaskKind.FLOAT, 2, 2, 3, 4);
    cases.run("float_mask_grouped", Sizes.GROUPED, null, false, MaskKind.FLOAT, 1, 6, 3, 5);
    cases.maskedRows("bool_mask_empty_rows", MaskKind.BOOL);
    cases.maskedRows("float_mask_empty_rows", MaskKind.FLOAT);
    return cases.sheet;
  }

  private void plain(String name, Sizes sizes) {
    run(name, sizes, null, false, MaskKind.NONE);
  }

  private void run(String name, Sizes sizes, Double scale, boolean causal, MaskKind kind, long... maskShape) {
    var sample = sheet.sample(name);
    Tensor mask = switch (kind) {
      case NONE -> null;
      case BOOL -> sample.mask("mask", drawFlags(sample, maskShape), maskShape);
      case FLOAT -> sample.leaf("mask", 3, maskShape);
    };
    finish(sample, sizes, scale, causal, kind, mask);
  }

  /** In the first batch row the second query sees no key, in the second none does; the very last query sees one key. */
  private void maskedRows(String name, MaskKind kind) {
    var sample = sheet.sample(name);
    var sizes = new Sizes(3, 2, 2, 3, 5, 2, 3);
    var flags = new long[sizes.batch * sizes.queries * sizes.keys];
    Arrays.fill(flags, 1);
    Arrays.fill(flags, sizes.keys, 2 * sizes.keys, 0);
    Arrays.fill(flags, sizes.queries * sizes.keys, 2 * sizes.queries * sizes.keys, 0);
    Arrays.fill(flags, flags.length - sizes.keys, flags.length - 1, 0);
    long[] shape = {sizes.batch, 1, sizes.queries, sizes.keys};
    Tensor mask;
    if (kind == MaskKind.BOOL) {
      mask = sample.mask("mask", flags, shape);
    } else {
      var data = sample.draw(2, shape);
      for (int i = 0; i < data.length; i++) {
        data[i] = flags[i] == 0 ? OUT : data[i];
      }
      mask = sample.leaf("mask", Values.real(data, shape));
    }
    finish(sample, sizes, null, false, kind, mask);
  }

  /** About a third of the flags is off; the first key always takes part, so that no row is empty. */
  private static long[] drawFlags(Sample sample, long[] shape) {
    int keys = Math.toIntExact(shape[shape.length - 1]);
    var flags = new long[(int) Arrays.stream(shape).reduce(1, (left, right) -> left * right)];
    for (int i = 0; i < flags.length; i++) {
      flags[i] = i % keys == 0 || sample.below(3) > 0 ? 1 : 0;
    }
    return flags;
  }

  private static void finish(Sample sample, Sizes sizes, Double scale, boolean causal, MaskKind kind, Tensor mask) {
    boolean grouped = sizes.queryHeads != sizes.heads;
    sample.option("isCausal", causal).option("enableGqa", grouped)
        .option("mask", kind.name().toLowerCase(Locale.ROOT));
    if (scale != null) {
      sample.option("scale", scale);
    }
    var query = sample.leaf("query", 2, sizes.batch, sizes.queryHeads, sizes.queries, sizes.width);
    var key = sample.leaf("key", 2, sizes.batch, sizes.heads, sizes.keys, sizes.width);
    var value = sample.leaf("value", 2, sizes.batch, sizes.heads, sizes.keys, sizes.valueWidth);
    var output = torch.scaled_dot_product_attention(query, key, value,
        mask == null ? new TensorOptional() : new TensorOptional(mask), 0.0, causal,
        scale == null ? new DoubleOptional() : new DoubleOptional(scale), grouped);

    int group = sizes.queryHeads / sizes.heads;
    double factor = scale == null ? 1 / Math.sqrt(sizes.width) : scale;
    var logits = torch.matmul(query.detach(), repeated(key, group).transpose(2, 3)).mul(new Scalar(factor));
    if (causal) {
      var past = torch.ones(sizes.queries, sizes.keys).tril().ne(new Scalar(0.0));
      logits = logits.masked_fill(past.logical_not(), new Scalar(OUT));
    }
    logits = switch (kind) {
      case NONE -> logits;
      case BOOL -> logits.masked_fill(mask.logical_not(), new Scalar(OUT));
      case FLOAT -> logits.add(mask.detach());
    };
    var empty = torch.isneginf(logits).all(-1, true);
    var weights = torch.softmax(logits, -1).masked_fill(empty, new Scalar(0.0));
    double difference = torch.matmul(weights, repeated(value, group)).sub(output).abs().max().item_double();
    if (!(difference < 1e-12)) {
      throw new IllegalStateException(sample.name() + ": weights x value is " + difference + " off the output");
    }

    sample.result("output", output);
    sample.constant("weights", weights);
    sample.backward();
  }

  private static Tensor repeated(Tensor heads, int group) {
    return torch.repeat_interleave(heads.detach(), group, new LongOptional(1),
        new LongOptional());
  }
}
