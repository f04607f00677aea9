package dev.sluice.conformance;

import dev.sluice.Backends;
import dev.sluice.conformance.AttentionCases.Wanted;
import dev.sluice.spi.AttentionKernels.Gradients;
import dev.sluice.spi.AttentionKernels.Inputs;
import dev.sluice.spi.AttentionSpec;
import dev.sluice.spi.AttentionSpec.Layout;
import dev.sluice.spi.Backend;
import dev.sluice.spi.BackendOptions;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.KernelSpec;
import dev.sluice.spi.Selection;
import java.util.Arrays;

/**
 * One attention, forward (with and without what is optional) and backward. Keys, values, biases and gradients of
 * weights that take no part for any query hold NaN. Some biases are negative infinity; now and then a whole row's are,
 * or a whole row is masked. Special cases have NaN and huge values but no infinities: beside a NaN, the weight of a key
 * whose logit is negative infinity may be 0 or NaN.
 *
 * <p>Where the largest weights are selected, some keys tie; with any selection, values that only meet weights selected
 * out hold NaN too.
 *
 * @param spoiled the operand whose last element is NaN, whatever else takes part
 */
record AttentionScript(AttentionSpec spec, Wanted wanted, Spoiled spoiled) implements Script {
  /** An operand that a backend may look through for what is not finite. */
  enum Spoiled {
    NONE,
    QUERY,
    KEY,
    VALUE,
    GRAD_OUTPUT
  }

  AttentionScript(AttentionSpec spec, Wanted wanted) {
    this(spec, wanted, Spoiled.NONE);
  }

  @Override
  public void run(Bench bench) {
    var operands = spec.operands(KernelSpec.Pass.BACKWARD);
    int[] sizes = operands.stream().mapToInt(operand -> (int) operand.length()).toArray();
    double[] query = finiteOrNaN(bench.draw(sizes[0]));
    double[] key = finiteOrNaN(bench.draw(sizes[1]));
    double[] value = finiteOrNaN(bench.draw(sizes[2]));
    boolean[] mask = Awkward.flags(bench.random(), sizes[3], 0.75);
    double[] bias = finiteOrNaN(bench.draw(sizes[4]));
    boolean[] forbidden = Awkward.flags(bench.random(), bench.isSpecial() ? 0 : sizes[4], 0.1);
    Arrays.setAll(bias, i -> i < forbidden.length && forbidden[i] ? Double.NEGATIVE_INFINITY : bias[i]);
    int[] lengths = Awkward.lengths(bench.random(), spec.lengths() ? spec.batch() : 0, spec.keys());
    boolean[] predicate = Awkward.flags(bench.random(), sizes[6], 0.5);
    double[] gradOutput = finiteOrNaN(bench.draw(sizes[7]));
    double[] gradWeights = finiteOrNaN(bench.draw(spec.weights()));
    boolean wholeRow = bench.random().nextInt(3) == 0 && spec.queries() > 0 && spec.batch() > 0;
    if (wholeRow && spec.mask() != null) {
      Arrays.fill(mask, 0, spec.keys(), false);
    } else if (wholeRow && spec.bias() != null) {
      Arrays.fill(bias, 0, spec.keys(), Double.NEGATIVE_INFINITY);
    }
    if (spec.selection() instanceof Selection.Largest
        || spec.selection() instanceof Selection.ArgMax && spec.bias() == null) {
      tie(bench, key);
    }
    poison(mask, lengths, key, value, bias, gradWeights);
    if (!spec.selection().keepsAll() && !spec.selection().picksOne() && !bench.isSpecial()) {
      poisonDropped(selected(query, key, value, mask, bias, lengths, predicate), value, gradWeights);
    }
    switch (spoiled) {
      case NONE -> { }
      case QUERY -> query[query.length - 1] = Double.NaN;
      case KEY -> key[key.length - 1] = Double.NaN;
      case VALUE -> value[value.length - 1] = Double.NaN;
      case GRAD_OUTPUT -> gradOutput[gradOutput.length - 1] = Double.NaN;
    }

    Inputs inputs = new Inputs(bench.input(query), bench.input(key), bench.input(value),
        spec.mask() == null ? null : bench.flags(mask), spec.bias() == null ? null : bench.input(bias),
        spec.lengths() ? bench.ints(lengths) : null,
        spec.selection() instanceof Selection.Predicate ? bench.flags(predicate) : null);
    var kernels = bench.backend().attention();
    Buffer output = bench.output("output", sizes[7]);
    Buffer weights = wanted == Wanted.WEIGHTS || wanted == Wanted.ALL ? bench.output("weights", spec.weights()) : null;
    Buffer reserve = bench.reserve(kernels.attentionReserve(spec));
    kernels.attention(spec, inputs, output, weights, reserve);
    kernels.attention(spec, inputs, bench.output("output alone", sizes[7]), null, null);
    boolean weightsMatter = wanted == Wanted.GRAD_WEIGHTS || wanted == Wanted.ALL;
    kernels.attentionBackward(spec, inputs, output, reserve, bench.input(gradOutput),
        weightsMatter ? bench.input(gradWeights) : null,
        new Gradients(bench.output("gradQuery", sizes[0]), bench.output("gradKey", sizes[1]),
            bench.output("gradValue", sizes[2]),
            wanted == Wanted.ALL ? bench.output("gradBias", spec.weights()) : null));
  }

