package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.AttentionArrays.at;

import dev.sluice.backend.vector.AttentionBackward.Flow;
import dev.sluice.backend.vector.AttentionBackward.Sums;
import dev.sluice.spi.AttentionSpec;
import dev.sluice.spi.Selection;
import java.util.Arrays;

/**
 * The backward pass row by row: of few queries, and where kept weights are divided by their sum. Of the keys that take
 * part in the softmax, which are those kept if they are renormalised, {@code P} is made anew; of kept ones that dropout
 * leaves {@code dP = dropout'(dOut V^T + dWeights)}, which of others is 0, unless one key is picked: its gradient
 * passes straight through. {@code dLogits = P (dP - sum P dP)}.
 *
 * <p>So that P sums to 1 to the last digit, its logits' sum is made anew: they are added up in another order than
 * forward; of that only NaN is taken over.
 */
final class AttentionRowGradients implements AttentionBackward.Queries {
  private final AttentionArrays arrays;
  private final AttentionSpec spec;
  private final Flow flow;
  private final Scratch scratch;
  private final boolean picksOne;
  private final KeptKeys kept;
  /** Keys of the softmax. */
  private final KeptKeys taking;
  private final KeptDraw draw;
  private final int keyPitch;
  private final int valuePitch;
  /** {@code scale Q} and dOut of a query, filled up with zeros. */
  private final float[] query;
  private final float[] gradOutput;
  /** Of each key that takes part, in the order of their list: P, then dLogits. */
  private final float[] weights;
  /** Likewise: dP. */
  private final float[] gradients;
  /** P and dP of all keys, in their places. */
  private final float[] allWeights;
  private final float[] allGradients;
  /** Keys of some list that dropout leaves, their factors, and numbers of theirs. */
  private final int[] left;
  private final float[] factors;
  private final float[] numbers;
  /** Keys that take part and their weights. */
  private final KeptProduct.Lists list;
  private int batch;
  private int head;
  private int position;
  private int row;

  AttentionRowGradients(AttentionArrays arrays, Flow flow, Scratch scratch) {
    this.arrays = arrays;
    this.flow = flow;
    this.scratch = scratch;
    spec = arrays.spec();
    picksOne = spec.selection().picksOne();
    kept = new KeptKeys(spec.selection(), spec.keys(), scratch);
    boolean sameKeys = spec.selection().keepsAll() || spec.selection().renormalises();
    taking = sameKeys ? kept : new KeptKeys(Selection.ALL, spec.keys(), scratch);
    draw = new KeptDraw(spec.dropout());
    keyPitch = Lanes.padded(spec.width());
    valuePitch = Lanes.padded(spec.valueWidth());
    query = scratch.borrow(keyPitch);
    gradOutput = scratch.borrow(valuePitch);
    weights = scratch.borrow(KeptKeys.padded(spec.keys()) + Lanes.COUNT);
    gradients = scratch.borrow(spec.keys());
    allWeights = scratch.borrow(spec.keys());
    allGradients = scratch.borrow(spec.keys());
    left = scratch.borrowInts(spec.keys());
    factors = scratch.borrow(spec.keys());
    numbers = scratch.borrow(spec.keys() + Lanes.COUNT);
    list = new KeptProduct.Lists(taking.indices, weights, new int[1], new int[1], 1);
  }

  @Override
  public void close() {
    kept.close();
    if (taking != kept) {
      taking.close();
    }
    scratch.release(query);
    scratch.release(gradOutput);
    scratch.release(weights);
    scratch.release(gradients);
    scratch.release(allWeights);
    scratch.release(allGradients);
    scratch.release(left);
    scratch.release(factors);
    scratch.release(numbers);
  }

  @Override
  public void run(int batch, int head, int firstQuery, int queries, Sums gradKeys, Sums gradValues) {
    for (int i = firstQuery; i < firstQuery + queries; i++) {
      turnTo(batch, head, i);
      int count = meetValues();
      KeptProduct.add(left, numbers, count, gradOutput, valuePitch, gradValues);
      differentiate();
      KeptProduct.add(taking.indices, weights, taking.count(), query, keyPitch, gradKeys);
      meetKeys();
    }
  }

  /** Computes all gradients of a head that has one query and keys of its own. */
  void runAlone(int batch, int head) {
    turnTo(batch, head, 0);
    int count = meetValues();
    KeptProduct.store(left, numbers, count, gradOutput, spec.valueWidth(), spec.keys(), flow.value(),
        at(spec.value(), batch, head, 0), spec.value().row());
    differentiate();
    KeptProduct.store(taking.indices, weights, taking.count(), query, spec.width(), spec.keys(), flow.key(),
        at(spec.key(), batch, head, 0), spec.key().row());
    meetKeys();
  }

