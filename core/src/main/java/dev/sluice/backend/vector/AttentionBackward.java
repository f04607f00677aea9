package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.AttentionArrays.at;
import static dev.sluice.backend.vector.AttentionTile.QUERIES;

import dev.sluice.spi.AttentionSpec;
import dev.sluice.spi.AttentionSpec.Layout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The backward pass: each block takes its queries, of all heads that share a key head, through {@link
 * AttentionTileGradients}, or {@link AttentionRowGradients} if they are few or weights renormalised, and sums the
 * gradients of that head's keys and values over heads, then queries. Where a pair (batch row, key head) is one block,
 * its sums are those gradients, added up where they belong if their rows are whole vectors. Where there are too few
 * pairs to share out, each has several ranges of queries, whose sums are kept and added in order.
 */
final class AttentionBackward implements Workers.Task {
  /**
   * The arrays that only the backward pass has.
   *
   * @param reserve maximum and sum of each row
   * @param output the gradient of the output
   * @param weights the gradient of the weights; null for none
   * @param query the gradient of the query, written; key, value and bias likewise
   * @param bias null where not wanted
   */
  record Flow(float[] reserve, float[] output, float @Nullable [] weights, float[] query, float[] key, float[] value,
      float @Nullable [] bias) {}

  /**
   * Where gradients of a head's keys, or of its values, are added up: a row of whole vectors for each.
   *
   * @param first where the first key's row starts
   * @param pitch from one row to the next
   */
  record Sums(float[] rows, int first, int pitch) {
    int at(int key) {
      return first + key * pitch;
    }
  }

  /** What takes some queries of one head, through the backward pass. */
  interface Queries extends AutoCloseable {
    /**
     * Computes the gradients of some queries, at most {@link AttentionTile#QUERIES}, and adds their share to those of
     * all keys and values.
     */
    void run(int batch, int head, int firstQuery, int queries, Sums keys, Sums values);

    @Override
    void close();
  }

  private final AttentionArrays arrays;
  private final AttentionSpec spec;
  private final AttentionBlocks blocks;
  private final Flow flow;
  private final Scratch scratch;
  /** The sums of each block where a pair has several. */
  private final float[] @Nullable [] kept;
  private final int keyPitch;
  private final int valuePitch;

  AttentionBackward(AttentionArrays arrays, AttentionBlocks blocks, Flow flow, Scratch scratch) {
    this.arrays = arrays;
    this.blocks = blocks;
    this.flow = flow;
    this.scratch = scratch;
    spec = arrays.spec();
    kept = blocks.ranges() > 1 ? new float[2 * blocks.blocks()][] : null;
    keyPitch = Lanes.padded(spec.width());
    valuePitch = Lanes.padded(spec.valueWidth());
  }

  @Override
  public void run(int chunk) {
    if (spec.queries() == 1 && spec.heads() == spec.keyHeads()) {
      runAlone(chunk);
      return;
    }
    boolean byRows = VectorAttention.hasFewQueries(spec) || spec.selection().renormalises();
    try (Queries queries = byRows ? new AttentionRowGradients(arrays, flow, scratch)
        : new AttentionTileGradients(arrays, flow, scratch)) {
      for (int block = blocks.firstBlock(chunk); block < blocks.endBlock(chunk); block++) {
        run(queries, block);
      }
    }
  }

  /** Nothing is summed where each head has one query and keys of its own. */
  private void runAlone(int chunk) {
    try (var rows = new AttentionRowGradients(arrays, flow, scratch)) {
      for (int pair = blocks.firstBlock(chunk); pair < blocks.endBlock(chunk); pair++) {
        rows.runAlone(pair / spec.heads(), pair % spec.heads());
      }
    }
  }

  private void run(Queries queries, int block) {
    int batch = blocks.pair(block) / spec.keyHeads();
    int keyHead = blocks.pair(block) % spec.keyHeads();
    Sums keys = begin(flow.key, spec.key(), spec.width(), keyPitch, batch, keyHead);
    Sums values = begin(flow.value, spec.value(), spec.valueWidth(), valuePitch, batch, keyHead);
    int group = spec.heads() / spec.keyHeads();
    for (int head = keyHead * group; head < (keyHead + 1) * group; head++) {
      for (int query = blocks.start(block); query < blocks.end(block); query += QUERIES) {
        queries.run(batch, head, query, Math.min(QUERIES, blocks.end(block) - query), keys, values);
      }
    }
    if (kept == null) {
      end(keys, flow.key, spec.key(), spec.width(), batch, keyHead);
      end(values, flow.value, spec.value(), spec.valueWidth(), batch, keyHead);
    } else {
      kept[2 * block] = keys.rows;
      kept[2 * block + 1] = values.rows;
    }
  }

  /** Sums of 0, in the gradient itself where they can be. */
  private Sums begin(float[] gradient, Layout layout, int width, int pitch, int batch, int keyHead) {
    if (kept != null || width != pitch) {
      float[] rows = scratch.borrow(Math.multiplyExact(spec.keys(), pitch));
      Arrays.fill(rows, 0, spec.keys() * pitch, 0);
      return new Sums(rows, 0, pitch);
    }
    Sums sums = new Sums(gradient, at(layout, batch, keyHead, 0), layout.row());
    if (layout.row() == width) {
      Arrays.fill(gradient, sums.first, sums.at(spec.keys()), 0);
    } else {
      for (int j = 0; j < spec.keys(); j++) {
        Arrays.fill(gradient, sums.at(j), sums.at(j) + width, 0);
      }
    }
    return sums;
  }

  private void end(Sums sums, float[] gradient, Layout layout, int width, int batch, int keyHead) {
    if (sums.rows != gradient) {
      copy(sums.rows, sums.pitch, width, gradient, layout, batch, keyHead);
      scratch.release(sums.rows);
    }
  }

  /** Adds up what several blocks of a pair have kept; after all chunks. */
  void sum() {
    for (int block = 0; kept != null && block < blocks.blocks(); block += blocks.ranges()) {
      for (int next = block + 1; next < block + blocks.ranges(); next++) {
        Rows.add(kept[2 * block], 0, kept[2 * next], 0, spec.keys() * keyPitch);
        Rows.add(kept[2 * block + 1], 0, kept[2 * next + 1], 0, spec.keys() * valuePitch);
      }
      int batch = blocks.pair(block) / spec.keyHeads();
      int keyHead = blocks.pair(block) % spec.keyHeads();
      copy(kept[2 * block], keyPitch, spec.width(), flow.key, spec.key(), batch, keyHead);
      copy(kept[2 * block + 1], valuePitch, spec.valueWidth(), flow.value, spec.value(), batch, keyHead);
    }
    for (int i = 0; kept != null && i < kept.length; i++) {
      scratch.release(kept[i]);
    }
  }

  private void copy(float[] rows, int pitch, int width, float[] gradient, Layout layout, int batch, int keyHead) {
    int first = at(layout, batch, keyHead, 0);
    if (width == pitch && layout.row() == pitch) {
      System.arraycopy(rows, 0, gradient, first, spec.keys() * width);
    } else {
      for (int j = 0; j < spec.keys(); j++) {
        System.arraycopy(rows, j * pitch, gradient, first + j * layout.row(), width);
      }
    }
  }
}
