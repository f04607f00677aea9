package dev.sluice.cuda.driver;

/** The matrix products of cuBLAS, column-major as cuBLAS has them, in one stream. */
public interface Blas extends AutoCloseable {
  /**
   * {@code C = alpha op(A) op(B) + beta C} for a batch of column-major matrices, op(A) (m, k), op(B) (k, n), C (m, n).
   * Nothing is allocated.
   *
   * @param a address of the first matrix
   * @param lda from one column of A to the next
   * @param strideA elements from one matrix of A to the next
   */
  void multiply(boolean transposeA, boolean transposeB, int m, int n, int k, float alpha, long a, int lda, long strideA,
      long b, int ldb, long strideB, float beta, long c, int ldc, long strideC, int batch);

  /** Whether products may round their factors to TF32. */
  void allowTf32(boolean allowed);

  /** Which cuBLAS this is, for people. */
  String description();

  @Override
  void close();
}
