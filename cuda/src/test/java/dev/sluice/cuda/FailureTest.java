package dev.sluice.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.cuda.driver.CudaException;
import dev.sluice.cuda.driver.CudaOutOfMemoryException;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.FillSpec;
import dev.sluice.spi.GemmSpec;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Calls that fail: each is noticed, says what failed, and ends the backend's use where its results cannot be trusted.
 */
class FailureTest {
  private static final int LAUNCH_FAILED = 719;
  private static final int ILLEGAL_ADDRESS = 700;
  private static final List<String> MAKING = List.of("cuDevicePrimaryCtxRetain", "cuStreamCreate", "cuModuleLoadDataEx",
      "cuMemHostAlloc", "cuEventCreate", "cublasCreate_v2");
  private static final List<String> GIVING_BACK = List.of("cuDevicePrimaryCtxRelease_v2", "cuStreamDestroy_v2",
      "cuModuleUnload", "cuMemFreeHost", "cuEventDestroy_v2", "cublasDestroy_v2");
  private static final FillSpec FILL = new FillSpec(ElementType.REAL, 8, 1);

  @Test
  void aLaunchThatFailsEndsTheBackend() {
    CudaBackend backend = SoftGpu.backend();
    Buffer buffer = backend.allocate(ElementType.REAL, 8);
    SoftGpu.fail("cuLaunchKernel", 1, LAUNCH_FAILED);
    CudaException failure = assertThrows(CudaException.class, () -> backend.memory().fill(FILL, buffer));
    assertEquals(LAUNCH_FAILED, failure.code());
    assertTrue(failure.getMessage().matches("cuda: fill_words with grid \\(1, 1, 1\\) and block \\(\\d+, 1\\)"
        + " on device 0 \\(.*\\) failed: cuLaunchKernel: CUDA_ERROR_LAUNCH_FAILED"), failure.getMessage());
    assertEnded(backend, buffer, failure);
  }

  @Test
  void aFaultThatShowsLaterEndsTheBackendAndTheAnswerIsNotGiven() {
    CudaBackend backend = SoftGpu.backend();
    Buffer buffer = backend.allocate(ElementType.REAL, 8);
    backend.memory().fill(FILL, buffer);
    SoftGpu.fail("cuStreamSynchronize", 1, ILLEGAL_ADDRESS);
    CudaException failure = assertThrows(CudaException.class, () -> backend.read(buffer, 0, new float[8], 0, 8));
    assertEquals(ILLEGAL_ADDRESS, failure.code());
    assertTrue(failure.getMessage().startsWith("cuda: read of 8 elements of REAL buffer of 8@"), failure.getMessage());
    assertEnded(backend, buffer, failure);
  }

  @Test
  void aProductThatFailsEndsTheBackend() {
    CudaBackend backend = SoftGpu.backend();
    Buffer buffer = backend.allocate(ElementType.REAL, 64);
    SoftGpu.fail("cublasSgemm_v2", 1, 13);
    CudaException failure = assertThrows(CudaException.class,
        () -> backend.gemm().multiply(GemmSpec.of(2, 3, 4, false, false), buffer, buffer, null, buffer));
    assertTrue(failure.getMessage().matches("cuda: gemm \\(2, 3, 4\\), batch 1 on device 0 \\(.*\\) failed:"
        + " cublasSgemm of \\(3, 2, 4\\), batch 1: CUBLAS_STATUS_EXECUTION_FAILED"), failure.getMessage());
    assertEnded(backend, buffer, failure);
  }

  private static void assertEnded(CudaBackend backend, Buffer buffer, CudaException failure) {
    CudaException later = assertThrows(CudaException.class, backend::memory);
    assertEquals("cuda: the backend is unusable since a call failed: " + failure.getMessage()
        + "; start the process anew", later.getMessage());
    assertThrows(CudaException.class, () -> backend.write(new float[8], 0, buffer, 0, 8));
    assertThrows(CudaException.class, () -> backend.allocate(ElementType.REAL, 8));
    buffer.close();
    backend.close();
  }

  @ParameterizedTest
  @CsvSource({
      "cuDevicePrimaryCtxRetain, 46, cuDevicePrimaryCtxRetain: CUDA_ERROR_DEVICE_UNAVAILABLE",
      "cuStreamCreate, 1, cuStreamCreate: CUDA_ERROR_INVALID_VALUE",
      "cuModuleLoadDataEx, 222, cuModuleLoadData of \\d+ bytes of PTX.*: CUDA_ERROR_UNSUPPORTED_PTX_VERSION",
      "cuModuleGetFunction, 500, cuModuleGetFunction of \\w+: CUDA_ERROR_NOT_FOUND",
      "cuMemHostAlloc, 2, cuMemHostAlloc of \\d+ bytes: CUDA_ERROR_OUT_OF_MEMORY",
      "cuEventCreate, 1, cuEventCreate: CUDA_ERROR_INVALID_VALUE",
      "cublasCreate_v2, 3, cublasCreate: CUBLAS_STATUS_ALLOC_FAILED"})
  void aStartThatFailsSaysWhere(String function, int code, String message) {
    // Without another backend the context would take with it what is not given back.
    try (CudaBackend other = SoftGpu.backend()) {
      long before = held();
      SoftGpu.fail(function, 1, code);
      CudaException failure = assertThrows(CudaException.class, SoftGpu::backend);
      assertEquals(code, failure.code());
      assertTrue(failure.getMessage().matches(message), failure.getMessage());
      assertEquals(before + (MAKING.contains(function) ? 1 : 0), held(), "something is not given back");
      other.memory().fill(FILL, other.allocate(ElementType.REAL, 8));
    }
    SoftGpu.backend().close();
  }

  /** How many more calls that make something there were than calls that give it back. */
  private static long held() {
    return MAKING.stream().mapToLong(SoftGpu::calls).sum() - GIVING_BACK.stream().mapToLong(SoftGpu::calls).sum();
  }

  @Test
  void anAllocationThatFailsOnceIsTriedAgain() {
    try (CudaBackend backend = SoftGpu.backend()) {
      SoftGpu.fail("cuMemAlloc_v2", 1, 2);
      Buffer buffer = backend.allocate(ElementType.REAL, 1 << 20);
      backend.memory().fill(FILL, buffer);
      assertFalse(buffer.isClosed());
    }
  }

  @Test
  void memoryThatIsNotThereIsRefusedAndTheBackendGoesOn() {
    try (CudaBackend backend = SoftGpu.backend()) {
      int all = Integer.MAX_VALUE;
      CudaOutOfMemoryException failure =
          assertThrows(CudaOutOfMemoryException.class, () -> backend.allocate(ElementType.REAL, all));
      assertTrue(failure.getMessage().matches("cuda: no memory for REAL buffer of " + all + " \\(" + 4L * all
          + " bytes\\) on device 0 \\(.*\\): \\d+ of \\d+ bytes are free, \\d+ are held by buffers; close tensors"
          + " \\(Scope\\), or take a smaller batch"), failure.getMessage());
      backend.memory().fill(FILL, backend.allocate(ElementType.REAL, 8));
    }
  }
}
