package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.AttentionArrays.at;
import static dev.sluice.backend.vector.AttentionTile.KEYS;
import static dev.sluice.backend.vector.AttentionTile.QUERIES;
import static dev.sluice.backend.vector.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.FloatVector.zero;

import dev.sluice.backend.vector.LaneProduct.Left;
import dev.sluice.spi.AttentionSpec;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/**
 * The forward pass by tiles, with a running maximum m and sum l of each row (Milakov, Gimelshein: Online normalizer
 * calculation for softmax, arXiv 1805.02867; Dao et al.: FlashAttention, arXiv 2205.14135). A tile with row maximum m'
 * and new maximum {@code n = max(m, m')} makes {@code l = l exp(m - n) + sum exp(logits - n)} and {@code out = out
 * exp(m - n) + dropout(exp(logits - n)) V}; at the end {@code out / l}.
 *
 * <p>A tile of queries passes all keys it sees, its output transposed beside it: (value width, queries in lanes).
 * Weights that are asked for first hold the logits.
 */
final class AttentionTileForward implements Workers.Task {
  private final AttentionArrays arrays;
  private final AttentionSpec spec;
  private final AttentionBlocks blocks;
  private final float[] output;
  private final float @Nullable [] weights;
  private final float @Nullable [] reserve;
  private final Scratch scratch;
  private final Left valueColumns;

  AttentionTileForward(AttentionArrays arrays, AttentionBlocks blocks, float[] output, float @Nullable [] weights,
      float @Nullable [] reserve, Scratch scratch) {
    this.arrays = arrays;
    this.blocks = blocks;
    this.output = output;
    this.weights = weights;
    this.reserve = reserve;
    this.scratch = scratch;
    spec = arrays.spec();
    valueColumns = new Left(arrays.value(), 1, spec.value().row());
  }

  @Override
  public void run(int chunk) {
    try (Pass pass = new Pass()) {
      for (int block = blocks.firstBlock(chunk); block < blocks.endBlock(chunk); block++) {
        int pair = blocks.pair(block);
        int end = blocks.end(block);
        for (int query = blocks.start(block); query < end; query += QUERIES) {
          pass.run(pair / spec.heads(), pair % spec.heads(), query, Math.min(QUERIES, end - query));
        }
      }
    }
  }

  /** Some queries of one head, a lane each; one after the other in the same memory. */
  private final class Pass implements AutoCloseable {
    private final AttentionTile tile = new AttentionTile(arrays, scratch);
    private final float[] logits = scratch.borrow(KEYS * QUERIES);
    private final float[] dropped = scratch.borrow(spec.dropout().drops() ? KEYS * QUERIES : 0);
    private final float[] sumsOfValues = scratch.borrow(spec.valueWidth() * QUERIES);
    private final float[] maxima = scratch.borrow(QUERIES);
    private final float[] corrections = scratch.borrow(QUERIES);
    private final float[] sums = scratch.borrow(QUERIES);
    private final float[] factors = scratch.borrow(QUERIES);
    private int batch;
    private int head;
    private int firstQuery;
    private int queries;
    private int vectors;

    @Override
    public void close() {
      tile.close();
      scratch.release(logits);
      scratch.release(dropped);
      scratch.release(sumsOfValues);
      scratch.release(maxima);
      scratch.release(corrections);
      scratch.release(sums);
      scratch.release(factors);
    }

    void run(int batch, int head, int firstQuery, int queries) {
      this.batch = batch;
      this.head = head;
      this.firstQuery = firstQuery;
      this.queries = queries;
      tile.turnTo(batch, head, firstQuery, queries);
      vectors = tile.vectors();
      Arrays.fill(maxima, 0, QUERIES, Float.NEGATIVE_INFINITY);
      Arrays.fill(sums, 0, QUERIES, 0);
      Arrays.fill(sumsOfValues, 0, spec.valueWidth() * QUERIES, 0);
      int limit = tile.limit();
      for (int key = 0; key < limit; key += KEYS) {
        meet(key, Math.min(KEYS, limit - key));
      }
      finish();
      if (weights != null) {
        finishWeights(weights, limit);
      }
    }

    private void meet(int firstKey, int keys) {
      boolean guarded = tile.score(firstKey, keys, logits, 0);
      if (weights != null) {
        tile.transposeBack(logits, 0, keys, weights, tile.dense(firstKey), spec.keys());
      }
      if (LaneMath.exp(logits, keys, vectors, guarded, maxima, corrections, sums) && firstKey > 0) {
        LaneMath.scale(sumsOfValues, 0, spec.valueWidth(), vectors, corrections);
      }
      float[] kept = logits;
      if (spec.dropout().drops()) {
        tile.draw(firstKey, keys);
        LaneMath.drop(logits, 0, tile.factors, keys, vectors, LaneMath.NONE, dropped, 0);
        kept = dropped;
        guarded = true;
      }
      int values = at(spec.value(), batch, spec.keyHead(head), firstKey);
      if (guarded && !GuardedProduct.isFinite(arrays.value(), values, keys, spec.valueWidth(), spec.value().row())) {
        GuardedProduct.addLanes(valueColumns, values, spec.valueWidth(), keys, kept, kept, 0, sumsOfValues, queries);
      } else {
        LaneProduct.add(valueColumns, values, spec.valueWidth(), keys, kept, 0, sumsOfValues, 0, QUERIES, vectors);
      }
    }

    private void finish() {
      for (int i = 0; i < queries; i++) {
        boolean empty = sums[i] == 0;
        factors[i] = empty ? 0 : 1 / sums[i];
        if (empty) {
          maxima[i] = 0;
          sums[i] = VectorAttention.EMPTY;
        }
      }
      LaneMath.scaleOrClear(sumsOfValues, spec.valueWidth(), vectors, factors);
      tile.transposeBack(sumsOfValues, 0, spec.valueWidth(), output, at(spec.output(), batch, head, firstQuery),
          spec.output().row());
      int row = arrays.row(batch, head, firstQuery);
      for (int i = 0; reserve != null && i < queries; i++) {
        reserve[2 * (row + i)] = maxima[i];
        reserve[2 * (row + i) + 1] = sums[i];
      }
    }

    private void finishWeights(float[] weights, int limit) {
      for (int i = 0; i < queries; i++) {
        int at = tile.dense(0) + i * spec.keys();
        normalize(weights, at, limit, maxima[i], sums[i]);
        Arrays.fill(weights, at + limit, at + spec.keys(), 0);
        for (int key = 0; spec.dropout().drops() && key < limit; key += KEYS) {
          int some = Math.min(KEYS, limit - key);
          tile.draw(spec.dropout(), (long) at + key, some, tile.factors, 0, 1);
          for (int j = 0; j < some; j++) {
            weights[at + key + j] = tile.factors[j] == 0 ? 0 : weights[at + key + j] * tile.factors[j];
          }
        }
      }
    }
  }

  /** {@code x = exp(x - max) / sum}, 0 where x is closed even if max or sum is NaN. */
  private static void normalize(float[] x, int at, int n, float max, float sum) {
    int i = at;
    for (int bound = at + Lanes.bound(0, n); i < bound; i += Lanes.COUNT) {
      FloatVector logit = fromArray(SPECIES, x, i);
      VectorMath.exp(logit.sub(max)).div(sum).blend(zero(SPECIES), logit.eq(AttentionTile.CLOSED)).intoArray(x, i);
    }
    for (; i < at + n; i++) {
      x[i] = x[i] == AttentionTile.CLOSED ? 0 : VectorMath.exp(x[i] - max) / sum;
    }
  }
}
