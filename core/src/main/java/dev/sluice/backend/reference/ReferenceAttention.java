package dev.sluice.backend.reference;

import static dev.sluice.backend.reference.ReferenceBuffer.reals;
import static dev.sluice.backend.reference.ReferenceBuffer.realsOrNull;

import dev.sluice.spi.AttentionKernels;
import dev.sluice.spi.AttentionSpec;
import dev.sluice.spi.AttentionSpec.Layout;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.KernelSpec.Pass;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Attention, query row by query row. For the keys j that take part in the row of query i of a head: {@code s[j] = scale
 * q[i].k[j] + bias[i,j]}, {@code p[j] = exp(s[j] - max) / sum_j exp(s[j] - max)}, {@code w[j] = dropout(select(p[j]))},
 * {@code out[i] = sum_j w[j] v[j]}. Backward: {@code dw[j] = dout[i].v[j] + dweights[i,j]}, {@code dp[j] =
 * select'(dropout'(dw[j]))}, {@code delta = sum_j p[j] dp[j]}, {@code ds[j] = p[j] (dp[j] - delta)}, {@code dq[i] +=
 * scale ds[j] k[j]}, {@code dk[j] += scale ds[j] q[i]}, {@code dv[j] += w[j] dout[i]}, {@code dbias[i,j] = ds[j]}.
 *
 * <p>A key takes part if causality, length and mask allow it and its bias is not negative infinity: an additive mask
 * masks as the boolean one does. Kept weights divided by their sum are the softmax of kept logits, and made so: their
 * sum may round to 0 where another logit is far above.
 *
 * <p>The reserve holds for each row max and sum, of kept logits where weights are renormalised, the sum 0 where the row
 * is empty; of a selection also 1 for each key that is kept and 0 for others: (batch, heads, queries, 2 + keys).
 *
 * <p>Numbers of the spec enter by lines of their own, where the float twin rounds them.
 */
final class ReferenceAttention implements AttentionKernels {
  @Override
  public int attentionReserve(AttentionSpec spec) {
    return ReferenceArguments.elements("attention", "reserve", spec.batch(), spec.heads(), spec.queries(),
        savedOfRow(spec));
  }

  private static int savedOfRow(AttentionSpec spec) {
    return spec.selection().keepsAll() ? 2 : 2 + spec.keys();
  }

  @Override
  public void attention(AttentionSpec spec, Inputs inputs, Buffer output, @Nullable Buffer weights,
      @Nullable Buffer reserve) {
    ReferenceArguments.check("attention", spec.operands(Pass.FORWARD), inputs.query(), inputs.key(), inputs.value(),
        inputs.mask(), inputs.bias(), inputs.lengths(), inputs.predicate(), output, weights, reserve);
    ReferenceArguments.checkReserve("attention", reserve, attentionReserve(spec));
    ReferenceAttentionRow row = new ReferenceAttentionRow("attention", spec, inputs);
    double[] value = reals(inputs.value());
    double[] out = reals(output);
    double[] allWeights = realsOrNull(weights);
    double[] saved = realsOrNull(reserve);
    double[] p = new double[spec.keys()];
    boolean[] takes = new boolean[spec.keys()];
    boolean[] kept = new boolean[spec.keys()];
    while (row.next()) {
      double max = Double.NEGATIVE_INFINITY;
      for (int j = 0; j < spec.keys(); j++) {
        takes[j] = row.takes(j);
        row.logits[j] = takes[j] ? row.logit(j) : 0;
        max = takes[j] ? Math.max(max, row.logits[j]) : max;
      }
      boolean empty = max == Double.NEGATIVE_INFINITY;
      double sum = 0;
      for (int j = 0; j < spec.keys(); j++) {
        takes[j] &= !empty;
        sum += takes[j] ? Math.exp(row.logits[j] - max) : 0;
      }
      for (int j = 0; j < spec.keys(); j++) {
        p[j] = takes[j] ? Math.exp(row.logits[j] - max) / sum : 0;
      }
      row.select(takes, Double.isNaN(sum) ? p : row.logits, p, kept);
      if (spec.selection().renormalises()) {
        max = Double.NEGATIVE_INFINITY;
        for (int j = 0; j < spec.keys(); j++) {
          max = kept[j] ? Math.max(max, row.logits[j]) : max;
        }
        // 0, or NaN: a NaN that was not kept shows as well.
        sum -= sum;
        for (int j = 0; j < spec.keys(); j++) {
          sum += kept[j] ? Math.exp(row.logits[j] - max) : 0;
        }
      }
      int outRow = row.queryRow(spec.output());
      Arrays.fill(out, outRow, outRow + spec.valueWidth(), 0);
      for (int j = 0; j < spec.keys(); j++) {
        boolean counts = kept[j] && row.keeps(j);
        double weight = counts ? row.dropoutScale * weight(spec, row.logits[j], max, sum) : 0;
        for (int d = 0; d < spec.valueWidth() && counts; d++) {
          out[outRow + d] += weight * value[row.keyRow(spec.value(), j) + d];
        }
        if (allWeights != null) {
          allWeights[row.index * spec.keys() + j] = weight;
        }
      }
      if (saved != null) {
        int at = row.index * savedOfRow(spec);
        saved[at] = max;
        saved[at + 1] = sum;
        for (int j = 0; j < spec.keys() && !spec.selection().keepsAll(); j++) {
          saved[at + 2 + j] = kept[j] ? 1 : 0;
        }
      }
    }
  }

