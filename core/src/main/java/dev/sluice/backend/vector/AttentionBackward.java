package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.AttentionArrays.at;
import static dev.sluice.backend.vector.AttentionTile.KEYS;
import static dev.sluice.backend.vector.AttentionTile.QUERIES;

import dev.sluice.backend.vector.GemmTiles.Epilogue;
import dev.sluice.backend.vector.GemmTiles.Left;
import dev.sluice.spi.AttentionSpec;
import dev.sluice.spi.AttentionSpec.Layout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The backward pass by tiles: each makes P again from the saved maxima and sums, and of it {@code dP = dropout'(dOut V^T + dWeights)},
 * {@code dLogits = P (dP - delta)}, {@code dV += W^T dOut}, {@code dK += scale dLogits^T Q}, {@code dQ += scale dLogits K}. The gradients'
 * own rows are the accumulators: those of a key are summed over heads, then queries; those of a query over keys; each in order.
 *
 * <p>One pass does both sides, a chunk having whole pairs (batch row, key head); where those are too few to share out, one pass over
 * ranges of keys does theirs and another over ranges of queries does theirs, with the same sums in the same order.
 */
final class AttentionBackward implements Workers.Task {
  /** Which gradients a pass computes. */
  enum Side {
    /** Of keys and values: blocks are ranges of keys of (batch row, key head). */
    KEYS,
    /** Of queries and bias: blocks are ranges of queries of (batch row, head). */
    QUERIES,
    /** All: blocks are pairs (batch row, key head). */
    BOTH
  }

  /**
   * The arrays that only the backward pass has.
   *
   * @param weights the gradient of the weights; null for none
   * @param bias null where not wanted
   */
  record Flow(float[] reserve, float[] delta, float[] output, float @Nullable [] weights, float[] query, float[] key,
      float[] value, float @Nullable [] bias) {}

  private final AttentionArrays arrays;
  private final AttentionSpec spec;
  private final AttentionBlocks blocks;
  private final Flow flow;
  private final Side side;
  private final Scratch scratch;

  AttentionBackward(AttentionArrays arrays, AttentionBlocks blocks, Flow flow, Side side, Scratch scratch) {
    this.arrays = arrays;
    this.blocks = blocks;
    this.flow = flow;
    this.side = side;
    this.scratch = scratch;
    spec = arrays.spec();
  }

  @Override
  public void run(int chunk) {
    try (Memory memory = new Memory()) {
      for (int block = blocks.firstBlock(chunk); block < blocks.endBlock(chunk); block++) {
        new Block(memory, block).run();
      }
    }
  }

  /** What a chunk's blocks use one after the other. */
  private final class Memory implements AutoCloseable {
    private final AttentionTile tile = new AttentionTile(arrays, scratch);
    private final float[] gradTile = scratch.borrow(QUERIES * KEYS);
    private final float[] valuePanels = scratch.borrow(PackedMatrix.size(spec.valueWidth(), KEYS));
    private final float[] keyPanels = scratch.borrow(PackedMatrix.size(KEYS, spec.width()));
    private final float[] queryPanels = scratch.borrow(PackedMatrix.size(QUERIES, spec.width()));
    private final float[] outputPanels = scratch.borrow(PackedMatrix.size(QUERIES, spec.valueWidth()));

    @Override
    public void close() {
      tile.close();
      scratch.release(gradTile);
      scratch.release(valuePanels);
      scratch.release(keyPanels);
      scratch.release(queryPanels);
      scratch.release(outputPanels);
    }
  }

  /** Some heads that share a key head, a range of queries and a range of keys. */
  private final class Block {
    private final Memory memory;
    private final AttentionTile tile;
    private final float[] gradTile;
    private final int batch;
    private final int keyHead;
    private final int firstHead;
    private final int endHead;
    private final int queryStart;
    private final int queryEnd;
    private final int keyStart;
    private final int keyEnd;

    Block(Memory memory, int block) {
      this.memory = memory;
      tile = memory.tile;
      gradTile = memory.gradTile;
      boolean ofHead = side == Side.QUERIES;
      int pair = blocks.pair(block);
      int pairs = ofHead ? spec.heads() : spec.keyHeads();
      int group = spec.heads() / spec.keyHeads();
      batch = pair / pairs;
      keyHead = ofHead ? spec.keyHead(pair % pairs) : pair % pairs;
      firstHead = ofHead ? pair % pairs : keyHead * group;
      endHead = ofHead ? firstHead + 1 : firstHead + group;
      queryStart = ofHead ? blocks.start(block) : 0;
      queryEnd = ofHead ? blocks.end(block) : spec.queries();
      keyStart = side == Side.KEYS ? blocks.start(block) : 0;
      keyEnd = side == Side.KEYS ? blocks.end(block) : spec.keys();
    }

    void run() {
      clear();
      int end = queryStart < queryEnd ? Math.min(keyEnd, arrays.limit(batch, queryEnd - 1)) : 0;
      for (int firstKey = keyStart; firstKey < end; firstKey += KEYS) {
        keys(firstKey, end);
      }
    }

    private void clear() {
      if (side != Side.QUERIES) {
        clear(flow.key, spec.key(), keyHead, keyStart, keyEnd, spec.width());
        clear(flow.value, spec.value(), keyHead, keyStart, keyEnd, spec.valueWidth());
      }
      for (int head = firstHead; side != Side.KEYS && head < endHead; head++) {
        clear(flow.query, spec.query(), head, queryStart, queryEnd, spec.width());
        if (flow.bias != null) {
          int row = arrays.row(batch, head, queryStart);
          Arrays.fill(flow.bias, row * spec.keys(), (row + queryEnd - queryStart) * spec.keys(), 0);
        }
      }
    }

    private void clear(float[] gradient, Layout layout, int head, int start, int end, int width) {
      for (int i = start; i < end; i++) {
        int row = at(layout, batch, head, i);
        Arrays.fill(gradient, row, row + width, 0);
      }
    }

    /** One tile of keys past all queries that see any of them. */
    private void keys(int firstKey, int end) {
      tile.turnTo(batch, keyHead, firstKey, end);
      PackedMatrix values = new PackedMatrix(spec.valueWidth(), tile.keys(), memory.valuePanels);
      values.pack(arrays.value(), at(spec.value(), batch, keyHead, firstKey), spec.value().row(), true);
      GuardedMatrix keys = side == Side.KEYS ? null : GuardedMatrix.pack(tile.keys(), spec.width(), arrays.key(),
          at(spec.key(), batch, keyHead, firstKey), spec.key().row(), memory.keyPanels);
      for (int head = firstHead; head < endHead; head++) {
        for (int query = queryStart; query < queryEnd; query += QUERIES) {
          int queries = Math.min(QUERIES, queryEnd - query);
          if (arrays.limit(batch, query + queries - 1) > firstKey) {
            tile(head, query, queries, firstKey, values, keys);
          }
        }
      }
    }

    private void tile(int head, int query, int queries, int firstKey, PackedMatrix values,
        @Nullable GuardedMatrix keys) {
      int row = arrays.row(batch, head, query);
      tile.score(head, query, queries);
      tile.normalize(flow.reserve, row);
      tile.drop(row);
      gradLogits(head, query, queries, firstKey, values);
      if (keys != null) {
        toQueries(head, query, queries, firstKey, keys);
      }
      if (side != Side.QUERIES) {
        toKeys(head, query, queries, firstKey);
      }
    }

    /** dLogits into the tile of gradients. */
    private void gradLogits(int head, int query, int queries, int firstKey, PackedMatrix values) {
      Left rows = new Left(flow.output, at(spec.output(), batch, head, query), spec.output().row(), false);
      GemmTiles.multiply(rows, queries, values, Epilogue.STORE, gradTile, 0, KEYS, tile.workspace);
      int row = arrays.row(batch, head, query);
      for (int r = 0; r < queries; r++) {
        if (flow.weights != null) {
          add(flow.weights, (row + r) * spec.keys() + firstKey, tile.keys(), gradTile, r * KEYS);
        }
        tile.gradLogits(r, flow.delta[row + r], gradTile);
      }
    }

    private void toQueries(int head, int query, int queries, int firstKey, GuardedMatrix keys) {
      keys.addProduct(AttentionTile.left(gradTile, false), tile.logits, queries, (float) spec.scale(), flow.query,
          at(spec.query(), batch, head, query), spec.query().row(), tile.workspace);
      for (int r = 0; flow.bias != null && r < queries; r++) {
        System.arraycopy(gradTile, r * KEYS, flow.bias,
            arrays.row(batch, head, query + r) * spec.keys() + firstKey, tile.keys());
      }
    }

    private void toKeys(int head, int query, int queries, int firstKey) {
      GuardedMatrix rows = GuardedMatrix.pack(queries, spec.width(), arrays.query(),
          at(spec.query(), batch, head, query), spec.query().row(), memory.queryPanels);
      rows.addProduct(AttentionTile.left(gradTile, true), tile.logits, tile.keys(), (float) spec.scale(), flow.key,
          at(spec.key(), batch, keyHead, firstKey), spec.key().row(), tile.workspace);
      GuardedMatrix gradients = GuardedMatrix.pack(queries, spec.valueWidth(), flow.output,
          at(spec.output(), batch, head, query), spec.output().row(), memory.outputPanels);
      float[] gates = gradients.finite() ? tile.logits : tile.weightGates();
      gradients.addProduct(AttentionTile.left(tile.weights, true), gates, tile.keys(), 1, flow.value,
          at(spec.value(), batch, keyHead, firstKey), spec.value().row(), tile.workspace);
    }
  }

  private static void add(float[] x, int xAt, int n, float[] y, int yAt) {
    for (int i = 0; i < n; i++) {
      y[yAt + i] += x[xAt + i];
    }
  }
}
