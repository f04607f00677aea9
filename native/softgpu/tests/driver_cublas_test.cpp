// cuBLAS: products against plain loops in double over every transposition and awkward sizes, TF32, streams, wrong
// arguments.
#include <dlfcn.h>

#include <array>
#include <chrono>
#include <cmath>
#include <cstring>
#include <random>

#include "driver_check.h"

extern "C" {
int cublasCreate_v2(void** handle);
int cublasDestroy_v2(void* handle);
int cublasGetVersion_v2(void* handle, int* version);
int cublasSetStream_v2(void* handle, CUstream stream);
int cublasSetPointerMode_v2(void* handle, int mode);
int cublasSetMathMode(void* handle, int mode);
int cublasGetMathMode(void* handle, int* mode);
int cublasSetWorkspace_v2(void* handle, void* workspace, size_t bytes);
int cublasDgemm_v2();
int cublasSgemm_v2(void* handle, int transA, int transB, int m, int n, int k, const float* alpha, const float* a,
    int lda, const float* b, int ldb, const float* beta, float* c, int ldc);
int cublasSgemmStridedBatched(void* handle, int transA, int transB, int m, int n, int k, const float* alpha,
    const float* a, int lda, long long strideA, const float* b, int ldb, long long strideB, const float* beta, float* c,
    int ldc, long long strideC, int batch);
int cublasGemmEx(void* handle, int transA, int transB, int m, int n, int k, const void* alpha, const void* a, int typeA,
    int lda, const void* b, int typeB, int ldb, const void* beta, void* c, int typeC, int ldc, int compute,
    int algorithm);
int cublasGemmStridedBatchedEx(void* handle, int transA, int transB, int m, int n, int k, const void* alpha,
    const void* a, int typeA, int lda, long long strideA, const void* b, int typeB, int ldb, long long strideB,
    const void* beta, void* c, int typeC, int ldc, long long strideC, int batch, int compute, int algorithm);
}

using namespace test;

namespace {

std::vector<float> random(size_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> values(count);
  for (float& value : values) {
    value = uniform(generator);
  }
  return values;
}

float* pointer(CUdeviceptr address) { return reinterpret_cast<float*>(address); }

void* handle() {
  void* made = nullptr;
  OK(cublasCreate_v2(&made));
  return made;
}

float tf32(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, 4);
  bits = (bits + 0x1000u) & ~0x1fffu;
  std::memcpy(&value, &bits, 4);
  return value;
}

/** One batch of products with padded leading dimensions, through a call, against loops in double. */
struct Product {
  int transA, transB, m, n, k, batch;
  float alpha, beta;
  bool rounded = false;

  template <typename Call>
  void check(Call call) const {
    int rowsA = transA ? k : m, columnsA = transA ? m : k, rowsB = transB ? n : k, columnsB = transB ? k : n;
    int lda = rowsA + 3, ldb = rowsB + 1, ldc = m + 2;
    size_t strideA = static_cast<size_t>(lda) * columnsA, strideB = static_cast<size_t>(ldb) * columnsB;
    size_t strideC = static_cast<size_t>(ldc) * n;
    auto a = random(strideA * batch, 1), b = random(strideB * batch, 2), c = random(strideC * batch, 3);
    if (beta == 0) {
      c[0] = NAN;
    }
    CUdeviceptr da = device(a), db = device(b), dc = device(c);
    OK(call(*this, da, lda, strideA, db, ldb, strideB, dc, ldc, strideC));
    auto result = host(dc, c.size());
    double worst = 0;
    for (int i = 0; i < batch; i++) {
      for (int column = 0; column < n; column++) {
        for (int row = 0; row < ldc; row++) {
          size_t at = i * strideC + static_cast<size_t>(column) * ldc + row;
          double wanted = c[at];
          if (row < m) {
            double sum = 0;
            for (int p = 0; p < k; p++) {
              float left = a[i * strideA + (transA ? p + row * lda : row + p * lda)];
              float right = b[i * strideB + (transB ? column + p * ldb : p + column * ldb)];
              sum += rounded ? static_cast<double>(tf32(left)) * tf32(right) : static_cast<double>(left) * right;
            }
            wanted = alpha * sum + (beta == 0 ? 0 : static_cast<double>(beta) * c[at]);
          }
          double error = std::fabs(result[at] - wanted);
          worst = std::isnan(error) ? INFINITY : std::max(worst, error);
        }
      }
    }
    EQUAL(worst < 2e-6 * std::sqrt(k + 1.0), true);
    for (CUdeviceptr address : {da, db, dc}) {
      OK(cuMemFree_v2(address));
    }
  }
};

}  // namespace

