package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.AttentionArrays.at;
import static dev.sluice.backend.vector.AttentionTile.QUERIES;

import dev.sluice.backend.vector.AttentionBackward.Flow;
import dev.sluice.spi.AttentionSpec;
import java.util.Arrays;

/**
 * The gradients that some queries have with the values they keep, where weights are not renormalised: dP of kept keys,
 * 0 of others, and dV. Numbers of a query lie in a lane, as in {@link AttentionGradRows}. All queries meet some values
 * before the next.
 */
final class KeptValues implements AutoCloseable {
  private final AttentionArrays arrays;
  private final AttentionSpec spec;
  private final Flow flow;
  private final Scratch scratch;
  private final KeptKeys kept;
  private final KeptDraw draw;
  private final int pitch;
  /** dOut, (queries, value width in whole vectors). */
  private final float[] gradOutputs;
  private final float[] numbers;
  private final float[] factors;
  private int batch;
  private int head;
  private int firstQuery;
  private int queries;
  private int limit;

  KeptValues(AttentionArrays arrays, Flow flow, Scratch scratch) {
    this.arrays = arrays;
    this.flow = flow;
    this.scratch = scratch;
    spec = arrays.spec();
    kept = new KeptKeys(spec.selection(), spec.keys(), scratch);
    draw = new KeptDraw(spec.dropout());
    pitch = AttentionGradRows.pitch(spec.valueWidth());
    gradOutputs = scratch.borrow(QUERIES * pitch);
    numbers = scratch.borrow(spec.keys());
    factors = scratch.borrow(spec.keys());
  }

  @Override
  public void close() {
    kept.close();
    scratch.release(gradOutputs);
    scratch.release(numbers);
    scratch.release(factors);
  }

  /** Turns to some queries of a head, which see so many keys. */
  void turnTo(int batch, int head, int firstQuery, int queries, int limit) {
    this.batch = batch;
    this.head = head;
    this.firstQuery = firstQuery;
    this.queries = queries;
    this.limit = limit;
    for (int i = 0; i < queries; i++) {
      System.arraycopy(flow.output(), at(spec.output(), batch, head, firstQuery + i), gradOutputs, i * pitch,
          spec.valueWidth());
      Arrays.fill(gradOutputs, i * pitch + spec.valueWidth(), (i + 1) * pitch, 0);
    }
  }

  /** {@code dP = dropout'(dOut V^T + dWeights)} of kept keys, 0 of the others up to the limit. */
  void weigh(float[] gradients) {
    float[] gradWeights = flow.weights();
    for (int key = 0; key < limit; key += KeptKeys.PART) {
      Arrays.fill(gradients, key * QUERIES, Math.min(key + KeptKeys.PART, limit) * QUERIES, 0);
      for (int i = 0; i < queries; i++) {
        int row = arrays.row(batch, head, firstQuery + i);
        find(row, key);
        KeptProduct.dots(kept.indices, kept.count(), arrays.value(), at(spec.value(), batch, spec.keyHead(head), 0),
            spec.value().row(), spec.valueWidth(), gradOutputs, i * pitch, numbers);
        for (int c = 0; c < kept.count(); c++) {
          int index = kept.indices[c];
          float gradient = gradWeights == null ? numbers[c] : numbers[c] + gradWeights[row * spec.keys() + index];
          gradients[index * QUERIES + i] = spec.dropout().drops() ? gradient * factors[c] : gradient;
        }
      }
    }
  }

  /**
   * {@code dV += W^T dOut}.
   *
   * @param exponentials (keys, queries in lanes)
   * @param inverses what makes weights of them
   */
  void spread(float[] exponentials, float[] inverses, float[] gradValues) {
    for (int key = 0; key < limit; key += KeptKeys.PART) {
      for (int i = 0; i < queries; i++) {
        find(arrays.row(batch, head, firstQuery + i), key);
        for (int c = 0; c < kept.count(); c++) {
          // Of a picked key 1, or NaN where the row's sum is.
          float weight = spec.selection().picksOne() ? inverses[i] / inverses[i]
              : exponentials[kept.indices[c] * QUERIES + i] * inverses[i];
          numbers[c] = spec.dropout().drops() ? weight * factors[c] : weight;
        }
        KeptProduct.add(kept.indices, numbers, kept.count(), gradOutputs, i * pitch, pitch, gradValues);
      }
    }
  }

  /** Finds what a row keeps of a part of the keys and dropout leaves, and the factors of that. */
  private void find(int row, int firstKey) {
    kept.restore(flow.reserve(), row * VectorAttention.savedOfRow(spec) + 2, firstKey, firstKey + KeptKeys.PART);
    if (spec.dropout().drops()) {
      draw.factors((long) row * spec.keys(), kept.indices, kept.count(), factors);
      Arrays.fill(numbers, 0, kept.count(), 1);
      kept.drop(factors, numbers);
      System.arraycopy(numbers, 0, factors, 0, kept.count());
    }
  }
}
