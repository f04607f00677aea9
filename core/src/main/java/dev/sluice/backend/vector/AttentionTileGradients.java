package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.AttentionArrays.at;
import static dev.sluice.backend.vector.AttentionTile.KEYS;
import static dev.sluice.backend.vector.AttentionTile.QUERIES;

import dev.sluice.backend.vector.AttentionBackward.Flow;
import dev.sluice.backend.vector.AttentionBackward.Sums;
import dev.sluice.backend.vector.LaneProduct.Left;
import dev.sluice.spi.AttentionSpec;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The backward pass of a tile of queries over all keys they see, in two rounds. With {@code e = exp(logits - m)}, m and
 * {@code l = sum e} saved, and P = e / l: the first makes e, {@code dP = dropout'(dOut V^T + dWeights)}, {@code dV +=
 * W^T dOut} and at its end {@code delta = sum P dP}, to the last digit what dP less delta needs; the second {@code
 * dLogits = P (dP - delta)}, {@code dQ += scale dLogits K} and {@code dK += scale dLogits^T Q}.
 *
 * <p>Nothing is divided by l but rows of dOut, of which dP and dV are made, and delta. e and {@code dP / l} of all keys
 * are kept in between. The second round goes backwards, so that it finds in the cache what the first did last.
 *
 * <p>With a selection, dV is made of kept keys alone, by {@link KeptValues}, and dP as well unless one key is picked:
 * its gradient passes straight through.
 */
final class AttentionTileGradients implements AttentionBackward.Queries {
  private final AttentionArrays arrays;
  private final AttentionSpec spec;
  private final Flow flow;
  private final Scratch scratch;
  private final boolean drops;
  /** What selects; null where all keys are kept. */
  private final @Nullable KeptValues kept;
  /** Whether dP is that of all keys. */
  private final boolean gradientOfAll;
  private final int keyPitch;
  private final int valuePitch;
  private final Left keyColumns;
  private final Left valueRows;
  private final Left exponentialRows;
  private final Left gradientRows;
  private final Left droppedRows;
  private final AttentionTile tile;
  /** Logits, then e, (keys, queries in lanes). */
  private final float[] exponentials;
  /** {@code dP / l}, then dLogits, (keys, queries in lanes). */
  private final float[] gradients;
  /** dropout(e) of a tile. */
  private final float[] dropped;
  /** {@code dOut / l}, (value width, queries in lanes). */
  private final float[] outputPanel;
  /** The same, (queries, value width), in panels. */
  private final float[] outputRows;
  /** {@code dQ / scale}, (width, queries in lanes). */
  private final float[] gradQuery;
  private final float[] shifts;
  private final float[] inverses;
  private final float[] deltas;
  /** With a selection, the sum of e made anew: forward adds up in another order. */
  private final float[] sums;
  private final boolean[] guarded;
  private boolean queryFinite;
  private boolean outputFinite;
  private boolean anyEmpty;
  private int batch;
  private int head;
  private int firstQuery;
  private int queries;
  private int vectors;

  AttentionTileGradients(AttentionArrays arrays, Flow flow, Scratch scratch) {
    this.arrays = arrays;
    this.flow = flow;
    this.scratch = scratch;
    spec = arrays.spec();
    drops = spec.dropout().drops();
    kept = spec.selection().keepsAll() ? null : new KeptValues(arrays, flow, scratch);
    gradientOfAll = kept == null || spec.selection().picksOne();
    keyPitch = Lanes.padded(spec.width());
    valuePitch = Lanes.padded(spec.valueWidth());
    tile = new AttentionTile(arrays, scratch);
    int row = Math.multiplyExact(spec.keys(), QUERIES);
    exponentials = scratch.borrow(row);
    gradients = scratch.borrow(row);
    dropped = scratch.borrow(drops ? KEYS * QUERIES : 0);
    outputPanel = scratch.borrow(valuePitch * QUERIES);
    outputRows = scratch.borrow(LanePanels.size(spec.valueWidth()));
    gradQuery = scratch.borrow(spec.width() * QUERIES);
    shifts = scratch.borrow(QUERIES);
    inverses = scratch.borrow(QUERIES);
    deltas = scratch.borrow(QUERIES);
    sums = scratch.borrow(QUERIES);
    guarded = new boolean[Math.ceilDiv(spec.keys(), KEYS)];
    keyColumns = new Left(arrays.key(), 1, spec.key().row());
    valueRows = new Left(arrays.value(), spec.value().row(), 1);
    exponentialRows = new Left(exponentials, QUERIES, 1);
    gradientRows = new Left(gradients, QUERIES, 1);
    droppedRows = new Left(dropped, QUERIES, 1);
  }

