package dev.sluice.cuda.driver;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** cuBLAS 12 or 13 by {@code java.lang.foreign}. */
final class ForeignBlas implements Blas {
  private static final int SUCCESS = 0;
  private static final int NO_TRANSPOSE = 0;
  private static final int TRANSPOSE = 1;
  private static final int DEFAULT_MATH = 0;
  private static final int TF32_MATH = 3;

  private final MemorySegment factors = Arena.ofAuto().allocate(2 * Float.BYTES, Float.BYTES);
  private final MemorySegment alphaAddress = factors.asSlice(0, Float.BYTES);
  private final MemorySegment betaAddress = factors.asSlice(Float.BYTES, Float.BYTES);
  private final MemorySegment handle;
  private final MethodHandle multiply;
  private final MethodHandle multiplyBatch;
  private final MethodHandle setMathMode;
  private final MethodHandle getVersion;
  private final MethodHandle destroy;

  /**
   * Products in a stream of the current context.
   *
   * @param stream the driver's handle
   */
  ForeignBlas(SymbolLookup cublas, long stream, boolean allowTf32) {
    multiply = Libraries.function(cublas, "cublasSgemm_v2", ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT,
        ADDRESS, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
    multiplyBatch = Libraries.function(cublas, "cublasSgemmStridedBatched", ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT,
        JAVA_INT, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG, ADDRESS, JAVA_LONG,
        JAVA_INT, JAVA_LONG, JAVA_INT);
    setMathMode = Libraries.function(cublas, "cublasSetMathMode", ADDRESS, JAVA_INT);
    getVersion = Libraries.function(cublas, "cublasGetVersion_v2", ADDRESS, ADDRESS);
    destroy = Libraries.function(cublas, "cublasDestroy_v2", ADDRESS);
    MethodHandle create = Libraries.function(cublas, "cublasCreate_v2", ADDRESS);
    MethodHandle setStream = Libraries.function(cublas, "cublasSetStream_v2", ADDRESS, JAVA_LONG);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      check((int) create.invokeExact(out), "cublasCreate");
      handle = out.get(ADDRESS, 0);
      check((int) setStream.invokeExact(handle, stream), "cublasSetStream");
    } catch (Throwable e) {
      throw unchecked(e);
    }
    allowTf32(allowTf32);
  }

  @Override
  public synchronized void multiply(boolean transposeA, boolean transposeB, int m, int n, int k, float alpha, long a,
      int lda, long strideA, long b, int ldb, long strideB, float beta, long c, int ldc, long strideC, int batch) {
    int operationA = transposeA ? TRANSPOSE : NO_TRANSPOSE;
    int operationB = transposeB ? TRANSPOSE : NO_TRANSPOSE;
    factors.set(ValueLayout.JAVA_FLOAT, 0, alpha);
    factors.set(ValueLayout.JAVA_FLOAT, Float.BYTES, beta);
    int result;
    try {
      result = batch == 1
          ? (int) multiply.invokeExact(handle, operationA, operationB, m, n, k, alphaAddress, a, lda, b, ldb,
              betaAddress, c, ldc)
          : (int) multiplyBatch.invokeExact(handle, operationA, operationB, m, n, k, alphaAddress, a, lda, strideA, b,
              ldb, strideB, betaAddress, c, ldc, strideC, batch);
    } catch (Throwable e) {
      throw unchecked(e);
    }
    if (result != SUCCESS) {
      throw failure(result, "cublasSgemm of (" + m + ", " + n + ", " + k + "), batch " + batch);
    }
  }

  @Override
  public synchronized void allowTf32(boolean allowed) {
    try {
      check((int) setMathMode.invokeExact(handle, allowed ? TF32_MATH : DEFAULT_MATH), "cublasSetMathMode");
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  @Override
  public String description() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.JAVA_INT);
      check((int) getVersion.invokeExact(handle, out), "cublasGetVersion");
      int version = out.get(ValueLayout.JAVA_INT, 0);
      return "cuBLAS " + version / 10000 + "." + version / 100 % 100;
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  @Override
  public synchronized void close() {
    try {
      check((int) destroy.invokeExact(handle), "cublasDestroy");
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  private static RuntimeException unchecked(Throwable e) {
    return switch (e) {
      case RuntimeException unchecked -> unchecked;
      case Error error -> throw error;
      default -> new IllegalStateException(e);
    };
  }

  private static void check(int result, String call) {
    if (result != SUCCESS) {
      throw failure(result, call);
    }
  }

  private static CudaException failure(int result, String call) {
    return new CudaException(call + ": cuBLAS gives " + result, result);
  }
}
