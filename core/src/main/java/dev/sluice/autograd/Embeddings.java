package dev.sluice.autograd;

import dev.sluice.Tape;
import dev.sluice.Tensor;
import dev.sluice.spi.Backend;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.EmbeddingSpec;
import java.util.List;

/** Rows of a table by index. */
public final class Embeddings {
  private Embeddings() {}

  /**
   * {@code table[indices]}.
   *
   * @param indices INT32 of any shape, each 0 to vocabulary-1
   * @param table (vocabulary, width)
   * @param paddingIndex the row that gets no gradient, or {@link EmbeddingSpec#NO_PADDING}
   * @return the shape of the indices, then width
   * @throws IllegalArgumentException for an index out of range, before anything is computed
   */
  public static Tensor embedding(Tensor indices, Tensor table, int paddingIndex) {
    Backend backend = Checks.backend("embedding", indices, table);
    Checks.type("embedding", "indices", indices, ElementType.INT32);
    Checks.real("embedding", "table", table);
    Checks.shape(table.rank() == 2, "embedding", "table", table, "(vocabulary, width)");
    EmbeddingSpec spec = new EmbeddingSpec(indices.elements(), table.size(0), table.size(1), paddingIndex);
    Tensor y = Checks.real(backend, indices.shape().plus(table.size(1)));
    backend.embedding().embedding(spec, table.buffer(), indices.buffer(), y.buffer());
    Tape.record("embedding", List.of(table), List.of(indices), List.of(y), gradients -> {
      Tensor gradTable = Checks.real(backend, table.shape());
      backend.embedding().embeddingBackward(spec, indices.buffer(), gradients[0].buffer(), gradTable.buffer());
      return new Tensor[] {gradTable};
    });
    return y;
  }
}
