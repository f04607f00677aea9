package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.AttentionArrays.at;
import static dev.sluice.backend.vector.AttentionTile.CLOSED;
import static dev.sluice.backend.vector.AttentionTile.QUERIES;
import static dev.sluice.backend.vector.Lanes.COUNT;
import static dev.sluice.backend.vector.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.FloatVector.zero;

import dev.sluice.backend.vector.LaneProduct.Left;
import dev.sluice.spi.AttentionSpec;
import dev.sluice.spi.Selection;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import org.jspecify.annotations.Nullable;

/**
 * The forward pass of attention with a {@link Selection}, and of few queries: of some queries at a time all logits are
 * made, a row to each, against keys that were packed once for all queries of a block, or, for a few, where they lie;
 * then, row by row, the sum of exponentials and what is selected, and last the values of kept keys alone are added up.
 *
 * <p>Weights that kept ones are divided by the sum of are made as the softmax of kept logits.
 */
final class AttentionRowForward implements Workers.Task {
  /** Queries whose logits are made at a time: whole register tiles, of logits that stay in the second-level cache. */
  private static final int ROWS = 24;
  /** Queries whose outputs are made at a time. */
  private static final int TILE = 4 * ROWS;
  /** Keys whose values all queries of a tile meet before the next ones', so that they come from the nearer caches. */
  private static final int PART = 256;

  private final AttentionArrays arrays;
  private final AttentionSpec spec;
  private final AttentionBlocks blocks;
  private final float[] output;
  private final float @Nullable [] weights;
  private final float @Nullable [] reserve;
  private final Scratch scratch;
  /** Queries whose outputs, and whose logits, are made at a time where a head has so few. */
  private final int tile;
  private final int rows;
  /** From one row of logits to the next: whole panels, and a vector so that rows do not share the cache's places. */
  private final int pitch;

  AttentionRowForward(AttentionArrays arrays, AttentionBlocks blocks, float[] output, float @Nullable [] weights,
      float @Nullable [] reserve, Scratch scratch) {
    this.arrays = arrays;
    this.blocks = blocks;
    this.output = output;
    this.weights = weights;
    this.reserve = reserve;
    this.scratch = scratch;
    spec = arrays.spec();
    tile = Math.min(TILE, spec.queries());
    rows = Math.min(ROWS, spec.queries());
    pitch = Math.ceilDiv(spec.keys(), QUERIES) * QUERIES + COUNT;
  }

  @Override
  public void run(int chunk) {
    try (Pass pass = new Pass()) {
      for (int block = blocks.firstBlock(chunk); block < blocks.endBlock(chunk); block++) {
        pass.turnTo(blocks.pair(block) / spec.heads(), blocks.pair(block) % spec.heads(), blocks.start(block),
            blocks.end(block));
        for (int query = blocks.start(block); query < blocks.end(block); query += tile) {
          pass.run(query, Math.min(tile, blocks.end(block) - query));
        }
      }
    }
  }

  /** The queries of one block after the other in the same memory. */
  private final class Pass implements AutoCloseable {
    private final int panel = Math.multiplyExact(spec.width(), QUERIES);
    private final int panels = VectorAttention.hasFewQueries(spec) ? 0 : Math.ceilDiv(spec.keys(), QUERIES);
    private final float[] keys = scratch.borrow(Math.multiplyExact(panels, panel));
    private final float[] block = scratch.borrow(LaneTransposition.WORKSPACE);
    private final float[] scaled = scratch.borrow(rows * spec.width());
    private final float[] logits = scratch.borrow(Math.multiplyExact(rows, pitch));
    private final float[] exponentials = scratch.borrow(pitch);
    private final float[] factors = scratch.borrow(spec.keys());
    /** From one query's kept keys to the next's. */
    private final int listPitch = Lanes.bound(0, KeptKeys.most(spec.selection(), spec.keys())) + COUNT;
    private final int[] lists = scratch.borrowInts(Math.multiplyExact(tile, listPitch));
    /** The weights of those in the lists. */
    private final float[] counted = scratch.borrow(Math.multiplyExact(tile, listPitch));
    private final int[] next = scratch.borrowInts(tile);
    private final int[] ends = scratch.borrowInts(tile);
    private final KeptKeys kept = new KeptKeys(spec.selection(), spec.keys(), scratch);
    private final KeptDraw draw = new KeptDraw(spec.dropout());
    private final Left queryRows = new Left(scaled, spec.width(), 1);
    private int batch;
    private int head;
    private boolean few;
    private float max;
    private float sum;

    @Override
    public void close() {
      scratch.release(keys);
      scratch.release(block);
      scratch.release(scaled);
      scratch.release(logits);
      scratch.release(exponentials);
      scratch.release(factors);
      scratch.release(lists);
      scratch.release(counted);
      scratch.release(next);
      scratch.release(ends);
      kept.close();
    }