  @Override
  public void close() {
    tile.close();
    if (kept != null) {
      kept.close();
    }
    scratch.release(exponentials);
    scratch.release(gradients);
    scratch.release(dropped);
    scratch.release(outputPanel);
    scratch.release(outputRows);
    scratch.release(gradQuery);
    scratch.release(shifts);
    scratch.release(inverses);
    scratch.release(deltas);
    scratch.release(sums);
  }

  @Override
  public void run(int batch, int head, int firstQuery, int queries, Sums gradKeys, Sums gradValues) {
    this.batch = batch;
    this.head = head;
    this.firstQuery = firstQuery;
    this.queries = queries;
    tile.turnTo(batch, head, firstQuery, queries);
    vectors = tile.vectors();
    if (flow.bias() != null) {
      Arrays.fill(flow.bias(), tile.dense(0), tile.dense(0) + queries * spec.keys(), 0);
    }
    pack();
    int limit = tile.limit();
    int tiles = Math.ceilDiv(limit, KEYS);
    if (kept != null) {
      kept.turnTo(batch, head, firstQuery, queries, inverses);
    }
    for (int t = 0; t < tiles; t++) {
      weigh(t, t * KEYS, Math.min(KEYS, limit - t * KEYS), gradValues);
    }
    for (int i = 0; i < QUERIES; i++) {
      deltas[i] *= kept == null || inverses[i] == 0 ? inverses[i] : 1 / sums[i];
    }
    for (int t = tiles - 1; t >= 0; t--) {
      spread(t, t * KEYS, Math.min(KEYS, limit - t * KEYS), gradKeys);
    }
    finish();
  }

  private void pack() {
    Arrays.fill(deltas, 0, QUERIES, 0);
    Arrays.fill(sums, 0, QUERIES, 0);
    Arrays.fill(shifts, 0, QUERIES, 0);
    Arrays.fill(inverses, 0, QUERIES, 0);
    Arrays.fill(gradQuery, 0, spec.width() * QUERIES, 0);
    int row = arrays.row(batch, head, firstQuery);
    for (int i = 0; i < queries; i++) {
      int saved = (row + i) * VectorAttention.savedOfRow(spec);
      shifts[i] = flow.reserve()[saved];
      inverses[i] = 1 / flow.reserve()[saved + 1];
    }
    LanePanels.pack(flow.output(), at(spec.output(), batch, head, firstQuery), spec.output().row(), queries,
        spec.valueWidth(), inverses, outputRows);
    anyEmpty = false;
    for (int i = 0; i < queries; i++) {
      if (inverses[i] == 0) {
        anyEmpty = true;
        LanePanels.clear(spec.valueWidth(), outputRows, i);
      }
    }
    LanePanels.transpose(outputRows, spec.valueWidth(), vectors, outputPanel);
    boolean unguarded = !drops && !anyEmpty && !tile.restricted();
    queryFinite = unguarded || LanePanels.isFinite(tile.rows, queries, keyPitch);
    outputFinite = unguarded || LanePanels.isFinite(outputRows, queries, valuePitch);
  }

