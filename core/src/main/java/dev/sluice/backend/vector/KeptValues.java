package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.AttentionArrays.at;
import static dev.sluice.backend.vector.AttentionTile.QUERIES;

import dev.sluice.backend.vector.AttentionBackward.Flow;
import dev.sluice.spi.AttentionSpec;
import java.util.Arrays;

/**
 * The gradients that some queries have with the values they keep, where weights are not renormalised: dP of kept keys,
 * 0 of others, and dV. Numbers of a query lie in a lane, as in {@link AttentionGradRows}.
 */
final class KeptValues implements AutoCloseable {
  private final AttentionArrays arrays;
  private final AttentionSpec spec;
  private final Flow flow;
  private final Scratch scratch;
  private final KeptKeys kept;
  private final KeptDraw draw;
  private final int pitch;
  private final float[] gradOutput;
  private final float[] numbers;
  private final float[] factors;

  KeptValues(AttentionArrays arrays, Flow flow, Scratch scratch) {
    this.arrays = arrays;
    this.flow = flow;
    this.scratch = scratch;
    spec = arrays.spec();
    kept = new KeptKeys(spec.selection(), spec.keys(), scratch);
    draw = new KeptDraw(spec.dropout());
    pitch = AttentionGradRows.pitch(spec.valueWidth());
    gradOutput = scratch.borrow(pitch);
    numbers = scratch.borrow(spec.keys());
    factors = scratch.borrow(spec.keys());
  }

  @Override
  public void close() {
    kept.close();
    scratch.release(gradOutput);
    scratch.release(numbers);
    scratch.release(factors);
  }

  /** {@code dP = dropout'(dOut V^T + dWeights)} of kept keys, 0 of the others up to a limit. */
  void weigh(int batch, int head, int firstQuery, int queries, int limit, float[] gradients) {
    Arrays.fill(gradients, 0, limit * QUERIES, 0);
    for (int i = 0; i < queries; i++) {
      turnTo(batch, head, firstQuery + i);
      KeptProduct.dots(kept.indices, kept.count(), arrays.value(), at(spec.value(), batch, spec.keyHead(head), 0),
          spec.value().row(), spec.valueWidth(), gradOutput, numbers);
      float[] gradWeights = flow.weights();
      int dense = arrays.row(batch, head, firstQuery + i) * spec.keys();
      for (int c = 0; c < kept.count(); c++) {
        int key = kept.indices[c];
        float gradient = gradWeights == null ? numbers[c] : numbers[c] + gradWeights[dense + key];
        gradients[key * QUERIES + i] = spec.dropout().drops() ? gradient * factors[c] : gradient;
      }
    }
  }

  /**
   * {@code dV += W^T dOut}.
   *
   * @param exponentials (keys, queries in lanes)
   * @param inverses what makes weights of them
   */
  void spread(int batch, int head, int firstQuery, int queries, float[] exponentials, float[] inverses,
      float[] gradValues) {
    for (int i = 0; i < queries; i++) {
      turnTo(batch, head, firstQuery + i);
      for (int c = 0; c < kept.count(); c++) {
        // Of a picked key 1, or NaN where the row's sum is.
        float weight = spec.selection().picksOne() ? inverses[i] / inverses[i]
            : exponentials[kept.indices[c] * QUERIES + i] * inverses[i];
        numbers[c] = spec.dropout().drops() ? weight * factors[c] : weight;
      }
      KeptProduct.add(kept.indices, numbers, kept.count(), gradOutput, pitch, gradValues);
    }
  }

  /** Finds what a query keeps and dropout leaves, and the factors of that. */
  private void turnTo(int batch, int head, int query) {
    int row = arrays.row(batch, head, query);
    kept.restore(flow.reserve(), row * VectorAttention.savedOfRow(spec) + 2);
    System.arraycopy(flow.output(), at(spec.output(), batch, head, query), gradOutput, 0, spec.valueWidth());
    Arrays.fill(gradOutput, spec.valueWidth(), pitch, 0);
    if (spec.dropout().drops()) {
      draw.factors((long) row * spec.keys(), kept.indices, kept.count(), factors);
      Arrays.fill(numbers, 0, kept.count(), 1);
      kept.drop(factors, numbers);
      System.arraycopy(numbers, 0, factors, 0, kept.count());
    }
  }
}
