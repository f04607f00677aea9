// libcublas of the software GPU: handles, modes, and products of float matrices that run in the driver's streams as
// kernels do. CUBLAS_MAJOR says which major version this library is.
#include <algorithm>
#include <map>
#include <mutex>

#include "../driver/softgpu.h"
#include "gemm.h"

namespace {

using softgpu::blas::Matrix;

enum Status {
  SUCCESS = 0,
  NOT_INITIALIZED = 1,
  ALLOC_FAILED = 3,
  INVALID_VALUE = 7,
  EXECUTION_FAILED = 13,
  NOT_SUPPORTED = 15
};
enum Operation { NONE = 0, TRANSPOSED = 1, CONJUGATED = 2 };
enum PointerMode { HOST = 0, DEVICE = 1 };
enum MathMode { DEFAULT_MATH = 0, TENSOR_OP_MATH = 1, PEDANTIC_MATH = 2, TF32_MATH = 3, NO_REDUCED_REDUCTION = 16 };
enum ComputeType { COMPUTE_32F = 68, COMPUTE_32F_PEDANTIC = 69, COMPUTE_32F_FAST_TF32 = 77 };

constexpr int REAL_32F = 0;
constexpr int CAPABILITY_MAJOR = 75;
constexpr int FIRST_WITH_TF32 = 8;

struct Handle {
  CUcontext context;
  CUstream stream = nullptr;
  int pointerMode = HOST;
  int mathMode = DEFAULT_MATH;
  bool hasTf32 = false;
};

using Key = void*;

std::mutex& lock() {
  static auto* mutex = new std::mutex;
  return *mutex;
}

std::map<Key, Handle>& handles() {
  static auto* map = new std::map<Key, Handle>;
  return *map;
}

/** Runs a call's body with its handle: counted under its name, failing where the driver's plan says so. */
template <typename Body>
int with(const char* name, Key key, Body body) {
  if (int planned = cuSoftgpuCount(name)) {
    return planned;
  }
  std::lock_guard guard(lock());
  auto entry = handles().find(key);
  return entry == handles().end() ? NOT_INITIALIZED : body(entry->second);
}

/** A product of matrices as cuBLAS's arguments give it, for each of a batch. */
struct Product {
  int transA, transB;
  int m, n, k;
  const float *alpha, *a;
  int lda;
  long long strideA;
  const float* b;
  int ldb;
  long long strideB;
  const float* beta;
  float* c;
  int ldc;
  long long strideC;
  int batch;
  bool tf32;
  float alphaValue, betaValue;  // read when the call is made, in host pointer mode
  bool onDevice;

  bool valid() const {
    auto operation = [](int value) { return value >= NONE && value <= CONJUGATED; };
    bool leading = lda >= std::max(1, transA == NONE ? m : k) && ldb >= std::max(1, transB == NONE ? k : n) &&
                   ldc >= std::max(1, m);
    return operation(transA) && operation(transB) && m >= 0 && n >= 0 && k >= 0 && batch >= 0 && leading &&
           alpha != nullptr && beta != nullptr;
  }

