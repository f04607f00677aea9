package dev.sluice.cuda.driver;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jcuda.Pointer;
import jcuda.driver.CUstream;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasMath;
import jcuda.jcublas.cublasOperation;
import jcuda.jcublas.cublasStatus;
import jcuda.runtime.cudaStream_t;

/** cuBLAS 12 by JCuda. One call at a time: the addresses that JCuda takes are kept and set. */
final class JCudaBlas implements Blas {
  private final cublasHandle handle = new cublasHandle();
  private final MemorySegment factors = Arena.ofAuto().allocate(2 * Float.BYTES, Float.BYTES);
  private final Pointer alphaPointer = Pointer.to(factors.asSlice(0, Float.BYTES).asByteBuffer());
  private final Pointer betaPointer = Pointer.to(factors.asSlice(Float.BYTES, Float.BYTES).asByteBuffer());
  private final DeviceAddress addressA = new DeviceAddress();
  private final DeviceAddress addressB = new DeviceAddress();
  private final DeviceAddress addressC = new DeviceAddress();

  JCudaBlas(CUstream stream, boolean allowTf32) {
    JCublas2.setExceptionsEnabled(false);
    check(JCublas2.cublasCreate(handle), "cublasCreate");
    check(JCublas2.cublasSetStream(handle, new cudaStream_t(stream)), "cublasSetStream");
    allowTf32(allowTf32);
  }

  @Override
  public synchronized void multiply(boolean transposeA, boolean transposeB, int m, int n, int k, float alpha, long a,
      int lda, long strideA, long b, int ldb, long strideB, float beta, long c, int ldc, long strideC, int batch) {
    int operationA = transposeA ? cublasOperation.CUBLAS_OP_T : cublasOperation.CUBLAS_OP_N;
    int operationB = transposeB ? cublasOperation.CUBLAS_OP_T : cublasOperation.CUBLAS_OP_N;
    factors.set(ValueLayout.JAVA_FLOAT, 0, alpha);
    factors.set(ValueLayout.JAVA_FLOAT, Float.BYTES, beta);
    addressA.set(a);
    addressB.set(b);
    addressC.set(c);
    int result = batch == 1
        ? JCublas2.cublasSgemm(handle, operationA, operationB, m, n, k, alphaPointer, addressA, lda, addressB, ldb,
            betaPointer, addressC, ldc)
        : JCublas2.cublasSgemmStridedBatched(handle, operationA, operationB, m, n, k, alphaPointer, addressA, lda,
            strideA, addressB, ldb, strideB, betaPointer, addressC, ldc, strideC, batch);
    if (result != cublasStatus.CUBLAS_STATUS_SUCCESS) {
      throw failure(result, "cublasSgemm of (" + m + ", " + n + ", " + k + "), batch " + batch);
    }
  }

  @Override
  public synchronized void allowTf32(boolean allowed) {
    int mode = allowed ? cublasMath.CUBLAS_TF32_TENSOR_OP_MATH : cublasMath.CUBLAS_DEFAULT_MATH;
    check(JCublas2.cublasSetMathMode(handle, mode), "cublasSetMathMode");
  }

  @Override
  public String description() {
    int[] version = new int[1];
    check(JCublas2.cublasGetVersion(handle, version), "cublasGetVersion");
    return "cuBLAS " + version[0] / 10000 + "." + version[0] / 100 % 100 + " by JCuda";
  }

  @Override
  public synchronized void close() {
    check(JCublas2.cublasDestroy(handle), "cublasDestroy");
  }

  private static void check(int result, String call) {
    if (result != cublasStatus.CUBLAS_STATUS_SUCCESS) {
      throw failure(result, call);
    }
  }

  private static CudaException failure(int result, String call) {
    return new CudaException(call + ": " + cublasStatus.stringFor(result), result);
  }
}