  /** Turns to a query and makes its P. */
  private void turnTo(int batch, int head, int position) {
    this.batch = batch;
    this.head = head;
    this.position = position;
    row = arrays.row(batch, head, position);
    kept.recall(arrays, flow.reserve(), batch, head, position);
    if (taking != kept && isEmpty()) {
      taking.none();
    } else if (taking != kept) {
      taking.taking(arrays, batch, head, position);
    }
    Arrays.fill(query, spec.width(), keyPitch, 0);
    Rows.scale(arrays.query(), at(spec.query(), batch, head, position), spec.width(), (float) spec.scale(), query, 0);
    Arrays.fill(gradOutput, spec.valueWidth(), valuePitch, 0);
    System.arraycopy(flow.output(), at(spec.output(), batch, head, position), gradOutput, 0, spec.valueWidth());
    weigh();
  }

  private float savedSum() {
    return flow.reserve()[row * VectorAttention.savedOfRow(spec) + 1];
  }

  private boolean isEmpty() {
    return savedSum() == VectorAttention.EMPTY;
  }

  private void weigh() {
    RowDots.listed(taking.indices, taking.count(), arrays.key(), at(spec.key(), batch, spec.keyHead(head), 0),
        spec.key().row(), spec.width(), query, 0, weights);
    float[] bias = arrays.bias();
    for (int c = 0; c < taking.count(); c++) {
      int j = taking.indices[c];
      float more = bias == null ? 0 : bias[at(spec.bias(), batch, head, position) + j];
      weights[c] = AttentionTile.open(weights[c] + more);
    }
    KeptKeys.pad(weights, 0, taking.count());
    int n = KeptKeys.padded(taking.count());
    float sum = AttentionRowForward.exp(weights, 0, n, Rows.max(weights, 0, n), weights, 0);
    Rows.scale(weights, 0, n, Float.isNaN(savedSum()) ? savedSum() : 1 / sum, weights, 0);
  }

  /** Makes dP; lists the keys whose values have a gradient, and what that is of dOut; returns how many. */
  private int meetValues() {
    Arrays.fill(allGradients, 0, spec.keys(), 0);
    int some = leave(picksOne ? taking : kept);
    RowDots.listed(left, some, arrays.value(), at(spec.value(), batch, spec.keyHead(head), 0), spec.value().row(),
        spec.valueWidth(), gradOutput, 0, numbers);
    float[] gradWeights = flow.weights();
    for (int c = 0; c < some; c++) {
      float more = gradWeights == null ? 0 : gradWeights[row * spec.keys() + left[c]];
      allGradients[left[c]] = factors[c] * (numbers[c] + more);
    }
    if (picksOne) {
      some = leave(kept);
      // Of a picked key the weight is 1, or NaN where the row's sum is.
      Rows.scale(factors, 0, some, savedSum() / savedSum(), numbers, 0);
    } else {
      taking.scatter(weights, 0, allWeights, 0);
      for (int c = 0; c < some; c++) {
        numbers[c] = allWeights[left[c]] * factors[c];
      }
    }
    return some;
  }

  /** Makes dLogits of P and dP. */
  private void differentiate() {
    int count = taking.count();
    taking.gather(allGradients, 0, gradients, 0);
    float delta = Lanes.dot(weights, 0, gradients, 0, count);
    for (int c = 0; c < count; c++) {
      weights[c] *= gradients[c] - delta;
    }
    float[] gradBias = flow.bias();
    if (gradBias != null) {
      Arrays.fill(gradBias, row * spec.keys(), (row + 1) * spec.keys(), 0);
      taking.scatter(weights, 0, gradBias, row * spec.keys());
    }
  }

  /** Makes dQ of dLogits. */
  private void meetKeys() {
    Rows.scale(weights, 0, Lanes.padded(taking.count()), (float) spec.scale(), weights, 0);
    int gradQuery = at(spec.query(), batch, head, position);
    Arrays.fill(flow.query(), gradQuery, gradQuery + spec.width(), 0);
    taking.end();
    KeptProduct.sum(list, Integer.MAX_VALUE, arrays.key(), at(spec.key(), batch, spec.keyHead(head), 0),
        spec.key().row(), spec.width(), flow.query(), gradQuery, 0);
  }

  /** Lists of some keys those that dropout leaves, and their factors; returns how many. */
  private int leave(KeptKeys keys) {
    Arrays.fill(factors, 0, keys.count(), 1);
    if (spec.dropout().drops()) {
      draw.factors((long) row * spec.keys(), keys.indices, keys.count(), factors);
    }
    int some = 0;
    for (int c = 0; c < keys.count(); c++) {
      left[some] = keys.indices[c];
      factors[some] = factors[c];
      some += factors[c] != 0 ? 1 : 0;
    }
    return some;
  }
}
