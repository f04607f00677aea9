package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.VectorBuffer.ints;
import static dev.sluice.backend.vector.VectorBuffer.reals;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.EmbeddingKernels;
import dev.sluice.spi.EmbeddingSpec;
import java.util.Arrays;

/**
 * {@code y[i] = table[indices[i]]}: table (vocabulary, width), indices (count), y (count, width). Backward, each chunk
 * owns some rows of the table, and each row adds up what its indices have in their order, so that no two threads meet
 * and the order of a sum never changes.
 */
final class VectorEmbedding implements EmbeddingKernels {
  private static final int NONE = -1;

  private final Workers workers;
  private final Scratch scratch;

  VectorEmbedding(Workers workers, Scratch scratch) {
    this.workers = workers;
    this.scratch = scratch;
  }

  @Override
  public void embedding(EmbeddingSpec spec, Buffer table, Buffer indices, Buffer y) {
    float[] rows = reals(table);
    int[] index = checked("embedding", spec, indices);
    float[] result = reals(y);
    int width = spec.width();
    int perChunk = Chunks.rows(width, Chunks.LIGHT);
    workers.run(Chunks.count(spec.count(), perChunk), chunk -> {
      int from = chunk * perChunk;
      for (int i = from; i < Chunks.end(from, perChunk, spec.count()); i++) {
        System.arraycopy(rows, index[i] * width, result, i * width, width);
      }
    });
  }

  @Override
  public void embeddingBackward(EmbeddingSpec spec, Buffer indices, Buffer gradY, Buffer gradTable) {
    int[] index = checked("embeddingBackward", spec, indices);
    float[] gradRows = reals(gradY);
    float[] gradient = reals(gradTable);
    int[] first = scratch.borrowInts(spec.vocabulary());
    int[] next = scratch.borrowInts(spec.count());
    link(spec, index, first, next);
    int perChunk = Chunks.rows(spec.width(), Chunks.MEDIUM);
    workers.run(Chunks.count(spec.vocabulary(), perChunk), chunk -> {
      int from = chunk * perChunk;
      for (int row = from; row < Chunks.end(from, perChunk, spec.vocabulary()); row++) {
        addUp(spec.width(), first[row], next, gradRows, gradient, row * spec.width());
      }
    });
    scratch.release(first);
    scratch.release(next);
  }

  /** Finds the first position of each row of the table among the indices, and from each position the row's next. */
  private static void link(EmbeddingSpec spec, int[] index, int[] first, int[] next) {
    Arrays.fill(first, 0, spec.vocabulary(), NONE);
    for (int i = spec.count() - 1; i >= 0; i--) {
      int row = index[i];
      if (row != spec.paddingIndex()) {
        next[i] = first[row];
        first[row] = i;
      }
    }
  }

  /** The gradient of one row of the table, written once: most rows of a large one have few positions, or none. */
  private static void addUp(int width, int first, int[] next, float[] gradRows, float[] gradient, int at) {
    if (first == NONE) {
      Arrays.fill(gradient, at, at + width, 0f);
      return;
    }
    System.arraycopy(gradRows, first * width, gradient, at, width);
    for (int i = next[first]; i != NONE; i = next[i]) {
      Rows.add(gradient, at, gradRows, i * width, width);
    }
  }

  private static int[] checked(String operation, EmbeddingSpec spec, Buffer indices) {
    int[] index = ints(indices);
    for (int i = 0; i < spec.count(); i++) {
      if (index[i] < 0 || index[i] >= spec.vocabulary()) {
        throw new IllegalArgumentException(
            operation + ": indices[" + i + "] is " + index[i] + ", wanted 0 to " + (spec.vocabulary() - 1));
      }
    }
    return index;
  }
}
