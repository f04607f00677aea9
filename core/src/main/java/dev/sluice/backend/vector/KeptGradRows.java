package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.AttentionArrays.at;

import dev.sluice.backend.vector.AttentionBackward.Flow;
import dev.sluice.spi.AttentionSpec;
import java.util.Arrays;

/**
 * The backward pass of some queries where kept weights are divided by their sum: keys that are not kept have no part in
 * it. {@code P} is the softmax of kept logits, {@code dP = dropout'(dOut V^T + dWeights)}, {@code dLogits = P (dP - sum
 * P dP)}. So that P sums to 1 to the last digit, its logits' sum is made anew: they are added up in another order than
 * forward; of that only NaN is taken over.
 */
final class KeptGradRows implements AttentionBackward.Queries {
  private final AttentionArrays arrays;
  private final AttentionSpec spec;
  private final Flow flow;
  private final Scratch scratch;
  private final KeptKeys kept;
  private final KeptDraw draw;
  private final int keyPitch;
  private final int valuePitch;
  /** {@code scale Q} and dOut of a query, filled up with zeros. */
  private final float[] query;
  private final float[] gradOutput;
  /** Of each kept key: P, then dLogits. */
  private final float[] weights;
  /** Of each kept key: dP. */
  private final float[] gradients;
  private final float[] factors;
  /** Of each kept key that dropout leaves. */
  private final int[] left;
  private final float[] numbers;
  /** Kept keys and weights. */
  private final KeptProduct.Lists list;

  KeptGradRows(AttentionArrays arrays, Flow flow, Scratch scratch) {
    this.arrays = arrays;
    this.flow = flow;
    this.scratch = scratch;
    spec = arrays.spec();
    kept = new KeptKeys(spec.selection(), spec.keys(), scratch);
    draw = new KeptDraw(spec.dropout());
    keyPitch = Lanes.padded(spec.width());
    valuePitch = Lanes.padded(spec.valueWidth());
    query = scratch.borrow(keyPitch);
    gradOutput = scratch.borrow(valuePitch);
    weights = scratch.borrow(KeptKeys.padded(spec.keys()));
    gradients = scratch.borrow(spec.keys());
    factors = scratch.borrow(spec.keys());
    left = new int[spec.keys()];
    numbers = scratch.borrow(spec.keys());
    list = new KeptProduct.Lists(kept.indices, weights, new int[1], new int[1], 1);
  }

  @Override
  public void close() {
    kept.close();
    scratch.release(query);
    scratch.release(gradOutput);
    scratch.release(weights);
    scratch.release(gradients);
    scratch.release(factors);
    scratch.release(numbers);
  }

  @Override
  public void run(int batch, int head, int firstQuery, int queries, float[] gradKeys, float[] gradValues) {
    for (int i = firstQuery; i < firstQuery + queries; i++) {
      int row = arrays.row(batch, head, i);
      turnTo(batch, head, i);
      int count = kept.count();
      weigh(batch, head, i, row);
      meetValues(batch, head, row, gradValues);
      float delta = 0;
      for (int c = 0; c < count; c++) {
        delta = Math.fma(weights[c], gradients[c], delta);
      }
      for (int c = 0; c < count; c++) {
        weights[c] *= gradients[c] - delta;
      }
      float[] gradBias = flow.bias();
      if (gradBias != null) {
        Arrays.fill(gradBias, row * spec.keys(), (row + 1) * spec.keys(), 0);
        for (int c = 0; c < count; c++) {
          gradBias[row * spec.keys() + kept.indices[c]] = weights[c];
        }
      }
      KeptProduct.add(kept.indices, weights, count, query, 0, keyPitch, gradKeys);
      Rows.scale(weights, 0, count, (float) spec.scale(), weights, 0);
      int gradQuery = at(spec.query(), batch, head, i);
      Arrays.fill(flow.query(), gradQuery, gradQuery + spec.width(), 0);
      kept.end();
      KeptProduct.sum(list, Integer.MAX_VALUE, arrays.key(), at(spec.key(), batch, spec.keyHead(head), 0),
          spec.key().row(), spec.width(), flow.query(), gradQuery, 0);
    }
  }

  private void turnTo(int batch, int head, int i) {
    kept.recall(arrays, flow.reserve(), batch, head, i);
    Arrays.fill(query, 0, keyPitch, 0);
    Rows.scale(arrays.query(), at(spec.query(), batch, head, i), spec.width(), (float) spec.scale(), query, 0);
    Arrays.fill(gradOutput, 0, valuePitch, 0);
    System.arraycopy(flow.output(), at(spec.output(), batch, head, i), gradOutput, 0, spec.valueWidth());
  }

  /** P of kept keys. */
  private void weigh(int batch, int head, int i, int row) {
    KeptProduct.dots(kept.indices, kept.count(), arrays.key(), at(spec.key(), batch, spec.keyHead(head), 0),
        spec.key().row(), spec.width(), query, 0, weights);
    float[] bias = arrays.bias();
    for (int c = 0; c < kept.count(); c++) {
      float logit = bias == null ? weights[c] : weights[c] + bias[at(spec.bias(), batch, head, i) + kept.indices[c]];
      weights[c] = AttentionTile.open(logit);
    }
    KeptKeys.pad(weights, 0, kept.count());
    int n = KeptKeys.padded(kept.count());
    float sum = HardForward.exp(weights, 0, n, Rows.max(weights, 0, n), weights, 0);
    float saved = flow.reserve()[row * VectorAttention.savedOfRow(spec) + 1];
    Rows.scale(weights, 0, kept.count(), Float.isNaN(saved) ? saved : 1 / sum, weights, 0);
  }

  /** dP of kept keys, and dV. */
  private void meetValues(int batch, int head, int row, float[] gradValues) {
    int count = kept.count();
    Arrays.fill(factors, 0, count, 1);
    if (spec.dropout().drops()) {
      draw.factors((long) row * spec.keys(), kept.indices, count, factors);
    }
    int some = 0;
    for (int c = 0; c < count; c++) {
      left[some] = kept.indices[c];
      some += factors[c] != 0 ? 1 : 0;
    }
    KeptProduct.dots(left, some, arrays.value(), at(spec.value(), batch, spec.keyHead(head), 0), spec.value().row(),
        spec.valueWidth(), gradOutput, 0, numbers);
    float[] gradWeights = flow.weights();
    for (int c = 0, next = 0; c < count; c++) {
      gradients[c] = 0;
      if (factors[c] != 0) {
        float gradient = gradWeights == null ? numbers[next]
            : numbers[next] + gradWeights[row * spec.keys() + kept.indices[c]];
        gradients[c] = factors[c] * gradient;
        numbers[next++] = weights[c] * factors[c];
      }
    }
    KeptProduct.add(left, numbers, some, gradOutput, 0, valuePitch, gradValues);
  }
}