    /** Turns to some queries of a head, and packs the keys that they may see. */
    void turnTo(int batch, int head, int start, int end) {
      this.batch = batch;
      this.head = head;
      few = end - start <= VectorAttention.FEW;
      int limit = few ? 0 : arrays.limit(batch, end - 1);
      for (int key = 0; key < limit; key += QUERIES) {
        LaneTransposition.transpose(arrays.key(), at(spec.key(), batch, spec.keyHead(head), key), spec.key().row(),
            Math.min(QUERIES, limit - key), spec.width(), keys, key / QUERIES * panel, QUERIES, true, block);
      }
    }

    void run(int firstQuery, int queries) {
      for (int i = 0; i < queries; i += ROWS) {
        int some = Math.min(ROWS, queries - i);
        score(firstQuery + i, some);
        for (int row = 0; row < some; row++) {
          row(firstQuery + i + row, row * pitch, (i + row) * listPitch);
          next[i + row] = (i + row) * listPitch;
        }
      }
      addValues(firstQuery, queries, arrays.limit(batch, firstQuery + queries - 1));
    }

    /** The logits of some queries. */
    private void score(int firstQuery, int queries) {
      for (int i = 0; i < queries; i++) {
        Rows.scale(arrays.query(), at(spec.query(), batch, head, firstQuery + i), spec.width(), (float) spec.scale(),
            scaled, i * spec.width());
      }
      int limit = arrays.limit(batch, firstQuery + queries - 1);
      if (few) {
        for (int i = 0; i < queries; i++) {
          RowDots.first(limit, arrays.key(), at(spec.key(), batch, spec.keyHead(head), 0), spec.key().row(),
              spec.width(), scaled, i * spec.width(), logits, i * pitch);
        }
      } else {
        for (int key = 0; key < limit; key += QUERIES) {
          LaneProduct.store(queryRows, 0, queries, spec.width(), keys, key / QUERIES * panel, logits, key, pitch,
              Math.ceilDiv(Math.min(QUERIES, limit - key), COUNT));
        }
      }
    }

    /** Lists what a query keeps and its weights. */
    private void row(int query, int at, int list) {
      int n = arrays.limit(batch, query);
      restrict(query, at, n);
      KeptKeys.pad(logits, at, n);
      measure(at, n);
      int row = arrays.row(batch, head, query);
      if (sum == 0) {
        kept.none();
        max = 0;
        sum = VectorAttention.EMPTY;
      } else {
        select(query, row, at, n);
        weigh(at, list);
      }
      if (reserve != null) {
        int to = row * VectorAttention.savedOfRow(spec);
        reserve[to] = max;
        reserve[to + 1] = sum;
        kept.save(reserve, to + 2);
      }
      if (spec.dropout().drops()) {
        draw.factors((long) row * spec.keys(), kept.indices, kept.count(), factors);
        kept.drop(factors, counted, list);
      }
      if (weights != null) {
        Arrays.fill(weights, row * spec.keys(), (row + 1) * spec.keys(), 0);
        kept.scatter(counted, list, weights, row * spec.keys());
      }
      kept.end();
      System.arraycopy(kept.indices, 0, lists, list, kept.count() + 1);
    }

    /**
     * Finds the largest logit, which exponentials are made less of, and their sum: 0 where none is above 0, NaN where
     * one is; any other where weights need no such sum. The largest weights are kept meanwhile, unless the sum is 0 or
     * NaN or they are renormalised.
     */
    private void measure(int at, int n) {
      float largest = Rows.max(logits, at, n);
      boolean above = largest > AttentionTile.LOWEST;
      max = above ? largest : 0;
      if (keepsExponentials()) {
        sum = exp(logits, at, KeptKeys.padded(n), max, exponentials, 0);
      } else if (above && spec.selection() instanceof Selection.Largest(int count, boolean renormalises)
          && !renormalises) {
        sum = kept.largestAndSum(logits, at, n, taking(at, n), count, max);
      } else if (!spec.selection().renormalises()) {
        sum = sumExp(logits, at, KeptKeys.padded(n), max);
      } else if (largest == Float.POSITIVE_INFINITY || Rows.hasNaN(logits, at, n)) {
        sum = Float.NaN;
      } else {
        sum = above ? 1 : 0;
      }
    }

    private boolean keepsExponentials() {
      return switch (spec.selection()) {
        case Selection.All _, Selection.Threshold _, Selection.Sampled _ -> true;
        case Selection.Largest _, Selection.Predicate _, Selection.ArgMax _ -> false;
      };
    }

    /** How many keys take part, where no logit is NaN. */
    private int taking(int at, int n) {
      boolean restricted = arrays.mask() != null || arrays.bias() != null;
      return restricted ? LargestSearch.count(logits, at, n, AttentionTile.LOWEST) : n;
    }

    /** The outputs of a tile: all its queries meet some values before the next. */
    private void addValues(int firstQuery, int queries, int limit) {
      int values = at(spec.value(), batch, spec.keyHead(head), 0);
      int outputs = at(spec.output(), batch, head, firstQuery);
      for (int i = 0; i < queries; i++) {
        int to = outputs + i * spec.output().row();
        Arrays.fill(output, to, to + spec.valueWidth(), 0);
      }
      KeptProduct.Lists kept = new KeptProduct.Lists(lists, counted, next, ends, queries);
      for (int key = 0; key < limit; key += PART) {
        KeptProduct.sum(kept, key + PART, arrays.value(), values, spec.value().row(), spec.valueWidth(), output,
            outputs, spec.output().row());
        System.arraycopy(ends, 0, next, 0, queries);
      }
    }

