package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.AttentionArrays.at;
import static dev.sluice.backend.vector.GuardedMatrix.CLOSED;

import dev.sluice.backend.vector.GemmTiles.Epilogue;
import dev.sluice.backend.vector.GemmTiles.Left;
import dev.sluice.spi.AttentionSpec;
import dev.sluice.spi.Dropout;
import dev.sluice.spi.Philox;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * A tile of some queries by some keys of one head: its logits {@code scale Q K^T + bias}, and what is made of them. A
 * logit that takes no part is {@link GuardedMatrix#CLOSED}, negative infinity, and so is the padding of a row to whole
 * vectors: exp makes 0 of both. Row r of each array starts at {@code r * KEYS}.
 *
 * <p>One tile's memory serves a whole chunk of work.
 */
final class AttentionTile implements AutoCloseable {
  /** The logit of a key that takes part and whose own multiplies out to negative infinity: it is not closed. */
  static final float LOWEST = -Float.MAX_VALUE;
  /** The least finite logit, one above: a row of masks of -Float.MAX_VALUE is not one of negative infinities. */
  private static final float LEAST = Math.nextUp(LOWEST);
  /** What is saved as the sum of a row in which no key takes part, or none with a logit above negative infinity. */
  static final float EMPTY = Float.POSITIVE_INFINITY;
  /** Queries of a tile: whole microkernel rows. */
  static final int QUERIES = 48;
  /** Keys of a tile: whole vectors and microkernel rows. */
  static final int KEYS = 96;

  final float[] logits;
  /** {@code P = exp(logits - max) / sum}, or not yet divided. */
  final float[] probabilities;
  /** What dropout multiplies each weight by; empty without dropout. */
  final float[] factors;
  /** {@code W = dropout(P)}: the probabilities themselves without dropout. */
  final float[] weights;

  private final AttentionArrays arrays;
  private final AttentionSpec spec;
  private final Scratch scratch;
  private final boolean drops;
  private final float[] keyPanels;
  private final float[] workspace;
  private final int[] words = new int[4];
  private PackedMatrix packedKeys;
  private int batch;
  private int firstKey;
  private int keys;
  private int padded;
  private int head;
  private int firstQuery;
  private int queries;

  /**
   * Borrows a tile's memory.
   *
   * @param workspace for {@link GemmTiles}
   */
  AttentionTile(AttentionArrays arrays, Scratch scratch, float[] workspace) {
    this.arrays = arrays;
    this.scratch = scratch;
    this.workspace = workspace;
    spec = arrays.spec();
    drops = spec.dropout().drops();
    logits = scratch.borrow(QUERIES * KEYS);
    probabilities = scratch.borrow(QUERIES * KEYS);
    factors = scratch.borrow(drops ? QUERIES * KEYS : 0);
    weights = drops ? scratch.borrow(QUERIES * KEYS) : probabilities;
    keyPanels = scratch.borrow(PackedMatrix.size(spec.width(), KEYS));
    packedKeys = new PackedMatrix(spec.width(), 0, keyPanels);
  }

  @Override
  public void close() {
    scratch.release(logits);
    scratch.release(probabilities);
    scratch.release(factors);
    if (drops) {
      scratch.release(weights);
    }
    scratch.release(keyPanels);
  }

  /** Turns to the keys from the first on, at most {@link #KEYS}, and before the end. */
  void turnTo(int batch, int keyHead, int firstKey, int end) {
    this.batch = batch;
    this.firstKey = firstKey;
    keys = Math.min(KEYS, end - firstKey);
    padded = PackedMatrix.paddedColumns(keys);
    packedKeys = new PackedMatrix(spec.width(), keys, keyPanels);
    packedKeys.pack(arrays.key(), at(spec.key(), batch, keyHead, firstKey), spec.key().row(), true);
  }

  /** How many keys the tile has. */
  int keys() {
    return keys;
  }

  /** A row's keys in whole vectors. */
  int padded() {
    return padded;
  }

  /** A tile array as the left-hand side of a product. */
  static Left left(float[] values, boolean transposed) {
    return new Left(values, 0, KEYS, transposed);
  }

  /** Computes the logits of some queries. */
  void score(int head, int firstQuery, int queries) {
    this.head = head;
    this.firstQuery = firstQuery;
    this.queries = queries;
    Left rows = new Left(arrays.query(), at(spec.query(), batch, head, firstQuery), spec.query().row(), false);
    GemmTiles.multiply(rows, queries, packedKeys, Epilogue.STORE, logits, 0, KEYS, workspace);
    for (int r = 0; r < queries; r++) {
      restrict(firstQuery + r, r * KEYS);
    }
  }

  private void restrict(int query, int at) {
    int n = Math.clamp(arrays.limit(batch, query) - firstKey, 0, keys);
    float[] bias = arrays.bias();
    float scale = (float) spec.scale();
    if (bias == null) {
      scale(logits, at, scale, padded);
    } else {
      addBias(logits, at, scale, bias, at(spec.bias(), batch, head, query) + firstKey, n);
    }
    boolean[] mask = arrays.mask();
    if (mask != null) {
      Rows.hide(logits, at, mask, at(spec.mask(), batch, head, query) + firstKey, n, CLOSED, logits, at);
    }
    Arrays.fill(logits, at + n, at + padded, CLOSED);
  }

  private static void scale(float[] logits, int at, float scale, int n) {
    for (int i = at; i < at + n; i += Lanes.COUNT) {
      open(Lanes.load(logits, i).mul(scale)).intoArray(logits, i);
    }
  }

  private static FloatVector open(FloatVector logit) {
    return logit.max(LEAST).blend(LOWEST, logit.eq(CLOSED));
  }

  /** {@code scale x + bias}, rounded once; a bias of negative infinity masks, whatever the key holds. */
  private static void addBias(float[] logits, int at, float scale, float[] bias, int biasAt, int n) {
    int i = 0;
    for (int bound = Lanes.bound(0, n); i < bound; i += Lanes.COUNT) {
      biased(Lanes.load(logits, at + i), scale, Lanes.load(bias, biasAt + i)).intoArray(logits, at + i);
    }
    if (i < n) {
      FloatVector b = Lanes.load(bias, biasAt + i, Lanes.tail(i, n));
      biased(Lanes.load(logits, at + i), scale, b).intoArray(logits, at + i);
    }
  }

  private static FloatVector biased(FloatVector x, float scale, FloatVector bias) {
    FloatVector closed = Lanes.broadcast(CLOSED);
    return open(x.fma(Lanes.broadcast(scale), bias)).blend(closed, bias.eq(closed));
  }

  /**
   * Makes probabilities of the logits, and closes those of empty rows.
   *
   * @param reserve max and sum of each row
   * @param row the number of the tile's first row
   */
  void normalize(float[] reserve, int row) {
    for (int r = 0; r < queries; r++) {
      int saved = 2 * (row + r);
      if (reserve[saved + 1] == EMPTY) {
        Arrays.fill(logits, r * KEYS, r * KEYS + padded, CLOSED);
      }
      normalize(logits, r * KEYS, padded, reserve[saved], reserve[saved + 1], probabilities, r * KEYS);
    }
  }

  /** {@code y = exp(x - max) / sum}, 0 where x is closed even if max or sum is NaN; y may be x. */
  static void normalize(float[] x, int xAt, int n, float max, float sum, float[] y, int yAt) {
    int i = 0;
    for (int bound = Lanes.bound(0, n); i < bound; i += Lanes.COUNT) {
      probability(Lanes.load(x, xAt + i), max, sum).intoArray(y, yAt + i);
    }
    if (i < n) {
      VectorMask<Float> tail = Lanes.tail(i, n);
      probability(Lanes.load(x, xAt + i, tail), max, sum).intoArray(y, yAt + i, tail);
    }
  }

  private static FloatVector probability(FloatVector x, float max, float sum) {
    return VectorMath.exp(x.sub(max)).div(sum).blend(Lanes.zero(), x.eq(Lanes.broadcast(CLOSED)));
  }

  /**
   * Draws the factors of dropout and makes weights of the probabilities; without dropout there is nothing to do.
   *
   * @param row the number of the tile's first row
   */
  void drop(int row) {
    for (int r = 0; drops && r < queries; r++) {
      draw(row + r, firstKey, padded, r * KEYS);
      drop(probabilities, r * KEYS, factors, r * KEYS, padded, weights, r * KEYS);
    }
  }

  /** Draws the factors of n weights of a row into the factors. */
  void draw(int row, int key, int n, int at) {
    Dropout dropout = spec.dropout();
    long threshold = dropout.threshold();
    float kept = (float) dropout.scale();
    long element = (long) row * spec.keys() + key;
    for (int i = 0; i < n; i++, element++) {
      int word = (int) (element & 3);
      if (i == 0 || word == 0) {
        Philox.block(dropout.seed(), dropout.offset() + (element >>> 2), words);
      }
      factors[at + i] = Integer.toUnsignedLong(words[word]) < threshold ? kept : 0;
    }
  }

  /** {@code y = x * factor}, 0 where the factor is 0 even if x is NaN; y may be x. */
  static void drop(float[] x, int xAt, float[] factors, int factorsAt, int n, float[] y, int yAt) {
    int i = 0;
    for (int bound = Lanes.bound(0, n); i < bound; i += Lanes.COUNT) {
      FloatVector f = Lanes.load(factors, factorsAt + i);
      Lanes.load(x, xAt + i).mul(f).blend(Lanes.zero(), f.eq(Lanes.zero())).intoArray(y, yAt + i);
    }
    for (; i < n; i++) {
      float f = factors[factorsAt + i];
      y[yAt + i] = f == 0 ? 0 : x[xAt + i] * f;
    }
  }

  /** Which weights take part, as gates: the logits, closed also where dropped. Uses up the factors. */
  float[] weightGates() {
    if (!drops) {
      return logits;
    }
    for (int r = 0; r < queries; r++) {
      for (int i = r * KEYS; i < r * KEYS + padded; i++) {
        factors[i] = factors[i] == 0 ? CLOSED : logits[i];
      }
    }
    return factors;
  }
}