  void run() const {
    float scaleProduct = onDevice ? *alpha : alphaValue, scaleC = onDevice ? *beta : betaValue;
    for (int i = 0; i < batch; i++) {
      Matrix left{a + i * strideA, static_cast<size_t>(lda), transA != NONE};
      Matrix right{b + i * strideB, static_cast<size_t>(ldb), transB != NONE};
      softgpu::blas::gemm(m, n, k, scaleProduct, left, right, scaleC, c + i * strideC, ldc, tf32);
    }
  }
};

SoftgpuOperand operand(const float* data, int rows, int columns, int leading, long long stride, int batch, bool written,
                       bool read) {
  size_t bytes = rows * sizeof(float), pitch = leading * sizeof(float);
  bool whole = rows == leading;
  return {reinterpret_cast<CUdeviceptr>(data),
          whole ? bytes * columns : bytes,
          pitch,
          static_cast<size_t>(whole ? 1 : columns),
          stride * sizeof(float),
          static_cast<size_t>(stride == 0 ? 1 : batch),
          read,
          written};
}

int issue(const char* name, const Handle& handle, Product product) {
  if (!product.valid()) {
    return INVALID_VALUE;
  }
  if (product.m == 0 || product.n == 0 || product.batch == 0) {
    return SUCCESS;
  }
  product.tf32 = product.tf32 && handle.hasTf32;
  product.onDevice = handle.pointerMode == DEVICE;
  product.alphaValue = product.onDevice ? 0 : *product.alpha;
  product.betaValue = product.onDevice ? 0 : *product.beta;
  SoftgpuOperand operands[5];
  int count = 0;
  if (product.k > 0 && (product.onDevice || product.alphaValue != 0)) {
    bool flatA = product.transA == NONE, flatB = product.transB == NONE;
    operands[count++] = operand(product.a, flatA ? product.m : product.k, flatA ? product.k : product.m, product.lda,
                                product.strideA, product.batch, false, true);
    operands[count++] = operand(product.b, flatB ? product.k : product.n, flatB ? product.n : product.k, product.ldb,
                                product.strideB, product.batch, false, true);
  }
  if (product.onDevice) {
    operands[count++] = operand(product.alpha, 1, 1, 1, 0, 1, false, true);
    operands[count++] = operand(product.beta, 1, 1, 1, 0, 1, false, true);
  }
  operands[count++] = operand(product.c, product.m, product.n, product.ldc, product.strideC, product.batch, true,
                              product.betaValue != 0);
  CUresult code = cuSoftgpuIssue(
      name, handle.context, handle.stream, operands, count, [](void* data) { static_cast<Product*>(data)->run(); },
      [](void* data) { delete static_cast<Product*>(data); }, new Product(product));
  return code == CUDA_SUCCESS ? SUCCESS : EXECUTION_FAILED;
}

/** Whether a GemmEx of these types is one of float matrices; then which precision it may use. */
int checkTypes(int a, int b, int c, int compute, const Handle& handle, bool* tf32) {
  if (a != REAL_32F || b != REAL_32F || c != REAL_32F) {
    return NOT_SUPPORTED;
  }
  if (compute != COMPUTE_32F && compute != COMPUTE_32F_PEDANTIC && compute != COMPUTE_32F_FAST_TF32) {
    return NOT_SUPPORTED;
  }
  *tf32 = compute == COMPUTE_32F_FAST_TF32 || (compute == COMPUTE_32F && handle.mathMode == TF32_MATH);
  return SUCCESS;
}

const float* floats(const void* data) { return static_cast<const float*>(data); }

}  // namespace

