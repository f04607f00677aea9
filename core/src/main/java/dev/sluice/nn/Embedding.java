package dev.sluice.nn;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.autograd.Embeddings;
import dev.sluice.checks.Arguments;
import dev.sluice.spi.EmbeddingSpec;
import java.util.Arrays;

/**
 * A table of rows looked up by index, as torch.nn.Embedding: INT32 (...) to REAL (..., embeddingDim). Parameter:
 * {@code weight} (numEmbeddings, embeddingDim), drawn from N(0, 1); the padding row, if there is one, is 0 and gets no
 * gradient.
 */
public final class Embedding extends Module implements Layer {
  /** No padding row. */
  public static final int NO_PADDING = EmbeddingSpec.NO_PADDING;

  private final int paddingIndex;

  /** Without a padding row. */
  public Embedding(int numEmbeddings, int embeddingDim, Generator generator) {
    this(numEmbeddings, embeddingDim, NO_PADDING, generator);
  }

  /**
   * With a padding row.
   *
   * @param numEmbeddings rows of the table, 1 or more
   * @param embeddingDim width of a row, 1 or more
   * @param paddingIndex the padding row, 0 to numEmbeddings-1, or {@link #NO_PADDING}
   */
  public Embedding(int numEmbeddings, int embeddingDim, int paddingIndex, Generator generator) {
    Arguments.positive("embedding", "numEmbeddings", numEmbeddings);
    Arguments.positive("embedding", "embeddingDim", embeddingDim);
    Arguments.require(paddingIndex >= NO_PADDING && paddingIndex < numEmbeddings, "embedding",
        "paddingIndex is " + paddingIndex, "-1 for none, or 0 to " + (numEmbeddings - 1));
    this.paddingIndex = paddingIndex;
    float[] rows = generator.normal(Math.multiplyExact(numEmbeddings, embeddingDim), 0, 1);
    if (paddingIndex != NO_PADDING) {
      Arrays.fill(rows, paddingIndex * embeddingDim, (paddingIndex + 1) * embeddingDim, 0);
    }
    parameter("weight", Tensor.of(rows, numEmbeddings, embeddingDim));
  }

  /** (numEmbeddings, embeddingDim). */
  public Tensor weight() {
    return parameter("weight");
  }

  /**
   * Looks up.
   *
   * @param input INT32 (...), each 0 to numEmbeddings-1
   * @return (..., embeddingDim)
   */
  @Override
  public Tensor forward(Tensor input) {
    return Embeddings.embedding(input, weight(), paddingIndex);
  }
}
