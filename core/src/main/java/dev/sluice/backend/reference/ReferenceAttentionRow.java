package dev.sluice.backend.reference;

import static dev.sluice.backend.reference.ReferenceBuffer.booleans;
import static dev.sluice.backend.reference.ReferenceBuffer.booleansOrNull;
import static dev.sluice.backend.reference.ReferenceBuffer.reals;
import static dev.sluice.backend.reference.ReferenceBuffer.realsOrNull;

import dev.sluice.spi.AttentionKernels.Inputs;
import dev.sluice.spi.AttentionSpec;
import dev.sluice.spi.AttentionSpec.Layout;
import dev.sluice.spi.Selection;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Walks the query rows of a call, (batch, heads, queries), and knows of each which keys take part, their logits, the
 * selected and the dropped ones.
 */
final class ReferenceAttentionRow {
  private final AttentionSpec spec;
  private final double[] query;
  private final double[] key;
  private final boolean @Nullable [] mask;
  private final double @Nullable [] bias;
  private final int @Nullable [] lengths;
  private final boolean[] predicate;
  private final @Nullable Layout predicateLayout;
  private final ReferenceDrops drops;
  private final double scale;
  private final int rows;
  final double dropoutScale;
  final double[] logits;
  int index = -1;
  private int batch;
  private int head;
  private int i;

  ReferenceAttentionRow(String operation, AttentionSpec spec, Inputs inputs) {
    this.spec = spec;
    query = reals(inputs.query());
    key = reals(inputs.key());
    mask = spec.mask() == null ? null : booleansOrNull(inputs.mask());
    bias = spec.bias() == null ? null : realsOrNull(inputs.bias());
    lengths = spec.lengths()
        ? ReferenceArguments.lengths(operation, inputs.lengths(), spec.batch(), spec.keys()) : null;
    predicateLayout = spec.selection() instanceof Selection.Predicate given ? given.layout() : null;
    predicate = predicateLayout == null ? new boolean[0] : booleans(Objects.requireNonNull(inputs.predicate()));
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

  /** Chooses among the weights of those that take part. */
  void select(boolean[] takes, double[] order, double[] weights, boolean[] kept) {
    ReferenceSelection.choose(spec.selection(), index, takes, order, weights, predicate,
        predicateLayout == null ? 0 : queryRow(predicateLayout), kept);
  }

  /** Whether dropout leaves the weight of key j. */
  boolean keeps(int j) {
    return drops.keeps((long) index * spec.keys() + j);
  }

  /** Where this query's row of a layout starts. */
  int queryRow(Layout layout) {
    return ReferenceAttention.at(layout, batch, head, i);
  }

  /** Where the row of key j, under this query's head, starts. */
  int keyRow(Layout layout, int j) {
    return ReferenceAttention.at(layout, batch, spec.keyHead(head), j);
  }
}
