package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.AttentionArrays.at;
import static dev.sluice.backend.vector.AttentionTile.QUERIES;

import dev.sluice.backend.vector.AttentionBackward.Flow;
import dev.sluice.backend.vector.AttentionBackward.Sums;
import dev.sluice.spi.AttentionSpec;
import java.util.Arrays;

/**
 * The gradients that some queries have with the values they keep, where weights are not renormalised: dP of kept keys,
 * 0 of others, and dV. Numbers of a query lie in a lane, as in {@link AttentionTileGradients}. All queries that keep a
 * key meet its value before the next: what is not read in order are rows of queries, which stay in the first-level
 * cache.
 */
final class KeptValues implements AutoCloseable {
  private final AttentionArrays arrays;
  private final AttentionSpec spec;
  private final Flow flow;
  private final Scratch scratch;
  private final KeptKeys kept;
  private final KeptDraw draw;
  private final int pitch;
  /** What dropout multiplies a weight by that it leaves. */
  private final float factor;
  /** dOut, (queries, value width in whole vectors). */
  private final float[] gradOutputs;
  /** {@code factor dOut / l}, or {@code factor dOut} where a picked key's weight is 1. */
  private final float[] scaledOutputs;
  private final float[] factors;
  /** Workspace of {@link RowDots}. */
  private final float[] block;
  /** Of each key: a bit of each query that keeps it and whose weight dropout leaves. */
  private final long[] keepers;
  private int batch;
  private int head;
  private int firstQuery;

  KeptValues(AttentionArrays arrays, Flow flow, Scratch scratch) {
    this.arrays = arrays;
    this.flow = flow;
    this.scratch = scratch;
    spec = arrays.spec();
    kept = new KeptKeys(spec.selection(), spec.keys(), scratch);
    draw = new KeptDraw(spec.dropout());
    pitch = Lanes.padded(spec.valueWidth());
    factor = spec.dropout().drops() ? (float) spec.dropout().scale() : 1;
    gradOutputs = scratch.borrow(QUERIES * pitch);
    scaledOutputs = scratch.borrow(QUERIES * pitch);
    factors = scratch.borrow(spec.dropout().drops() ? spec.keys() : 0);
    block = scratch.borrow(Lanes.COUNT);
    keepers = new long[spec.keys()];
  }

  @Override
  public void close() {
    kept.close();
    scratch.release(gradOutputs);
    scratch.release(scaledOutputs);
    scratch.release(factors);
    scratch.release(block);
  }

  /**
   * Turns to some queries of a head.
   *
   * @param inverses what makes weights of exponentials, of each query
   */
  void turnTo(int batch, int head, int firstQuery, int queries, float[] inverses) {
    this.batch = batch;
    this.head = head;
    this.firstQuery = firstQuery;
    Arrays.fill(keepers, 0);
    for (int i = 0; i < queries; i++) {
      int row = arrays.row(batch, head, firstQuery + i);
      kept.recall(arrays, flow.reserve(), batch, head, firstQuery + i);
      if (spec.dropout().drops()) {
        draw.factors((long) row * spec.keys(), kept.indices, kept.count(), factors);
        kept.drop(factors);
      }
      kept.mark(keepers, 1L << i);
      System.arraycopy(flow.output(), at(spec.output(), batch, head, firstQuery + i), gradOutputs, i * pitch,
          spec.valueWidth());
      Arrays.fill(gradOutputs, i * pitch + spec.valueWidth(), (i + 1) * pitch, 0);
      // Of a picked key the weight is 1, or NaN where the row's sum is.
      float weight = spec.selection().picksOne() ? inverses[i] / inverses[i] : inverses[i];
      Rows.scale(gradOutputs, i * pitch, pitch, factor * weight, scaledOutputs, i * pitch);
    }
  }

  /** {@code dP = dropout'(dOut V^T + dWeights)} of some keys where they are kept, else 0; (keys, queries in lanes). */
  void weigh(int firstKey, int keys, float[] gradients) {
    Arrays.fill(gradients, firstKey * QUERIES, (firstKey + keys) * QUERIES, 0);
    for (int key = firstKey; key < firstKey + keys; key++) {
      RowDots.marked(keepers[key], gradOutputs, pitch, spec.valueWidth(), arrays.value(),
          at(spec.value(), batch, spec.keyHead(head), key), gradients, key * QUERIES, block);
    }
    float[] gradWeights = flow.weights();
    for (int key = firstKey; (factor != 1 || gradWeights != null) && key < firstKey + keys; key++) {
      for (long left = keepers[key]; left != 0; left &= left - 1) {
        int i = Long.numberOfTrailingZeros(left);
        int row = arrays.row(batch, head, firstQuery + i);
        float more = gradWeights == null ? 0 : gradWeights[row * spec.keys() + key];
        gradients[key * QUERIES + i] = factor * (gradients[key * QUERIES + i] + more);
      }
    }
  }

  /**
   * {@code dV += W^T dOut} of some keys.
   *
   * @param exponentials (keys, queries in lanes)
   */
  void spread(int firstKey, int keys, float[] exponentials, Sums gradValues) {
    for (int key = firstKey; key < firstKey + keys; key++) {
      if (spec.selection().picksOne()) {
        KeptProduct.sum(keepers[key], scaledOutputs, pitch, gradValues.rows(), gradValues.at(key));
      } else {
        KeptProduct.sum(keepers[key], exponentials, key * QUERIES, scaledOutputs, pitch, gradValues.rows(),
            gradValues.at(key));
      }
    }
  }
}