TEST(ProductsOfAllShapes) {
  context();
  void* blas = handle();
  auto sgemm = [&](const Product& p, CUdeviceptr a, int lda, size_t, CUdeviceptr b, int ldb, size_t, CUdeviceptr c,
                   int ldc, size_t) {
    return cublasSgemm_v2(blas, p.transA, p.transB, p.m, p.n, p.k, &p.alpha, pointer(a), lda, pointer(b), ldb, &p.beta,
        pointer(c), ldc);
  };
  for (int trans = 0; trans < 4; trans++) {
    int ta = trans / 2, tb = trans % 2;
    const std::vector<std::array<int, 3>> sizes = {
        {1, 1, 1}, {7, 5, 3}, {16, 6, 256}, {33, 29, 300}, {129, 385, 17}, {5, 1, 0}};
    for (auto [m, n, k] : sizes) {
      Product{ta, tb, m, n, k, 1, 1, 0}.check(sgemm);
      Product{ta, tb, m, n, k, 1, -0.5f, 2}.check(sgemm);
      Product{ta, tb, m, n, k, 1, 0, 1}.check(sgemm);
    }
  }
}

TEST(Batches) {
  context();
  void* blas = handle();
  for (int trans = 0; trans < 4; trans++) {
    Product{trans / 2, trans % 2, 9, 14, 5, 7, 2, 1}.check(
        [&](const Product& p, CUdeviceptr a, int lda, size_t strideA, CUdeviceptr b, int ldb, size_t strideB,
            CUdeviceptr c, int ldc, size_t strideC) {
          return cublasSgemmStridedBatched(blas, p.transA, p.transB, p.m, p.n, p.k, &p.alpha, pointer(a), lda, strideA,
              pointer(b), ldb, strideB, &p.beta, pointer(c), ldc, strideC, p.batch);
        });
    Product{trans / 2, trans % 2, 4, 3, 20, 3, 1, 0}.check(
        [&](const Product& p, CUdeviceptr a, int lda, size_t strideA, CUdeviceptr b, int ldb, size_t strideB,
            CUdeviceptr c, int ldc, size_t strideC) {
          return cublasGemmStridedBatchedEx(blas, p.transA, p.transB, p.m, p.n, p.k, &p.alpha, pointer(a), 0, lda,
              strideA, pointer(b), 0, ldb, strideB, &p.beta, pointer(c), 0, ldc, strideC, p.batch, 68, -1);
        });
  }
}

TEST(Tf32RoundsOperandsWhereItIsAskedFor) {
  context();
  void* blas = handle();
  int mode = -1;
  OK(cublasGetMathMode(blas, &mode));
  EQUAL(mode, 0);
  auto ex = [&](int compute) {
    return [blas, compute](const Product& p, CUdeviceptr a, int lda, size_t, CUdeviceptr b, int ldb, size_t,
               CUdeviceptr c, int ldc, size_t) {
      return cublasGemmEx(blas, p.transA, p.transB, p.m, p.n, p.k, &p.alpha, pointer(a), 0, lda, pointer(b), 0, ldb,
          &p.beta, pointer(c), 0, ldc, compute, -1);
    };
  };
  Product{0, 0, 10, 10, 40, 1, 1, 0, false}.check(ex(68));
  Product{0, 0, 10, 10, 40, 1, 1, 0, true}.check(ex(77));
  OK(cublasSetMathMode(blas, 3));
  OK(cublasGetMathMode(blas, &mode));
  EQUAL(mode, 3);
  Product{0, 0, 10, 10, 40, 1, 1, 0, true}.check(ex(68));
  Product{0, 0, 10, 10, 40, 1, 1, 0, false}.check(ex(69));
  EQUAL(cublasSetMathMode(blas, 9), 7);
}

TEST(TuringHasNoTf32, "SOFTGPU_MODEL=sm_75") {
  context();
  void* blas = handle();
  OK(cublasSetMathMode(blas, 3));
  Product{0, 1, 10, 10, 40, 1, 1, 0, false}.check(
      [&](const Product& p, CUdeviceptr a, int lda, size_t, CUdeviceptr b, int ldb, size_t, CUdeviceptr c, int ldc,
          size_t) {
        return cublasSgemm_v2(blas, p.transA, p.transB, p.m, p.n, p.k, &p.alpha, pointer(a), lda, pointer(b), ldb,
            &p.beta, pointer(c), ldc);
      });
}

TEST(ProductsAreLateAndInTheirStream) {
  context();
  void* blas = handle();
  CUstream stream;
  OK(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING));
  OK(cublasSetStream_v2(blas, stream));
  CUdeviceptr a = device({3}), b = device({4}), c = device({0});
  float alpha = 1, beta = 0;
  OK(cublasSgemm_v2(blas, 0, 0, 1, 1, 1, &alpha, pointer(a), 1, pointer(b), 1, &beta, pointer(c), 1));
  alpha = 100;
  EQUAL(host(c, 1)[0], 0.0f);
  OK(cuStreamSynchronize(stream));
  EQUAL(host(c, 1)[0], 12.0f);
}

TEST(ScalarsOnTheDevice) {
  context();
  void* blas = handle();
  CUdeviceptr a = device({3}), b = device({4}), c = device({1}), scalars = device({2, 10});
  OK(cublasSetPointerMode_v2(blas, 1));
  float *alpha = pointer(scalars), *beta = alpha + 1;
  OK(cublasSgemm_v2(blas, 0, 0, 1, 1, 1, alpha, pointer(a), 1, pointer(b), 1, beta, pointer(c), 1));
  EQUAL(host(c, 1)[0], 34.0f);
}