    /** Adds the bias and closes what takes no part. */
    private void restrict(int query, int at, int n) {
      float[] bias = arrays.bias();
      boolean[] mask = arrays.mask();
      if (bias != null) {
        addBias(logits, at, bias, at(spec.bias(), batch, head, query), n);
      } else if (mask != null) {
        open(logits, at, n);
      }
      if (mask != null) {
        Rows.hide(logits, at, mask, at(spec.mask(), batch, head, query), n, CLOSED, logits, at);
      }
    }

    private void select(int query, int row, int at, int n) {
      boolean lost = Float.isNaN(sum);
      switch (spec.selection()) {
        case Selection.All _ -> kept.taking(arrays, batch, head, query);
        case Selection.Threshold(double least, boolean _) -> {
          if (lost || least == 0) {
            kept.open(logits, at, n);
          } else {
            kept.atLeast(exponentials, 0, n, leastExponential((float) least, sum));
          }
        }
        case Selection.Largest(int count, boolean renormalises) -> {
          if (lost) {
            kept.open(logits, at, n);
            kept.first(count);
          } else if (renormalises) {
            kept.largest(logits, at, n, taking(at, n), count, max);
          }
        }
        case Selection.Predicate(var layout, boolean _) -> kept.chosen(arrays, layout, batch, head, query);
        case Selection.Sampled sampled -> {
          if (lost) {
            kept.open(logits, at, n);
            kept.first(1);
          } else {
            kept.draw(exponentials, 0, n, sampled.uniform(row));
          }
        }
        case Selection.ArgMax _ -> {
          if (lost) {
            kept.open(logits, at, n);
          } else {
            kept.atLeast(logits, at, n, max);
          }
          kept.first(1);
        }
      }
    }

    /** The weights of kept keys before dropout, and what is saved of the row. */
    private void weigh(int at, int list) {
      if (spec.selection().picksOne()) {
        counted[list] = sum / sum;
        return;
      }
      boolean all = spec.selection().keepsAll();
      int n = all ? kept.gatherVectors(exponentials, 0, counted, list) : kept.gatherVectors(logits, at, counted, list);
      if (spec.selection().renormalises()) {
        max = Rows.max(counted, list, n);
        max = max == CLOSED ? 0 : max;
        float keptSum = exp(counted, list, n, max, counted, list);
        // A NaN that was not kept shows as well.
        sum = keptSum == 0 ? VectorAttention.EMPTY : keptSum + (sum - sum);
      } else if (!all) {
        exp(counted, list, n, max, counted, list);
      }
      Rows.scale(counted, list, n, 1 / sum, counted, list);
    }
  }

  /** {@code y = exp(x - shift)} of whole vectors, by the exponential that backward recomputes; returns the sum. */
  static float exp(float[] x, int xAt, int n, float shift, float[] y, int yAt) {
    FloatVector sum = zero(SPECIES);
    for (int i = 0; i < n; i += COUNT) {
      FloatVector e = LaneMath.exp(fromArray(SPECIES, x, xAt + i).sub(shift));
      e.intoArray(y, yAt + i);
      sum = sum.add(e);
    }
    return Lanes.sum(sum);
  }

  /** The sum of {@link #exp}. */
  private static float sumExp(float[] x, int at, int n, float shift) {
    FloatVector sum = zero(SPECIES);
    for (int i = at; i < at + n; i += COUNT) {
      sum = sum.add(LaneMath.exp(fromArray(SPECIES, x, i).sub(shift)));
    }
    return Lanes.sum(sum);
  }

  /** The smallest exponential whose weight is not below a threshold. */
  private static float leastExponential(float threshold, float sum) {
    float least = threshold * sum;
    while (least / sum >= threshold) {
      least = Math.nextDown(least);
    }
    while (least / sum < threshold) {
      least = Math.nextUp(least);
    }
    return least;
  }

  private static void open(float[] x, int at, int n) {
    int i = at;
    for (int end = at + Lanes.bound(0, n); i < end; i += COUNT) {
      AttentionTile.open(fromArray(SPECIES, x, i)).intoArray(x, i);
    }
    for (; i < at + n; i++) {
      x[i] = AttentionTile.open(x[i]);
    }
  }

  /** {@code x += bias}; a bias of negative infinity closes, whatever the key holds. */
  private static void addBias(float[] x, int at, float[] bias, int biasAt, int n) {
    int i = 0;
    for (; i <= n - COUNT; i += COUNT) {
      FloatVector b = fromArray(SPECIES, bias, biasAt + i);
      AttentionTile.open(fromArray(SPECIES, x, at + i).add(b)).blend(CLOSED, b.eq(CLOSED)).intoArray(x, at + i);
    }
    for (; i < n; i++) {
      float b = bias[biasAt + i];
      x[at + i] = b == CLOSED ? CLOSED : AttentionTile.open(x[at + i] + b);
    }
  }
}
