package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.AttentionArrays.at;

import dev.sluice.backend.vector.LaneProduct.Left;
import dev.sluice.spi.AttentionSpec;
import dev.sluice.spi.Dropout;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Some queries of one head, one to a lane, and what is made of them with a tile of keys: the logits {@code scale Q K^T
 * + bias}, transposed, (keys, {@link #QUERIES}). A row of logits is a key's, so that keys and values are read where
 * they lie, maxima and sums of all queries are made lane by lane, and products take exponentials and gradients as they
 * are.
 *
 * <p>A logit that takes no part is {@link #CLOSED}; a tile that may have one is guarded. Lanes beyond the last query
 * hold numbers of no meaning that nothing reads.
 */
final class AttentionTile implements AutoCloseable {
  /** Queries of a tile: the lanes of a row of the widest register tile. */
  static final int QUERIES = 64;
  /** Keys of a tile, whole register tiles: logits and packed queries of width 64 fit the first-level cache. */
  static final int KEYS = 96;
  /** The logit of a key that takes no part. */
  static final float CLOSED = Float.NEGATIVE_INFINITY;
  /** The logit of a key that takes part and whose own multiplies out to negative infinity: it is not closed. */
  static final float LOWEST = -Float.MAX_VALUE;
  /** The least finite logit, one above: a row of masks of -Float.MAX_VALUE is not one of negative infinities. */
  static final float LEAST = Math.nextUp(LOWEST);

  /** What dropout multiplies each weight of a tile by; empty without dropout. */
  final float[] factors;
  /** {@code scale Q}, (queries, width), in panels. */
  final float[] rows;
  /** Workspace as large as a tile. */
  final float[] spare;
  /** Workspace of {@link LaneTransposition}. */
  final float[] block;

  private final AttentionArrays arrays;
  private final AttentionSpec spec;
  private final Scratch scratch;
  private final Left keyRows;
  /** {@code scale Q}, (width, queries in lanes). */
  private final float[] panel;
  private final float[] scales;
  /** Random words of a query. */
  private final int[] words;
  private int batch;
  private int head;
  private int firstQuery;
  private int queries;
  private int vectors;

  AttentionTile(AttentionArrays arrays, Scratch scratch) {
    this.arrays = arrays;
    this.scratch = scratch;
    spec = arrays.spec();
    boolean drops = spec.dropout().drops();
    factors = scratch.borrow(drops ? KEYS * QUERIES : 0);
    words = scratch.borrowInts(drops ? PhiloxLanes.room(KEYS + 3) : 0);
    spare = scratch.borrow(KEYS * QUERIES);
    block = scratch.borrow(LaneTransposition.WORKSPACE);
    rows = scratch.borrow(LanePanels.size(spec.width()));
    panel = scratch.borrow(Lanes.padded(spec.width()) * QUERIES);
    scales = scratch.borrow(QUERIES);
    Arrays.fill(scales, 0, QUERIES, (float) spec.scale());
    keyRows = new Left(arrays.key(), spec.key().row(), 1);
  }

  @Override
  public void close() {
    scratch.release(rows);
    scratch.release(factors);
    scratch.release(words);
    scratch.release(spare);
    scratch.release(block);
    scratch.release(panel);
    scratch.release(scales);
  }

  /** Turns to some queries, at most {@link #QUERIES}. */
  void turnTo(int batch, int head, int firstQuery, int queries) {
    this.batch = batch;
    this.head = head;
    this.firstQuery = firstQuery;
    this.queries = queries;
    vectors = Math.ceilDiv(queries, Lanes.COUNT);
    LanePanels.pack(arrays.query(), at(spec.query(), batch, head, firstQuery), spec.query().row(), queries,
        spec.width(), scales, rows);
    LanePanels.transpose(rows, spec.width(), vectors, panel);
  }

  /** How many vectors of a row hold queries. */
  int vectors() {
    return vectors;
  }

  /** Whether a tile of keys may be guarded. */
  boolean restricted() {
    return arrays.bias() != null || arrays.mask() != null || arrays.limit(batch, firstQuery) < limit();
  }

  /** How many keys any of the queries may see. */
  int limit() {
    return arrays.limit(batch, firstQuery + queries - 1);
  }

  /** Rows of the queries, each so wide, to a row of lanes for each column. */
  void transpose(float[] rows, int at, int pitch, int columns, float[] lanes, int lanesAt) {
    LaneTransposition.transpose(rows, at, pitch, queries, columns, lanes, lanesAt, QUERIES, true, block);
  }

  /** Rows of lanes to rows of the queries. */
  void transposeBack(float[] lanes, int lanesAt, int columns, float[] rows, int at, int pitch) {
    LaneTransposition.transpose(lanes, lanesAt, QUERIES, columns, queries, rows, at, pitch, false, block);
  }

  /** Where the tile's rows and some keys start in a dense (batch, heads, queries, keys). */
  int dense(int firstKey) {
    return arrays.row(batch, head, firstQuery) * spec.keys() + firstKey;
  }

  /**
   * Computes logits of some keys, at most {@link #KEYS}.
   *
   * @return whether the tile is guarded
   */
  boolean score(int firstKey, int keys, float[] logits, int at) {
    LaneProduct.store(keyRows, at(spec.key(), batch, spec.keyHead(head), firstKey), keys, spec.width(), panel, 0,
        logits, at, QUERIES, vectors);
    boolean guarded = arrays.bias() != null || arrays.mask() != null
        || arrays.limit(batch, firstQuery) < firstKey + keys;
    if (guarded) {
      restrict(firstKey, keys, logits, at);
    }
    return guarded;
  }

  private void restrict(int firstKey, int keys, float[] logits, int at) {
    float[] bias = arrays.bias();
    if (bias == null) {
      LaneMath.open(logits, at, keys, vectors);
    } else {
      transpose(bias, at(spec.bias(), batch, head, firstQuery) + firstKey, spec.bias().row(), keys, spare, 0);
      LaneMath.addBias(logits, at, spare, keys, vectors);
    }
    boolean[] mask = arrays.mask();
    if (mask != null) {
      for (int i = 0; i < queries; i++) {
        hide(mask, at(spec.mask(), batch, head, firstQuery + i) + firstKey, keys, logits, at + i);
      }
    }
    for (int j = 0, hidden = 0; j < keys; j++) {
      while (hidden < queries && arrays.limit(batch, firstQuery + hidden) <= firstKey + j) {
        hidden++;
      }
      Arrays.fill(logits, at + j * QUERIES, at + j * QUERIES + hidden, CLOSED);
    }
  }

  private static void hide(boolean[] mask, int maskAt, int keys, float[] logits, int at) {
    for (int j = 0; j < keys; j++) {
      if (!mask[maskAt + j]) {
        logits[at + j * QUERIES] = CLOSED;
      }
    }
  }

  /** Closes a query's logits. */
  static void hide(int lane, int keys, float[] logits, int at) {
    for (int j = 0; j < keys; j++) {
      logits[at + j * QUERIES + lane] = CLOSED;
    }
  }

  /** Draws the factors of dropout of the weights of some keys. */
  void draw(int firstKey, int keys) {
    for (int i = 0; i < queries; i++) {
      draw(spec.dropout(), (long) arrays.row(batch, head, firstQuery + i) * spec.keys() + firstKey, keys, factors, i,
          QUERIES);
    }
  }

  /** Draws the factors of n elements into every pitch-th of an array. */
  void draw(Dropout dropout, long element, int n, float[] to, int at, int pitch) {
    int threshold = (int) dropout.threshold();
    float kept = (float) dropout.scale();
    int first = (int) (element & 3);
    PhiloxLanes.draw(dropout.seed(), dropout.offset() + (element >>> 2), first + n, words);
    for (int j = 0; j < n; j++) {
      to[at + j * pitch] = Integer.compareUnsigned(words[first + j], threshold) < 0 ? kept : 0;
    }
  }

  /** A finite logit, or {@link #LOWEST}: not closed. */
  static FloatVector open(FloatVector logit) {
    return logit.max(LEAST).blend(LOWEST, logit.eq(CLOSED));
  }

  /** {@link #open(FloatVector)} of one logit. */
  static float open(float logit) {
    return logit == CLOSED ? LOWEST : Math.max(logit, LEAST);
  }
}
