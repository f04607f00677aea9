package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.AttentionArrays.at;
import static dev.sluice.backend.vector.AttentionTile.KEYS;
import static dev.sluice.backend.vector.AttentionTile.QUERIES;

import dev.sluice.spi.AttentionSpec;
import org.jspecify.annotations.Nullable;

/**
 * What the backward pass subtracts in each row, {@code delta = sum(dOut out) + sum(W dWeights)}, equal to {@code sum P dP} and known before
 * any dP is. The second sum needs W, which is made again tile by tile where there is a gradient of the weights.
 *
 * @param delta (batch, heads, queries), written
 */
record AttentionDelta(AttentionArrays arrays, AttentionBlocks blocks, float[] output, float[] reserve,
    float[] gradOutput, float @Nullable [] gradWeights, float[] delta, Scratch scratch) implements Workers.Task {
  @Override
  public void run(int chunk) {
    for (int block = blocks.firstBlock(chunk); block < blocks.endBlock(chunk); block++) {
      fromOutput(block);
    }
    if (gradWeights != null) {
      try (AttentionTile tile = new AttentionTile(arrays, scratch)) {
        for (int block = blocks.firstBlock(chunk); block < blocks.endBlock(chunk); block++) {
          fromWeights(tile, block, gradWeights);
        }
      }
    }
  }

  private void fromOutput(int block) {
    AttentionSpec spec = arrays.spec();
    int batch = blocks.pair(block) / spec.heads();
    int head = blocks.pair(block) % spec.heads();
    for (int query = blocks.start(block); query < blocks.end(block); query++) {
      int row = at(spec.output(), batch, head, query);
      delta[arrays.row(batch, head, query)] = Lanes.dot(output, row, gradOutput, row, spec.valueWidth());
    }
  }

  private void fromWeights(AttentionTile tile, int block, float[] gradients) {
    AttentionSpec spec = arrays.spec();
    int batch = blocks.pair(block) / spec.heads();
    int head = blocks.pair(block) % spec.heads();
    int end = blocks.end(block);
    int keys = blocks.start(block) < end ? arrays.limit(batch, end - 1) : 0;
    for (int firstKey = 0; firstKey < keys; firstKey += KEYS) {
      tile.turnTo(batch, spec.keyHead(head), firstKey, keys);
      for (int query = blocks.start(block); query < end; query += QUERIES) {
        int queries = Math.min(QUERIES, end - query);
        int row = arrays.row(batch, head, query);
        tile.score(head, query, queries);
        tile.normalize(reserve, row);
        tile.drop(row);
        for (int r = 0; r < queries; r++) {
          delta[row + r] += tile.dotWeights(r, gradients, (row + r) * spec.keys() + firstKey);
        }
      }
    }
  }
}