  /** The weight of a kept key: of a picked one 1, or NaN where the sum is. */
  private static double weight(AttentionSpec spec, double logit, double max, double sum) {
    return spec.selection().picksOne() ? sum / sum : Math.exp(logit - max) / sum;
  }

  @Override
  public void attentionBackward(AttentionSpec spec, Inputs inputs, Buffer output, Buffer reserve, Buffer gradOutput,
      @Nullable Buffer gradWeights, Gradients gradients) {
    ReferenceArguments.check("attentionBackward", spec.operands(Pass.BACKWARD), inputs.query(), inputs.key(),
        inputs.value(), inputs.mask(), inputs.bias(), inputs.lengths(), inputs.predicate(), output, reserve, gradOutput,
        gradWeights, gradients.query(), gradients.key(), gradients.value(), gradients.bias());
    ReferenceArguments.checkReserve("attentionBackward", reserve, attentionReserve(spec));
    ReferenceAttentionRow row = new ReferenceAttentionRow("attentionBackward", spec, inputs);
    double[] query = reals(inputs.query());
    double[] key = reals(inputs.key());
    double[] value = reals(inputs.value());
    double[] saved = reals(reserve);
    double[] gradOut = reals(gradOutput);
    double[] gradAllWeights = realsOrNull(gradWeights);
    double[] gradQuery = reals(gradients.query());
    double[] gradKey = reals(gradients.key());
    double[] gradValue = reals(gradients.value());
    double[] gradBias = realsOrNull(gradients.bias());
    double[] p = new double[spec.keys()];
    double[] gradP = new double[spec.keys()];
    boolean picksOne = spec.selection().picksOne();
    double scale = spec.scale();
    zero(gradQuery, spec.query(), spec.batch(), spec.heads(), spec.queries(), spec.width());
    zero(gradKey, spec.key(), spec.batch(), spec.keyHeads(), spec.keys(), spec.width());
    zero(gradValue, spec.value(), spec.batch(), spec.keyHeads(), spec.keys(), spec.valueWidth());
    while (row.next()) {
      int queryRow = row.queryRow(spec.query());
      int outRow = row.queryRow(spec.output());
      int at = row.index * savedOfRow(spec);
      double max = saved[at];
      double sum = saved[at + 1];
      boolean empty = sum == 0;
      double delta = 0;
      for (int j = 0; j < spec.keys(); j++) {
        boolean kept = !empty && row.takes(j) && (spec.selection().keepsAll() || saved[at + 2 + j] == 1);
        boolean counts = spec.selection().renormalises() ? kept : !empty && row.takes(j);
        p[j] = counts ? Math.exp(row.logit(j) - max) / sum : 0;
        gradP[j] = 0;
        if (counts && (kept || picksOne) && row.keeps(j)) {
          int valueRow = row.keyRow(spec.value(), j);
          double weight = kept ? row.dropoutScale * (picksOne ? sum / sum : p[j]) : 0;
          double gradWeight = gradAllWeights == null ? 0 : gradAllWeights[row.index * spec.keys() + j];
          for (int d = 0; d < spec.valueWidth(); d++) {
            gradWeight += gradOut[outRow + d] * value[valueRow + d];
            gradValue[valueRow + d] += kept ? weight * gradOut[outRow + d] : 0;
          }
          gradP[j] = row.dropoutScale * gradWeight;
          delta += p[j] * gradP[j];
        }
      }
      for (int j = 0; j < spec.keys(); j++) {
        boolean counts = !empty && row.takes(j) && (!spec.selection().renormalises() || saved[at + 2 + j] == 1);
        double gradLogit = counts ? p[j] * (gradP[j] - delta) : 0;
        int keyRow = row.keyRow(spec.key(), j);
        for (int d = 0; d < spec.width() && counts; d++) {
          gradQuery[queryRow + d] += scale * gradLogit * key[keyRow + d];
          gradKey[keyRow + d] += scale * gradLogit * query[queryRow + d];
        }
        if (gradBias != null) {
          gradBias[row.index * spec.keys() + j] = gradLogit;
        }
      }
    }
  }

  private static void zero(double[] elements, Layout layout, int batch, int heads, int rows, int width) {
    for (int b = 0; b < batch; b++) {
      for (int h = 0; h < heads; h++) {
        for (int i = 0; i < rows; i++) {
          int start = at(layout, b, h, i);
          Arrays.fill(elements, start, start + width, 0);
        }
      }
    }
  }

  /** Where a row of a layout starts. */
  static int at(Layout layout, int batch, int head, int row) {
    return batch * layout.batch() + head * layout.head() + row * layout.row();
  }
}
