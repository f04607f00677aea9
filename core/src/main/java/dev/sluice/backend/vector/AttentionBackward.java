package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.AttentionArrays.at;
import static dev.sluice.backend.vector.AttentionTile.KEYS;
import static dev.sluice.backend.vector.AttentionTile.QUERIES;

import dev.sluice.spi.AttentionSpec;
import dev.sluice.spi.AttentionSpec.Layout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The backward pass by {@link AttentionGradTile}s: {@code dV += W^T dOut}, {@code dK += scale dLogits^T Q},
 * {@code dQ += scale dLogits K}. The gradients' own rows are the accumulators: those of a key are summed over heads,
 * then queries; those of a query over keys; each in order.
 *
 * <p>A tile of queries meets all its keys in a row of tiles, so that {@code delta = sum P dP} is known, to the last
 * digit what dP less delta needs, before any of them makes dLogits. One pass does both sides where there are enough
 * pairs (batch row, key head) to share out. Where not, one over ranges of queries does theirs and leaves delta to one
 * over ranges of keys, with the same sums in the same order.
 */
final class AttentionBackward implements Workers.Task {
  /** Which gradients a pass computes. */
  enum Side {
    /** All: blocks are pairs (batch row, key head). */
    BOTH,
    /** Of queries and bias, and delta: blocks are ranges of queries of (batch row, head). */
    QUERIES,
    /** Of keys and values, given delta: blocks are ranges of keys of (batch row, key head). */
    KEYS
  }

  /**
   * The arrays that only the backward pass has.
   *
   * @param reserve maximum and sum of each row
   * @param delta what each row subtracts, (batch, heads, queries): made by the first pass
   * @param output the gradient of the output
   * @param weights the gradient of the weights; null for none
   * @param query the gradient of the query, written; key, value and bias likewise
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

  /** What a chunk's blocks use one after the other; linear in the keys. */
  private final class Memory implements AutoCloseable {
    private final float[] workspace = scratch.borrow(GemmTiles.WORKSPACE);
    private final float[] queryPanels = scratch.borrow(PackedMatrix.size(QUERIES, spec.width()));
    private final float[] outputPanels = scratch.borrow(PackedMatrix.size(QUERIES, spec.valueWidth()));
    private final AttentionGradTile[] tiles =
        new AttentionGradTile[side == Side.KEYS ? 1 : Math.ceilDiv(spec.keys(), KEYS)];

    Memory() {
      Arrays.setAll(tiles, t -> new AttentionGradTile(arrays, flow, scratch, workspace));
    }

    @Override
    public void close() {
      for (AttentionGradTile tile : tiles) {
        tile.close();
      }
      scratch.release(workspace);
      scratch.release(queryPanels);
      scratch.release(outputPanels);
    }
  }

  /** Some heads that share a key head, a range of queries and a range of keys. */
  private final class Block {
    private final Memory memory;
    private final int batch;
    private final int keyHead;
    private final int firstHead;
    private final int endHead;
    private final int firstQuery;
    private final int endQuery;
    private final int firstKey;
    private final int endKey;

    Block(Memory memory, int block) {
      this.memory = memory;
      boolean ofHead = side == Side.QUERIES;
      int pair = blocks.pair(block);
      int heads = ofHead ? spec.heads() : spec.keyHeads();
      int group = spec.heads() / spec.keyHeads();
      batch = pair / heads;
      keyHead = ofHead ? spec.keyHead(pair % heads) : pair % heads;
      firstHead = ofHead ? pair % heads : keyHead * group;
      endHead = ofHead ? firstHead + 1 : firstHead + group;
      firstQuery = ofHead ? blocks.start(block) : 0;
      endQuery = ofHead ? blocks.end(block) : spec.queries();
      firstKey = side == Side.KEYS ? blocks.start(block) : 0;
      endKey = side == Side.KEYS ? blocks.end(block) : spec.keys();
    }

