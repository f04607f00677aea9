// Checking mode through the driver: what host calls and products read and write counts as the kernels' own accesses do.
#include "driver_check.h"

extern "C" {
int cublasCreate_v2(void** handle);
int cublasSgemm_v2(void* handle, int transA, int transB, int m, int n, int k, const float* alpha, const float* a,
    int lda, const float* b, int ldb, const float* beta, float* c, int ldc);
}

using namespace test;

namespace {

size_t reports() {
  size_t count = 99;
  OK(cuSoftgpuReportCount(&count));
  return count;
}

CUdeviceptr unwritten(size_t floats) {
  CUdeviceptr address = 0;
  OK(cuMemAlloc_v2(&address, floats * sizeof(float)));
  return address;
}

float* pointer(CUdeviceptr address) { return reinterpret_cast<float*>(address); }

}  // namespace

TEST(KernelsReadWhatCallsWrote, "SOFTGPU_CHECK=1", "SOFTGPU_REPORT=/dev/null") {
  context();
  CUfunction function = kernel("saxpy");
  CUdeviceptr x = device({1, 2, 3}), y = unwritten(3);
  OK(cuMemsetD32_v2(y, 0, 2));
  OK(saxpy(function, 2, 1, x, y, nullptr));
  EQUAL(host(y, 2)[1], 2.0f);
  EQUAL(reports(), 0u);
  OK(saxpy(function, 3, 1, x, y, nullptr));
  OK(cuCtxSynchronize());
  EQUAL(reports(), 1u);
  char words[256];
  OK(cuSoftgpuReport(0, words, sizeof words));
  EQUAL(std::string(words).rfind("uninitialised saxpy", 0), 0u);
  CODE_IS(cuSoftgpuReport(1, words, sizeof words), 1);
  OK(cuSoftgpuReportsClear());
  EQUAL(reports(), 0u);
}

TEST(ACopyOfNothingIsNothing, "SOFTGPU_CHECK=1", "SOFTGPU_REPORT=/dev/null") {
  context();
  CUfunction function = kernel("saxpy");
  CUdeviceptr x = device({1}), from = unwritten(1), y = device({0});
  OK(cuMemcpyDtoD_v2(y, from, 4));
  OK(saxpy(function, 1, 1, x, y, nullptr));
  OK(cuCtxSynchronize());
  EQUAL(reports(), 1u);
}

TEST(ProductsReadAndWrite, "SOFTGPU_CHECK=1", "SOFTGPU_REPORT=/dev/null") {
  context();
  void* blas = nullptr;
  OK(cublasCreate_v2(&blas));
  CUdeviceptr a = device({1, 2, 3, 4}), c = unwritten(6);
  float one = 1, zero = 0;
  auto product = [&](CUdeviceptr left, const float* beta) {
    OK(cublasSgemm_v2(blas, 0, 0, 2, 2, 2, &one, pointer(left), 2, pointer(a), 2, beta, pointer(c), 3));
    OK(cuCtxSynchronize());
  };
  product(a, &zero);
  product(a, &one);
  EQUAL(reports(), 0u);
  OK(saxpy(kernel("saxpy"), 3, 1, a, c, nullptr));
  OK(cuCtxSynchronize());
  EQUAL(reports(), 1u);
  OK(cuSoftgpuReportsClear());
  product(unwritten(4), &zero);
  EQUAL(reports(), 1u);
}

TESTS_MAIN
