package dev.sluice.backend.reference;

import static dev.sluice.backend.reference.ReferenceBuffer.booleansOrNull;
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
 * q[i].k[j] + bias[i,j]}, {@code p[j] = exp(s[j] - max) / sum_j exp(s[j] - max)}, {@code w[j] = dropout(p[j])}, {@code
 * out[i] = sum_j w[j] v[j]}. Backward: {@code dw[j] = dout[i].v[j] + dweights[i,j]}, {@code dp[j] = dropout'(dw[j])},
 * {@code delta = sum_j p[j] dp[j]}, {@code ds[j] = p[j] (dp[j] - delta)}, {@code dq[i] += scale ds[j] k[j]}, {@code
 * dk[j] += scale ds[j] q[i]}, {@code dv[j] += w[j] dout[i]}, {@code dbias[i,j] = ds[j]}.
 *
 * <p>A key takes part if causality, length and mask allow it and its bias is not negative infinity: an additive mask
 * masks as the boolean one does. The reserve holds each row's max and sum, (batch, heads, queries, 2); the sum is 0
 * where the row is empty.
 *
 * <p>Numbers of the spec enter by lines of their own, where the float twin rounds them.
 */
final class ReferenceAttention implements AttentionKernels {
  @Override
  public int attentionReserve(AttentionSpec spec) {
    return ReferenceArguments.elements("attention", "reserve", spec.batch(), spec.heads(), spec.queries(), 2);
  }

  @Override
  public void attention(AttentionSpec spec, Inputs inputs, Buffer output, @Nullable Buffer weights,
      @Nullable Buffer reserve) {
    ReferenceArguments.check("attention", spec.operands(Pass.FORWARD), inputs.query(), inputs.key(), inputs.value(),
        inputs.mask(), inputs.bias(), inputs.lengths(), output, weights, reserve);
    ReferenceArguments.checkReserve("attention", reserve, attentionReserve(spec));
    Row row = new Row("attention", spec, inputs);
    double[] value = reals(inputs.value());
    double[] out = reals(output);
    double[] allWeights = realsOrNull(weights);
    double[] saved = realsOrNull(reserve);
    while (row.next()) {
      double max = Double.NEGATIVE_INFINITY;
      for (int j = 0; j < spec.keys(); j++) {
        if (row.takes(j)) {
          row.logits[j] = row.logit(j);
          max = Math.max(max, row.logits[j]);
        }
      }
      boolean empty = max == Double.NEGATIVE_INFINITY;
      double sum = 0;
      for (int j = 0; j < spec.keys(); j++) {
        if (!empty && row.takes(j)) {
          sum += Math.exp(row.logits[j] - max);
        }
      }
      int outRow = row.queryRow(spec.output());
      Arrays.fill(out, outRow, outRow + spec.valueWidth(), 0);
      for (int j = 0; j < spec.keys(); j++) {
        boolean kept = !empty && row.takes(j) && row.keeps(j);
        double weight = kept ? row.dropoutScale * (Math.exp(row.logits[j] - max) / sum) : 0;
        for (int d = 0; d < spec.valueWidth() && kept; d++) {
          out[outRow + d] += weight * value[row.keyRow(spec.value(), j) + d];
        }
        if (allWeights != null) {
          allWeights[row.index * spec.keys() + j] = weight;
        }
      }
      if (saved != null) {
        saved[2 * row.index] = max;
        saved[2 * row.index + 1] = sum;
      }
    }
  }

  @Override
  public void attentionBackward(AttentionSpec spec, Inputs inputs, Buffer output, Buffer reserve, Buffer gradOutput,
      @Nullable Buffer gradWeights, Gradients gradients) {
    ReferenceArguments.check("attentionBackward", spec.operands(Pass.BACKWARD), inputs.query(), inputs.key(),
        inputs.value(), inputs.mask(), inputs.bias(), inputs.lengths(), output, reserve, gradOutput, gradWeights,
        gradients.query(), gradients.key(), gradients.value(), gradients.bias());
    ReferenceArguments.checkReserve("attentionBackward", reserve, attentionReserve(spec));
    Row row = new Row("attentionBackward", spec, inputs);
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
    double scale = spec.scale();
    zero(gradQuery, spec.query(), spec.batch(), spec.heads(), spec.queries(), spec.width());
    zero(gradKey, spec.key(), spec.batch(), spec.keyHeads(), spec.keys(), spec.width());
    zero(gradValue, spec.value(), spec.batch(), spec.keyHeads(), spec.keys(), spec.valueWidth());
    while (row.next()) {
      int queryRow = row.queryRow(spec.query());
      int outRow = row.queryRow(spec.output());
      double max = saved[2 * row.index];
      double sum = saved[2 * row.index + 1];
      boolean empty = sum == 0;
      double delta = 0;
      for (int j = 0; j < spec.keys(); j++) {
        if (!empty && row.takes(j)) {
          p[j] = Math.exp(row.logit(j) - max) / sum;
          gradP[j] = 0;
          if (row.keeps(j)) {
            int valueRow = row.keyRow(spec.value(), j);
            double weight = row.dropoutScale * p[j];
            double gradWeight = gradAllWeights == null ? 0 : gradAllWeights[row.index * spec.keys() + j];
            for (int d = 0; d < spec.valueWidth(); d++) {
              gradWeight += gradOut[outRow + d] * value[valueRow + d];
              gradValue[valueRow + d] += weight * gradOut[outRow + d];
            }
            gradP[j] = row.dropoutScale * gradWeight;
            delta += p[j] * gradP[j];
          }
        }
      }
      for (int j = 0; j < spec.keys(); j++) {
        boolean takes = !empty && row.takes(j);
        double gradLogit = takes ? p[j] * (gradP[j] - delta) : 0;
        int keyRow = row.keyRow(spec.key(), j);
        for (int d = 0; d < spec.width() && takes; d++) {
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

  private static int at(Layout layout, int batch, int head, int row) {
    return batch * layout.batch() + head * layout.head() + row * layout.row();
  }

  /**
   * Walks the query rows of a call, (batch, heads, queries), and knows of each which keys take part, their logits and
   * the dropped ones.
   */
  private static final class Row {
    private final AttentionSpec spec;
    private final double[] query;
    private final double[] key;
    private final boolean @Nullable [] mask;
    private final double @Nullable [] bias;
    private final int @Nullable [] lengths;
    private final ReferenceDrops drops;
    private final double scale;
    private final int rows;
    final double dropoutScale;
    final double[] logits;
    int index = -1;
    private int batch;
    private int head;
    private int i;

    Row(String operation, AttentionSpec spec, Inputs inputs) {
      this.spec = spec;
      query = reals(inputs.query());
      key = reals(inputs.key());
      mask = spec.mask() == null ? null : booleansOrNull(inputs.mask());
      bias = spec.bias() == null ? null : realsOrNull(inputs.bias());
      lengths = spec.lengths()
          ? ReferenceArguments.lengths(operation, inputs.lengths(), spec.batch(), spec.keys()) : null;
      drops = new ReferenceDrops(spec.dropout());
      double scale = spec.scale();
      double dropoutScale = spec.dropout().scale();
      this.scale = scale;
      this.dropoutScale = dropoutScale;
      rows = spec.batch() * spec.heads() * spec.queries();
      logits = new double[spec.keys()];
    }

    boolean next() {
      index++;
      if (index >= rows) {
        return false;
      }
      i = index % spec.queries();
      head = index / spec.queries() % spec.heads();
      batch = index / spec.queries() / spec.heads();
      return true;
    }

    boolean takes(int j) {
      return j < spec.visibleKeys(i)
          && (lengths == null || j < lengths[batch])
          && (mask == null || spec.mask() == null || mask[queryRow(spec.mask()) + j])
          && (bias == null || spec.bias() == null || bias[queryRow(spec.bias()) + j] != Double.NEGATIVE_INFINITY);
    }

    double logit(int j) {
      int queryRow = queryRow(spec.query());
      int keyRow = keyRow(spec.key(), j);
      double dot = 0;
      for (int d = 0; d < spec.width(); d++) {
        dot += query[queryRow + d] * key[keyRow + d];
      }
      return bias == null || spec.bias() == null ? scale * dot : scale * dot + bias[queryRow(spec.bias()) + j];
    }

    boolean keeps(int j) {
      return drops.keeps((long) index * spec.keys() + j);
    }

    /** Where this query's row of a layout starts. */
    int queryRow(Layout layout) {
      return at(layout, batch, head, i);
    }

    /** Where the row of key j, under this query's head, starts. */
    int keyRow(Layout layout, int j) {
      return at(layout, batch, spec.keyHead(head), j);
    }
  }
}