  private static double[] finiteOrNaN(double[] values) {
    Arrays.setAll(values, i -> Double.isInfinite(values[i]) ? 1 : values[i]);
    return values;
  }

  /** Fills with NaN what takes part in no weight. */
  private void poison(boolean[] mask, int[] lengths, double[] key, double[] value, double[] bias,
      double[] gradWeights) {
    boolean[] keyRead = new boolean[key.length];
    boolean[] valueRead = new boolean[value.length];
    boolean[] biasRead = new boolean[bias.length];
    for (int b = 0; b < spec.batch(); b++) {
      for (int h = 0; h < spec.heads(); h++) {
        for (int i = 0; i < spec.queries(); i++) {
          int visible = Math.min(spec.visibleKeys(i), spec.lengths() ? lengths[b] : spec.keys());
          for (int j = 0; j < spec.keys(); j++) {
            int weight = ((b * spec.heads() + h) * spec.queries() + i) * spec.keys() + j;
            boolean seen = j < visible && (spec.mask() == null || mask[at(spec.mask(), b, h, i) + j]);
            boolean kept = seen && spec.dropout().keeps(weight);
            int keyHead = spec.keyHead(h);
            if (seen) {
              mark(keyRead, at(spec.key(), b, keyHead, j), spec.width());
            }
            if (seen && spec.bias() != null) {
              biasRead[at(spec.bias(), b, h, i) + j] = true;
            }
            if (kept) {
              mark(valueRead, at(spec.value(), b, keyHead, j), spec.valueWidth());
            } else {
              gradWeights[weight] = Double.NaN;
            }
          }
        }
      }
    }
    fillUnread(key, keyRead);
    fillUnread(value, valueRead);
    fillUnread(bias, biasRead);
  }

  /** Makes some keys equal to the one before, so that their weights tie. */
  private void tie(Bench bench, double[] key) {
    for (int b = 0; b < spec.batch(); b++) {
      for (int h = 0; h < spec.keyHeads(); h++) {
        for (int j = 1; j < spec.keys(); j++) {
          if (bench.random().nextInt(4) == 0) {
            System.arraycopy(key, at(spec.key(), b, h, j - 1), key, at(spec.key(), b, h, j), spec.width());
          }
        }
      }
    }
  }

  /** The weights that the reference makes. */
  private double[] selected(double[] query, double[] key, double[] value, boolean[] mask, double[] bias, int[] lengths,
      boolean[] predicate) {
    double[] result = new double[spec.weights()];
    try (Backend reference = Backends.create("reference", new BackendOptions(1));
        Bench bench = new Bench(reference, 0, false)) {
      Inputs inputs = new Inputs(bench.input(query), bench.input(key), bench.input(value), bench.flags(mask),
          bench.input(bias), bench.ints(lengths), bench.flags(predicate));
      Buffer weights = bench.output("weights", result.length);
      reference.attention().attention(spec, inputs, bench.output("output", spec.batch() * spec.heads() * spec.queries()
          * spec.valueWidth()), weights, null);
      reference.read(weights, 0, result, 0, result.length);
    }
    return result;
  }

  /** Fills with NaN the values, and gradients of weights, that meet only weights that were selected out or dropped. */
  private void poisonDropped(double[] weights, double[] value, double[] gradWeights) {
    boolean[] read = new boolean[value.length];
    for (int weight = 0; weight < weights.length; weight++) {
      int j = weight % spec.keys();
      int head = weight / spec.keys() / spec.queries();
      if (weights[weight] != 0) {
        mark(read, at(spec.value(), head / spec.heads(), spec.keyHead(head % spec.heads()), j), spec.valueWidth());
      } else {
        gradWeights[weight] = Double.NaN;
      }
    }
    fillUnread(value, read);
  }

  private static int at(Layout layout, int batch, int head, int row) {
    return batch * layout.batch() + head * layout.head() + row * layout.row();
  }

  private static void mark(boolean[] read, int from, int length) {
    Arrays.fill(read, from, from + length, true);
  }

  private static void fillUnread(double[] values, boolean[] read) {
    Arrays.setAll(values, i -> read[i] ? values[i] : Double.NaN);
  }
}
