package dev.sluice.backend.vector;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Sizes, mask and chunks of x (outer, channels, inner). A chunk is a run of outer positions; with an inner size of 1
 * these are rows of channels.
 *
 * @param flags which positions (outer, inner) take part; null for all, but where the inner size is above 1 then one row
 *     of it, all true
 * @param masked whether the flags are a mask for every outer position
 * @param rows outer positions of a chunk
 */
record BatchNormLayout(int outer, int channels, int inner, boolean @Nullable [] flags, boolean masked, int rows) {
  /** Chunks at most: each keeps sums of its own. */
  private static final int MOST_CHUNKS = 32;

  static BatchNormLayout of(int outer, int channels, int inner, boolean @Nullable [] mask) {
    int rows = Math.max(Chunks.rows(channels * inner, Chunks.LIGHT), Math.ceilDiv(outer, MOST_CHUNKS));
    boolean[] flags = mask;
    if (mask == null && inner > 1) {
      flags = new boolean[inner];
      Arrays.fill(flags, true);
    }
    return new BatchNormLayout(outer, channels, inner, flags, mask != null, rows);
  }

  int chunks() {
    return Chunks.count(outer, rows);
  }

  int first(int chunk) {
    return chunk * rows;
  }

  int end(int chunk) {
    return Chunks.end(first(chunk), rows, outer);
  }

  /** Whether a row of channels takes part; only where the inner size is 1. */
  boolean takesPart(int row) {
    return flags == null || flags[row];
  }

  /** Where the flags of an outer position start. */
  int flagsAt(int o) {
    return masked ? o * inner : 0;
  }

  /** How many positions take part. */
  int count() {
    if (!masked || flags == null) {
      return outer * inner;
    }
    int count = 0;
    for (int position = 0; position < outer * inner; position++) {
      count += flags[position] ? 1 : 0;
    }
    return count;
  }
}
