package dev.sluice.backend.reference;

import static dev.sluice.backend.reference.ReferenceBuffer.integers;
import static dev.sluice.backend.reference.ReferenceBuffer.reals;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.EmbeddingKernels;
import dev.sluice.spi.EmbeddingSpec;
import dev.sluice.spi.KernelSpec.Pass;
import java.util.Arrays;

/** {@code y[i] = table[indices[i]]}; table (vocabulary, width), indices (count), y (count, width). */
final class ReferenceEmbedding implements EmbeddingKernels {
  @Override
  public void embedding(EmbeddingSpec spec, Buffer table, Buffer indices, Buffer y) {
    ReferenceArguments.check("embedding", spec.operands(Pass.FORWARD), table, indices, y);
    int[] index = checkedIndices("embedding", spec, indices);
    for (int i = 0; i < spec.count(); i++) {
      System.arraycopy(reals(table), index[i] * spec.width(), reals(y), i * spec.width(), spec.width());
    }
  }

  @Override
  public void embeddingBackward(EmbeddingSpec spec, Buffer indices, Buffer gradY, Buffer gradTable) {
    ReferenceArguments.check("embeddingBackward", spec.operands(Pass.BACKWARD), indices, gradY, gradTable);
    int[] index = checkedIndices("embeddingBackward", spec, indices);
    double[] gradRows = reals(gradY);
    double[] gradient = reals(gradTable);
    Arrays.fill(gradient, 0, spec.vocabulary() * spec.width(), 0);
    for (int i = 0; i < spec.count(); i++) {
      for (int j = 0; j < spec.width() && index[i] != spec.paddingIndex(); j++) {
        gradient[index[i] * spec.width() + j] += gradRows[i * spec.width() + j];
      }
    }
  }

  private static int[] checkedIndices(String operation, EmbeddingSpec spec, Buffer indices) {
    int[] index = integers(indices);
    for (int i = 0; i < spec.count(); i++) {
      ReferenceArguments.require(index[i] >= 0 && index[i] < spec.vocabulary(), operation,
          "indices[" + i + "] is " + index[i], "0 to " + (spec.vocabulary() - 1));
    }
    return index;
  }
}