extern "C" {

int cublasCreate_v2(Key* key) {
  if (int planned = cuSoftgpuCount("cublasCreate_v2")) {
    return planned;
  }
  if (key == nullptr) {
    return INVALID_VALUE;
  }
  Handle handle{};
  CUdevice device;
  int major = 0;
  if (cuCtxGetCurrent(&handle.context) != CUDA_SUCCESS || cuCtxGetDevice(&device) != CUDA_SUCCESS ||
      cuDeviceGetAttribute(&major, static_cast<CUdevice_attribute>(CAPABILITY_MAJOR), device) != CUDA_SUCCESS) {
    return NOT_INITIALIZED;
  }
  handle.hasTf32 = major >= FIRST_WITH_TF32;
  static uintptr_t last = 0xb1a50000;
  std::lock_guard guard(lock());
  *key = reinterpret_cast<Key>(last += 16);
  handles().emplace(*key, handle);
  return SUCCESS;
}

int cublasDestroy_v2(Key key) {
  return with("cublasDestroy_v2", key, [&](Handle&) {
    handles().erase(key);
    return SUCCESS;
  });
}

int cublasGetVersion_v2(Key key, int* version) {
  if (int planned = cuSoftgpuCount("cublasGetVersion_v2")) {
    return planned;
  }
  static_cast<void>(key);  // may be null
  if (version == nullptr) {
    return INVALID_VALUE;
  }
  *version = CUBLAS_MAJOR * 10000 + (CUBLAS_MAJOR == 12 ? 600 : 0);
  return SUCCESS;
}

int cublasGetProperty(int type, int* value) {
  if (int planned = cuSoftgpuCount("cublasGetProperty")) {
    return planned;
  }
  if (value == nullptr || type < 0 || type > 2) {
    return INVALID_VALUE;
  }
  const int parts[] = {CUBLAS_MAJOR, CUBLAS_MAJOR == 12 ? 6 : 0, 0};
  *value = parts[type];
  return SUCCESS;
}

int cublasSetWorkspace_v2(Key key, void* workspace, size_t) {
  return with("cublasSetWorkspace_v2", key, [&](Handle&) {
    return reinterpret_cast<uintptr_t>(workspace) % 256 == 0 ? SUCCESS : INVALID_VALUE;
  });
}

int cublasSetStream_v2(Key key, CUstream stream) {
  return with("cublasSetStream_v2", key, [&](Handle& handle) {
    handle.stream = stream;
    return SUCCESS;
  });
}

int cublasGetStream_v2(Key key, CUstream* stream) {
  return with("cublasGetStream_v2", key, [&](Handle& handle) {
    if (stream == nullptr) {
      return INVALID_VALUE;
    }
    *stream = handle.stream;
    return SUCCESS;
  });
}

int cublasSetPointerMode_v2(Key key, int mode) {
  return with("cublasSetPointerMode_v2", key, [&](Handle& handle) {
    if (mode != HOST && mode != DEVICE) {
      return INVALID_VALUE;
    }
    handle.pointerMode = mode;
    return SUCCESS;
  });
}

int cublasGetPointerMode_v2(Key key, int* mode) {
  return with("cublasGetPointerMode_v2", key, [&](Handle& handle) {
    if (mode == nullptr) {
      return INVALID_VALUE;
    }
    *mode = handle.pointerMode;
    return SUCCESS;
  });
}

int cublasSetMathMode(Key key, int mode) {
  return with("cublasSetMathMode", key, [&](Handle& handle) {
    int kind = mode & ~NO_REDUCED_REDUCTION;
    if (kind < DEFAULT_MATH || kind > TF32_MATH) {
      return INVALID_VALUE;
    }
    handle.mathMode = kind;
    return SUCCESS;
  });
}

int cublasGetMathMode(Key key, int* mode) {
  return with("cublasGetMathMode", key, [&](Handle& handle) {
    if (mode == nullptr) {
      return INVALID_VALUE;
    }
    *mode = handle.mathMode;
    return SUCCESS;
  });
}

int cublasSgemm_v2(Key key, int transA, int transB, int m, int n, int k, const float* alpha, const float* a, int lda,
                   const float* b, int ldb, const float* beta, float* c, int ldc) {
  return with("cublasSgemm_v2", key, [&](Handle& handle) {
    return issue("cublasSgemm", handle, {transA, transB, m, n, k, alpha, a, lda, 0, b, ldb, 0, beta, c, ldc, 0, 1,
                                         handle.mathMode == TF32_MATH, 0, 0, false});
  });
}

int cublasSgemmStridedBatched(Key key, int transA, int transB, int m, int n, int k, const float* alpha, const float* a,
    int lda, long long strideA, const float* b, int ldb, long long strideB, const float* beta, float* c, int ldc,
    long long strideC, int batch) {
  return with("cublasSgemmStridedBatched", key, [&](Handle& handle) {
    return issue("cublasSgemmStridedBatched", handle, {transA, transB, m, n, k, alpha, a, lda, strideA, b, ldb, strideB,
        beta, c, ldc, strideC, batch, handle.mathMode == TF32_MATH, 0, 0, false});
  });
}

int cublasGemmEx(Key key, int transA, int transB, int m, int n, int k, const void* alpha, const void* a, int typeA,
    int lda, const void* b, int typeB, int ldb, const void* beta, void* c, int typeC, int ldc, int compute, int) {
  return with("cublasGemmEx", key, [&](Handle& handle) {
    bool tf32 = false;
    if (int status = checkTypes(typeA, typeB, typeC, compute, handle, &tf32)) {
      return status;
    }
    return issue("cublasGemmEx", handle, {transA, transB, m, n, k, floats(alpha), floats(a), lda, 0, floats(b), ldb, 0,
                                          floats(beta), static_cast<float*>(c), ldc, 0, 1, tf32, 0, 0, false});
  });
}

int cublasGemmStridedBatchedEx(Key key, int transA, int transB, int m, int n, int k, const void* alpha, const void* a,
    int typeA, int lda, long long strideA, const void* b, int typeB, int ldb, long long strideB, const void* beta,
    void* c, int typeC, int ldc, long long strideC, int batch, int compute, int) {
  return with("cublasGemmStridedBatchedEx", key, [&](Handle& handle) {
    bool tf32 = false;
    if (int status = checkTypes(typeA, typeB, typeC, compute, handle, &tf32)) {
      return status;
    }
    return issue("cublasGemmStridedBatchedEx", handle, {transA, transB, m, n, k, floats(alpha), floats(a), lda, strideA,
        floats(b), ldb, strideB, floats(beta), static_cast<float*>(c), ldc, strideC, batch, tf32, 0, 0, false});
  });
}

}  // extern "C"
