package dev.sluice.spi;

import org.jspecify.annotations.Nullable;

/** Batched matrix products. */
public interface GemmKernels {
  /**
   * {@code C = alpha * op(A) op(B) + beta * C + bias} for every matrix of the batch, with op(A) (m, k), op(B) (k, n), C
   * (m, n), and the bias (n) added to each row. Every element of C sums over k in the same order, wherever it lies.
   * With beta 0, C is not read.
   */
  void multiply(GemmSpec spec, Buffer a, Buffer b, @Nullable Buffer bias, Buffer c);
}