TEST(WrongArguments) {
  context();
  void* blas = handle();
  CUdeviceptr a = device({1, 2, 3, 4}), c = device({0, 0, 0, 0});
  float one = 1;
  auto sgemm = [&](void* with, int trans, int m, int n, int k, int lda, int ldb, int ldc, const float* alpha) {
    return cublasSgemm_v2(with, trans, 0, m, n, k, alpha, pointer(a), lda, pointer(a), ldb, &one, pointer(c), ldc);
  };
  EQUAL(sgemm(nullptr, 0, 2, 2, 2, 2, 2, 2, &one), 1);
  EQUAL(sgemm(blas, 5, 2, 2, 2, 2, 2, 2, &one), 7);
  EQUAL(sgemm(blas, 0, -1, 2, 2, 2, 2, 2, &one), 7);
  EQUAL(sgemm(blas, 0, 2, 2, 2, 1, 2, 2, &one), 7);
  EQUAL(sgemm(blas, 1, 2, 2, 3, 2, 3, 2, &one), 7);
  EQUAL(sgemm(blas, 0, 2, 2, 2, 2, 1, 2, &one), 7);
  EQUAL(sgemm(blas, 0, 2, 2, 2, 2, 2, 1, &one), 7);
  EQUAL(sgemm(blas, 0, 2, 2, 2, 2, 2, 2, nullptr), 7);
  EQUAL(sgemm(blas, 0, 0, 2, 2, 2, 2, 2, &one), 0);
  float *in = pointer(a), *out = pointer(c);
  EQUAL(cublasGemmEx(blas, 0, 0, 2, 2, 2, &one, in, 2, 2, in, 2, 2, &one, out, 2, 2, 68, -1), 15);
  EQUAL(cublasDgemm_v2(), 15);
  OK(cublasSetWorkspace_v2(blas, nullptr, 0));
  OK(cublasDestroy_v2(blas));
  EQUAL(cublasDestroy_v2(blas), 1);
}

TEST(OperandsOutsideOfMemoryAreAnIllegalAccess) {
  context();
  void* blas = handle();
  CUdeviceptr a = device({1, 2, 3, 4}), c = device({0, 0, 0});
  float one = 1;
  OK(cublasSgemm_v2(blas, 0, 0, 2, 2, 2, &one, pointer(a), 2, pointer(a), 2, &one, pointer(c), 2));
  CODE_IS(cuCtxSynchronize(), 700);
  EQUAL(cublasSgemm_v2(blas, 0, 0, 1, 1, 1, &one, pointer(a), 1, pointer(a), 1, &one, pointer(c), 1), 13);
}

TEST(AHandleNeedsItsContext, "SOFTGPU_DEVICES=2") {
  OK(cuInit(0));
  void* blas = nullptr;
  EQUAL(cublasCreate_v2(&blas), 1);
  context();
  OK(cublasCreate_v2(&blas));
  CUdeviceptr a = device({1});
  CUcontext other;
  OK(cuCtxCreate_v2(&other, 0, 1));
  float one = 1;
  EQUAL(cublasSgemm_v2(blas, 0, 0, 1, 1, 1, &one, pointer(a), 1, pointer(a), 1, &one, pointer(a), 1), 13);
}

TEST(BothVersions) {
  int version = 0;
  OK(cublasGetVersion_v2(nullptr, &version));
  EQUAL(version / 10000, 12);
  Dl_info own;
  dladdr(reinterpret_cast<void*>(&cublasSgemm_v2), &own);
  std::string name = own.dli_fname;
  void* next = dlopen((name.substr(0, name.size() - 2) + "13").c_str(), RTLD_NOW | RTLD_LOCAL);
  EQUAL(next != nullptr, true);
  auto get = reinterpret_cast<int (*)(void*, int*)>(dlsym(next, "cublasGetVersion_v2"));
  OK(get(nullptr, &version));
  EQUAL(version / 10000, 13);
}

TEST(ProductsAreNotSlow) {
  context();
  void* blas = handle();
  const int n = 512;
  CUdeviceptr a = device(random(n * n, 1)), b = device(random(n * n, 2)), c = device(random(n * n, 3));
  float one = 1, zero = 0;
  double best = 1e9;
  for (int i = 0; i < 5; i++) {
    auto start = std::chrono::steady_clock::now();
    OK(cublasSgemm_v2(blas, 0, 0, n, n, n, &one, pointer(a), n, pointer(b), n, &zero, pointer(c), n));
    OK(cuCtxSynchronize());
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::printf("sgemm of %d: %.1f GFLOP/s\n", n, 2.0 * n * n * n / best * 1e-9);
  EQUAL(2.0 * n * n * n / best > 1e9, true);
}

TESTS_MAIN
