package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.AttentionArrays.at;
import static dev.sluice.backend.vector.AttentionTile.KEYS;
import static dev.sluice.backend.vector.AttentionTile.QUERIES;

import dev.sluice.spi.AttentionSpec;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The forward pass by tiles, with a running maximum m and sum l of each row (Milakov, Gimelshein: Online normalizer calculation for
 * softmax, arXiv 1805.02867; Dao et al.: FlashAttention, arXiv 2205.14135). A tile with row maximum m' and new maximum
 * {@code n = max(m, m')} makes {@code l = l exp(m - n) + sum exp(logits - n)} and
 * {@code out = out exp(m - n) + dropout(exp(logits - n)) V}; at the end {@code out / l}.
 *
 * <p>A block packs each tile of keys and values once and takes all its queries past it. The output's own rows are the accumulators. Weights
 * that are asked for first hold the logits.
 */
final class AttentionForward implements Workers.Task {
  private final AttentionArrays arrays;
  private final AttentionSpec spec;
  private final AttentionBlocks blocks;
  private final float[] output;
  private final float @Nullable [] weights;
  private final float @Nullable [] reserve;
  private final Scratch scratch;

  AttentionForward(AttentionArrays arrays, AttentionBlocks blocks, float[] output, float @Nullable [] weights,
      float @Nullable [] reserve, Scratch scratch) {
    this.arrays = arrays;
    this.blocks = blocks;
    this.output = output;
    this.weights = weights;
    this.reserve = reserve;
    this.scratch = scratch;
    spec = arrays.spec();
  }

  @Override
  public void run(int chunk) {
    float[] valuePanels = scratch.borrow(PackedMatrix.size(KEYS, spec.valueWidth()));
    float[] maxima = scratch.borrow(blocks.perBlock());
    float[] sums = scratch.borrow(blocks.perBlock());
    try (AttentionTile tile = new AttentionTile(arrays, scratch)) {
      for (int block = blocks.firstBlock(chunk); block < blocks.endBlock(chunk); block++) {
        int pair = blocks.pair(block);
        new Block(tile, valuePanels, maxima, sums, pair / spec.heads(), pair % spec.heads(), blocks.start(block),
            blocks.end(block)).run();
      }
    }
    scratch.release(valuePanels);
    scratch.release(maxima);
    scratch.release(sums);
  }

  /** Some queries of one head, from start to end. */
  private final class Block {
    private final AttentionTile tile;
    private final float[] valuePanels;
    private final float[] maxima;
    private final float[] sums;
    private final int batch;
    private final int head;
    private final int start;
    private final int end;

    Block(AttentionTile tile, float[] valuePanels, float[] maxima, float[] sums, int batch, int head, int start,
        int end) {
      this.tile = tile;
      this.valuePanels = valuePanels;
      this.maxima = maxima;
      this.sums = sums;
      this.batch = batch;
      this.head = head;
      this.start = start;
      this.end = end;
    }

    void run() {
      Arrays.fill(maxima, 0, end - start, Float.NEGATIVE_INFINITY);
      Arrays.fill(sums, 0, end - start, 0);
      for (int query = start; query < end; query++) {
        int row = outputAt(query);
        Arrays.fill(output, row, row + spec.valueWidth(), 0);
      }
      int keys = start < end ? arrays.limit(batch, end - 1) : 0;
      int keyHead = spec.keyHead(head);
      for (int firstKey = 0; firstKey < keys; firstKey += KEYS) {
        tile.turnTo(batch, keyHead, firstKey, keys);
        GuardedMatrix values = GuardedMatrix.pack(tile.keys(), spec.valueWidth(), arrays.value(),
            at(spec.value(), batch, keyHead, firstKey), spec.value().row(), valuePanels);
        for (int query = start; query < end; query += QUERIES) {
          int last = Math.min(query + QUERIES, end) - 1;
          if (arrays.limit(batch, last) > firstKey) {
            tile(values, firstKey, query, last + 1 - query);
          }
        }
      }
      for (int query = start; query < end; query++) {
        finish(query);
      }
    }

    private void tile(GuardedMatrix values, int firstKey, int query, int queries) {
      tile.score(head, query, queries);
      if (weights != null) {
        for (int r = 0; r < queries; r++) {
          System.arraycopy(tile.logits, r * KEYS, weights, weightsAt(query + r) + firstKey, tile.keys());
        }
      }
      for (int r = 0; r < queries; r++) {
        advance(r * KEYS, query + r, firstKey == 0);
      }
      tile.drop(arrays.row(batch, head, query));
      float[] gates = values.finite() ? tile.logits : tile.weightGates();
      values.addProduct(AttentionTile.left(tile.weights, false), gates, queries, 1, output, outputAt(query),
          spec.output().row(), tile.workspace);
    }

    /** Takes a row's running maximum, sum and output past the tile. */
    private void advance(int at, int query, boolean first) {
      int i = query - start;
      float max = Math.max(maxima[i], Lanes.max(tile.logits, at, tile.padded()));
      float shift = max == Float.NEGATIVE_INFINITY ? 0 : max;
      float correction = VectorMath.exp(maxima[i] - shift);
      float sum = Rows.exp(tile.logits, at, tile.padded(), shift, tile.probabilities, at);
      sums[i] = Math.fma(sums[i], correction, sum);
      maxima[i] = max;
      if (!first && correction != 1) {
        scale(output, outputAt(query), spec.valueWidth(), correction);
      }
    }

    /** A row without keys keeps its zeros: its sum is taken for 1. */
    private void finish(int query) {
      int i = query - start;
      float max = maxima[i] == Float.NEGATIVE_INFINITY ? 0 : maxima[i];
      float sum = sums[i] == 0 ? 1 : sums[i];
      int row = arrays.row(batch, head, query);
      Rows.divide(output, outputAt(query), spec.valueWidth(), sum, output, outputAt(query));
      if (reserve != null) {
        reserve[2 * row] = max;
        reserve[2 * row + 1] = sum;
      }
      if (weights != null) {
        int n = arrays.limit(batch, query);
        int at = weightsAt(query);
        AttentionTile.normalize(weights, at, n, max, sum, weights, at);
        Arrays.fill(weights, at + n, at + spec.keys(), 0);
        for (int key = 0; spec.dropout().drops() && key < n; key += KEYS) {
          int some = Math.min(KEYS, n - key);
          tile.draw(row, key, some, 0);
          AttentionTile.drop(weights, at + key, tile.factors, 0, some, weights, at + key);
        }
      }
    }

    private int outputAt(int query) {
      return at(spec.output(), batch, head, query);
    }

    private int weightsAt(int query) {
      return arrays.row(batch, head, query) * spec.keys();
    }
  }

  private static void scale(float[] x, int at, int n, float factor) {
    int i = 0;
    for (int bound = Lanes.bound(0, n); i < bound; i += Lanes.COUNT) {
      Lanes.load(x, at + i).mul(factor).intoArray(x, at + i);
    }
    for (; i < n; i++) {
      x[at + i] *= factor;
    }
  }
}
