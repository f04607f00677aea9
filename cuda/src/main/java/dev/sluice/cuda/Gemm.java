package dev.sluice.cuda;

import dev.sluice.cuda.driver.Blas;
import dev.sluice.cuda.driver.CudaException;
import org.jspecify.annotations.Nullable;

/** Products of row-major matrices by cuBLAS. */
public final class Gemm {
  /** Products that cuBLAS is asked for at once: a grid's third dimension. */
  private static final int MOST_BATCH = 65_535;
  private static final int THREADS = 256;

  private final Device device;
  private final Blas blas;
  private final Kernel start;

  Gemm(Device device, Blas blas) {
    this.device = device;
    this.blas = blas;
    start = device.kernel("gemm_start");
  }

  /**
   * {@code C = alpha op(A) op(B) + beta C} for every matrix of the batch, op(A) (m, k), op(B) (k, n), C (m, n).
   * With beta 0, C is not read. Offsets and strides are in elements; a batch stride of 0 uses one matrix for all.
   *
   * @param aRowStride from one stored row of A to the next: A is stored (m, k), or (k, m) if transposed
   */
  public void multiply(boolean transposeA, boolean transposeB, int m, int n, int k, double alpha,
      CudaBuffer a, int aOffset, int aRowStride, int aBatchStride,
      CudaBuffer b, int bOffset, int bRowStride, int bBatchStride,
      double beta, CudaBuffer c, int cOffset, int cRowStride, int cBatchStride, int batch) {
    if (m == 0 || n == 0 || batch == 0) {
      return;
    }
    if (k == 0) {
      begin(null, m, n, beta, c, cOffset, cRowStride, cBatchStride, batch);
      return;
    }
    int lda = leading(aRowStride, transposeA ? m : k);
    int ldb = leading(bRowStride, transposeB ? k : n);
    int ldc = leading(cRowStride, n);
    // Inside, because a virtual thread that waits for a monitor may go on on another thread, which has its own context.
    synchronized (blas) {
      device.enter();
      try {
        for (int first = 0; first < batch; first += MOST_BATCH) {
          // Row-major C = A B is column-major C' = B' A'.
          blas.multiply(transposeB, transposeA, n, m, k, (float) alpha,
              at(b, bOffset, first, bBatchStride), ldb, bBatchStride,
              at(a, aOffset, first, aBatchStride), lda, aBatchStride,
              (float) beta, at(c, cOffset, first, cBatchStride), ldc, cBatchStride,
              Math.min(batch - first, MOST_BATCH));
        }
      } catch (CudaException e) {
        throw device.failed("gemm (" + m + ", " + n + ", " + k + "), batch " + batch, e);
      }
    }
  }

  /**
   * {@code C = beta C + bias} for every matrix of the batch, where the bias (n) may be null; with beta 0, C is not
   * read.
   */
  public void begin(@Nullable CudaBuffer bias, int m, int n, double beta, CudaBuffer c,
      int cOffset, int cRowStride, int cBatchStride, int batch) {
    long elements = (long) m * n * batch;
    start.start().buffer(c, cOffset).buffer(bias).real(beta).integer(m).integer(n).integer(cRowStride)
        .integer(cBatchStride).integer((int) elements).run(device.blocks(elements, THREADS), THREADS);
  }

  private static int leading(int rowStride, int columns) {
    return Math.max(rowStride, Math.max(columns, 1));
  }

  private long at(CudaBuffer buffer, int offset, int matrix, int batchStride) {
    return buffer.address(device) + (offset + (long) matrix * batchStride) * Float.BYTES;
  }
}