  /** e, dP / l and delta of some keys, and the gradients of their values. */
  private void weigh(int t, int firstKey, int keys, Sums gradValues) {
    int at = firstKey * QUERIES;
    boolean guard = tile.score(firstKey, keys, exponentials, at);
    for (int i = 0; anyEmpty && i < queries; i++) {
      if (inverses[i] == 0) {
        AttentionTile.hide(i, keys, exponentials, at);
        guard = true;
      }
    }
    guarded[t] = guard;
    if (gradientOfAll) {
      meetValues(firstKey, keys);
    } else {
      kept.weigh(firstKey, keys, gradients);
      LaneMath.scale(gradients, at, keys, vectors, inverses);
    }
    LaneMath.expDelta(exponentials, gradients, at, keys, vectors, guard, shifts, deltas);
    if (kept == null) {
      addToValues(firstKey, keys, guard, gradValues);
    } else {
      LaneMath.sum(exponentials, at, keys, vectors, sums);
      kept.spread(firstKey, keys, exponentials, gradValues);
    }
  }

  /** {@code dP / l} of some keys. */
  private void meetValues(int firstKey, int keys) {
    int at = firstKey * QUERIES;
    LaneProduct.store(valueRows, at(spec.value(), batch, spec.keyHead(head), firstKey), keys, spec.valueWidth(),
        outputPanel, 0, gradients, at, QUERIES, vectors);
    if (flow.weights() != null) {
      tile.transpose(flow.weights(), tile.dense(firstKey), spec.keys(), keys, tile.spare, 0);
      LaneMath.add(gradients, at, tile.spare, keys, vectors, inverses);
    }
    if (drops) {
      tile.draw(firstKey, keys);
      LaneMath.drop(gradients, at, tile.factors, keys, vectors, 0, gradients, at);
    }
  }

  /** {@code dV += W^T dOut}. */
  private void addToValues(int firstKey, int keys, boolean guard, Sums gradValues) {
    int at = firstKey * QUERIES;
    if (drops) {
      LaneMath.drop(exponentials, at, tile.factors, keys, vectors, LaneMath.NONE, dropped, 0);
    }
    Left weights = drops ? droppedRows : exponentialRows;
    int weightsAt = drops ? 0 : at;
    if ((guard || drops) && !outputFinite) {
      GuardedProduct.addRows(weights.values(), weights.values(), weightsAt, keys, queries, outputRows,
          gradValues.rows(), gradValues.at(firstKey), gradValues.pitch(), valuePitch);
    } else {
      LaneProduct.add(weights, weightsAt, keys, queries, outputRows, 0, gradValues.rows(), gradValues.at(firstKey),
          gradValues.pitch(), valuePitch / Lanes.COUNT);
    }
  }

  /** dLogits of some keys, and what follows from them. */
  private void spread(int t, int firstKey, int keys, Sums gradKeys) {
    int at = firstKey * QUERIES;
    int source = at(spec.key(), batch, spec.keyHead(head), firstKey);
    LaneMath.subtract(gradients, exponentials, at, keys, vectors, guarded[t], deltas);
    if (flow.bias() != null) {
      tile.transposeBack(gradients, at, keys, flow.bias(), tile.dense(firstKey), spec.keys());
    }
    if (guarded[t] && !GuardedProduct.isFinite(arrays.key(), source, keys, spec.width(), spec.key().row())) {
      GuardedProduct.addLanes(keyColumns, source, spec.width(), keys, gradients, exponentials, at, gradQuery, queries);
    } else {
      LaneProduct.add(keyColumns, source, spec.width(), keys, gradients, at, gradQuery, 0, QUERIES, vectors);
    }
    if (guarded[t] && !queryFinite) {
      GuardedProduct.addRows(gradients, exponentials, at, keys, queries, tile.rows, gradKeys.rows(),
          gradKeys.at(firstKey), gradKeys.pitch(), keyPitch);
    } else {
      LaneProduct.add(gradientRows, at, keys, queries, tile.rows, 0, gradKeys.rows(), gradKeys.at(firstKey),
          gradKeys.pitch(), keyPitch / Lanes.COUNT);
    }
  }

  private void finish() {
    LaneMath.scale(gradQuery, spec.width(), vectors, (float) spec.scale());
    tile.transposeBack(gradQuery, 0, spec.width(), flow.query(), at(spec.query(), batch, head, firstQuery),
        spec.query().row());
  }
}
