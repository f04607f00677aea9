package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.AttentionArrays.at;
import static dev.sluice.backend.vector.AttentionTile.KEYS;
import static dev.sluice.backend.vector.AttentionTile.QUERIES;
import static dev.sluice.backend.vector.GuardedMatrix.CLOSED;

import dev.sluice.backend.vector.AttentionBackward.Flow;
import dev.sluice.backend.vector.GemmTiles.Epilogue;
import dev.sluice.backend.vector.GemmTiles.Left;
import dev.sluice.spi.AttentionSpec;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import org.jspecify.annotations.Nullable;

/**
 * A tile of the backward pass: P, made again from the saved maxima and sums, and the gradients
 * {@code dP = dropout'(dOut V^T + dWeights)} and, in their place, {@code dLogits = P (dP - delta)}; then what it adds
 * to the gradients of queries, keys and values. It keeps its keys and values packed for all queries that come past.
 */
final class AttentionGradTile implements AutoCloseable {
  private final AttentionArrays arrays;
  private final AttentionSpec spec;
  private final Flow flow;
  private final Scratch scratch;
  private final float[] workspace;
  private final AttentionTile tile;
  private final float[] gradients;
  private final float[] valuePanels;
  private final float[] keyPanels;
  private PackedMatrix values;
  private @Nullable GuardedMatrix keys;
  private int batch;
  private int keyHead;
  private int firstKey;
  private int head;
  private int query;
  private int queries;

  AttentionGradTile(AttentionArrays arrays, Flow flow, Scratch scratch, float[] workspace) {
    this.arrays = arrays;
    this.flow = flow;
    this.scratch = scratch;
    this.workspace = workspace;
    spec = arrays.spec();
    tile = new AttentionTile(arrays, scratch, workspace);
    gradients = scratch.borrow(QUERIES * KEYS);
    valuePanels = scratch.borrow(PackedMatrix.size(spec.valueWidth(), KEYS));
    keyPanels = scratch.borrow(PackedMatrix.size(KEYS, spec.width()));
    values = new PackedMatrix(spec.valueWidth(), 0, valuePanels);
  }

  @Override
  public void close() {
    tile.close();
    scratch.release(gradients);
    scratch.release(valuePanels);
    scratch.release(keyPanels);
  }

  /**
   * Turns to some keys.
   *
   * @param forQueries whether {@link #addToQueries} will be called
   */
  void turnTo(int batch, int keyHead, int firstKey, int end, boolean forQueries) {
    this.batch = batch;
    this.keyHead = keyHead;
    this.firstKey = firstKey;
    tile.turnTo(batch, keyHead, firstKey, end);
    values = new PackedMatrix(spec.valueWidth(), tile.keys(), valuePanels);
    values.pack(arrays.value(), at(spec.value(), batch, keyHead, firstKey), spec.value().row(), true);
    keys = forQueries ? GuardedMatrix.pack(tile.keys(), spec.width(), arrays.key(),
        at(spec.key(), batch, keyHead, firstKey), spec.key().row(), keyPanels) : null;
  }

  /** Makes P, W and dP of some queries. */
  void compute(int head, int query, int queries) {
    this.head = head;
    this.query = query;
    this.queries = queries;
    int row = arrays.row(batch, head, query);
    tile.score(head, query, queries);
    tile.normalize(flow.reserve(), row);
    tile.drop(row);
    Left rows = new Left(flow.output(), at(spec.output(), batch, head, query), spec.output().row(), false);
    GemmTiles.multiply(rows, queries, values, Epilogue.STORE, gradients, 0, KEYS, workspace);
    float[] gradWeights = flow.weights();
    for (int r = 0; r < queries; r++) {
      if (gradWeights != null) {
        add(gradWeights, (row + r) * spec.keys() + firstKey, tile.keys(), gradients, r * KEYS);
      }
      if (spec.dropout().drops()) {
        AttentionTile.drop(gradients, r * KEYS, tile.factors, r * KEYS, tile.padded(), gradients, r * KEYS);
      }
    }
  }

  /** {@code sum P dP} of a row over the tile's keys that take part: its share of delta. */
  float delta(int r) {
    FloatVector closed = Lanes.broadcast(CLOSED);
    FloatVector sum = Lanes.zero();
    for (int i = r * KEYS; i < r * KEYS + tile.padded(); i += Lanes.COUNT) {
      FloatVector next = Lanes.load(gradients, i).fma(Lanes.load(tile.probabilities, i), sum);
      sum = next.blend(sum, Lanes.load(tile.logits, i).eq(closed));
    }
    return Lanes.sum(sum);
  }

  /** Makes dLogits of dP; 0 for what takes no part. */
  void subtract(float[] delta) {
    int row = arrays.row(batch, head, query);
    for (int r = 0; r < queries; r++) {
      subtract(gradients, tile.probabilities, tile.logits, r * KEYS, tile.padded(), delta[row + r]);
    }
  }

  private static void subtract(float[] gradients, float[] probabilities, float[] logits, int at, int n, float delta) {
    FloatVector closed = Lanes.broadcast(CLOSED);
    for (int i = at; i < at + n; i += Lanes.COUNT) {
      VectorMask<Float> none = Lanes.load(logits, i).eq(closed);
      Lanes.load(gradients, i).sub(delta).mul(Lanes.load(probabilities, i)).blend(Lanes.zero(), none)
          .intoArray(gradients, i);
    }
  }

  /** {@code dQ += scale dLogits K}, {@code dBias = dLogits}. */
  void addToQueries() {
    if (keys != null) {
      keys.addProduct(AttentionTile.left(gradients, false), tile.logits, queries, (float) spec.scale(), flow.query(),
          at(spec.query(), batch, head, query), spec.query().row(), workspace);
    }
    float[] gradBias = flow.bias();
    for (int r = 0; gradBias != null && r < queries; r++) {
      System.arraycopy(gradients, r * KEYS, gradBias, arrays.row(batch, head, query + r) * spec.keys() + firstKey,
          tile.keys());
    }
  }

  /** {@code dK += scale dLogits^T Q}, {@code dV += W^T dOut}. */
  void addToKeys(GuardedMatrix rows, GuardedMatrix gradOutputs) {
    rows.addProduct(AttentionTile.left(gradients, true), tile.logits, tile.keys(), (float) spec.scale(), flow.key(),
        at(spec.key(), batch, keyHead, firstKey), spec.key().row(), workspace);
    float[] gates = gradOutputs.finite() ? tile.logits : tile.weightGates();
    gradOutputs.addProduct(AttentionTile.left(tile.weights, true), gates, tile.keys(), 1, flow.value(),
        at(spec.value(), batch, keyHead, firstKey), spec.value().row(), workspace);
  }

  private static void add(float[] x, int xAt, int n, float[] y, int yAt) {
    for (int i = 0; i < n; i++) {
      y[yAt + i] += x[xAt + i];
    }
  }
}
