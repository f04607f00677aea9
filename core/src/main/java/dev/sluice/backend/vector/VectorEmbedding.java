package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Lanes.COUNT;
import static dev.sluice.backend.vector.Lanes.SPECIES;
import static dev.sluice.backend.vector.Lanes.bound;
import static dev.sluice.backend.vector.VectorBuffer.ints;
import static dev.sluice.backend.vector.VectorBuffer.reals;
import static jdk.incubator.vector.FloatVector.fromArray;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.EmbeddingKernels;
import dev.sluice.spi.EmbeddingSpec;
import java.util.Arrays;

/**
 * {@code y[i] = table[indices[i]]}: table (vocabulary, width), indices (count), y (count, width). Backward, each chunk
 * owns some rows of the table and adds to them in the order of the indices, so that no two threads meet and the order
 * of a sum never changes.
 */
final class VectorEmbedding implements EmbeddingKernels {
  /** Every chunk of the backward pass looks through all indices: more chunks than this would mostly look. */
  private static final int MOST_CHUNKS = 16;

  private final Workers workers;

  VectorEmbedding(Workers workers, Scratch scratch) {
    this.workers = workers;
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
    long elements = ((long) spec.count() + spec.vocabulary()) * spec.width();
    int chunks = Math.clamp(elements / Chunks.LIGHT, 1, MOST_CHUNKS);
    int rows = Chunks.count(spec.vocabulary(), chunks);
    workers.run(chunks, chunk -> {
      int from = Math.min(chunk * rows, spec.vocabulary());
      addRows(spec, index, gradRows, gradient, from, Math.min(from + rows, spec.vocabulary()));
    });
  }

  /** The gradient of rows from to to of the table. */
  private static void addRows(EmbeddingSpec spec, int[] index, float[] gradRows, float[] gradient, int from, int to) {
    int width = spec.width();
    Arrays.fill(gradient, from * width, to * width, 0f);
    for (int i = 0; i < spec.count(); i++) {
      int row = index[i];
      if (row >= from && row < to && row != spec.paddingIndex()) {
        add(gradRows, i * width, gradient, row * width, width);
      }
    }
  }

  private static void add(float[] source, int sourceOffset, float[] target, int targetOffset, int n) {
    int i = 0;
    for (int end = bound(0, n); i < end; i += COUNT) {
      fromArray(SPECIES, target, targetOffset + i).add(fromArray(SPECIES, source, sourceOffset + i))
          .intoArray(target, targetOffset + i);
    }
    for (; i < n; i++) {
      target[targetOffset + i] += source[sourceOffset + i];
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