    void run() {
      clear();
      int seen = firstQuery < endQuery ? Math.min(endKey, arrays.limit(batch, endQuery - 1)) : 0;
      if (side == Side.KEYS) {
        runByKeys(seen);
      } else {
        runByQueries(seen);
      }
    }

    private void clear() {
      if (side != Side.QUERIES) {
        clear(flow.key, spec.key(), keyHead, firstKey, endKey, spec.width());
        clear(flow.value, spec.value(), keyHead, firstKey, endKey, spec.valueWidth());
      }
      for (int head = firstHead; side != Side.KEYS && head < endHead; head++) {
        clear(flow.query, spec.query(), head, firstQuery, endQuery, spec.width());
        if (flow.bias != null) {
          int row = arrays.row(batch, head, firstQuery);
          Arrays.fill(flow.bias, row * spec.keys(), (row + endQuery - firstQuery) * spec.keys(), 0);
        }
      }
    }

    private void clear(float[] gradient, Layout layout, int head, int start, int end, int width) {
      for (int i = start; i < end; i++) {
        int row = at(layout, batch, head, i);
        Arrays.fill(gradient, row, row + width, 0);
      }
    }

    /** Each tile of queries along the row of all its keys. */
    private void runByQueries(int seen) {
      for (int key = 0; key < seen; key += KEYS) {
        memory.tiles[key / KEYS].turnTo(batch, keyHead, key, seen, true);
      }
      for (int head = firstHead; head < endHead; head++) {
        for (int query = firstQuery; query < endQuery; query += QUERIES) {
          row(head, query, Math.min(QUERIES, endQuery - query));
        }
      }
    }

    private void row(int head, int query, int queries) {
      int tiles = Math.ceilDiv(arrays.limit(batch, query + queries - 1), KEYS);
      int row = arrays.row(batch, head, query);
      Arrays.fill(flow.delta, row, row + queries, 0);
      for (int t = 0; t < tiles; t++) {
        AttentionGradTile tile = memory.tiles[t];
        tile.compute(head, query, queries);
        for (int r = 0; r < queries; r++) {
          flow.delta[row + r] += tile.delta(r);
        }
      }
      boolean toKeys = side == Side.BOTH && tiles > 0;
      GuardedMatrix rows = toKeys ? packQueries(head, query, queries) : null;
      GuardedMatrix gradOutputs = toKeys ? packGradOutputs(head, query, queries) : null;
      for (int t = 0; t < tiles; t++) {
        AttentionGradTile tile = memory.tiles[t];
        tile.subtract(flow.delta);
        tile.addToQueries();
        if (rows != null && gradOutputs != null) {
          tile.addToKeys(rows, gradOutputs);
        }
      }
    }

    /** Each tile of keys past all queries that see any of them. */
    private void runByKeys(int seen) {
      AttentionGradTile tile = memory.tiles[0];
      for (int key = firstKey; key < seen; key += KEYS) {
        tile.turnTo(batch, keyHead, key, seen, false);
        for (int head = firstHead; head < endHead; head++) {
          for (int query = firstQuery; query < endQuery; query += QUERIES) {
            int queries = Math.min(QUERIES, endQuery - query);
            if (arrays.limit(batch, query + queries - 1) > key) {
              tile.compute(head, query, queries);
              tile.subtract(flow.delta);
              tile.addToKeys(packQueries(head, query, queries), packGradOutputs(head, query, queries));
            }
          }
        }
      }
    }

    private GuardedMatrix packQueries(int head, int query, int queries) {
      return GuardedMatrix.pack(queries, spec.width(), arrays.query(), at(spec.query(), batch, head, query),
          spec.query().row(), memory.queryPanels);
    }

    private GuardedMatrix packGradOutputs(int head, int query, int queries) {
      return GuardedMatrix.pack(queries, spec.valueWidth(), flow.output, at(spec.output(), batch, head, query),
          spec.output().row(), memory.outputPanels);
    }
  }
}
