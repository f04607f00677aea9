package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Agreement.check;
import static dev.sluice.backend.vector.Agreement.empty;
import static dev.sluice.backend.vector.Agreement.ints;
import static dev.sluice.backend.vector.Agreement.random;
import static dev.sluice.backend.vector.Agreement.reals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.spi.Backend;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.EmbeddingSpec;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class VectorEmbeddingTest {
  @Test
  void rowsAndTheirGradients() {
    for (int[] size : new int[][] {{0, 5, 3}, {4, 1, 1}, {9, 7, 17}, {20, 3, 64}, {3000, 500, 130}, {2, 4, 0},
        {0, 0, 3}}) {
      for (int padding : new int[] {EmbeddingSpec.NO_PADDING, 0}) {
        EmbeddingSpec spec = new EmbeddingSpec(size[0], size[1], size[2], padding);
        int[] indices = new Random(1).ints(size[0], 0, Math.max(1, size[1])).toArray();
        check(spec.toString(), 4, backend -> {
          Buffer index = ints(backend, indices);
          Buffer y = empty(backend, size[0] * size[2]);
          Buffer gradTable = empty(backend, size[1] * size[2]);
          backend.embedding().embedding(spec, reals(backend, random(2, size[1] * size[2])), index, y);
          backend.embedding().embeddingBackward(spec, index, reals(backend, random(3, size[0] * size[2])), gradTable);
          return List.of(y, gradTable);
        });
      }
    }
  }

  @Test
  void anIndexOutOfRangeIsNamed() {
    Backend backend = Agreement.VECTOR.getFirst();
    EmbeddingSpec spec = new EmbeddingSpec(2, 3, 4, EmbeddingSpec.NO_PADDING);
    Buffer y = empty(backend, 8);
    String message = assertThrows(IllegalArgumentException.class,
        () -> backend.embedding().embedding(spec, reals(backend, new float[12]), ints(backend, 0, 3), y)).getMessage();
    assertEquals("embedding: indices[1] is 3, wanted 0 to 2", message);
    assertThrows(IllegalArgumentException.class,
        () -> backend.embedding().embeddingBackward(spec, ints(backend, 0, -1), y, reals(backend, new float[12])));
  }
}
