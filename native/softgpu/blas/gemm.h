// Matrix products in float over column-major matrices: blocks packed into panels, sums in float.
#pragma once

#include <cstddef>

namespace softgpu::blas {

/** op(X): rows and columns of the product's view; `transposed` says that element (i, j) lies at j + i * leading. */
struct Matrix {
  const float* data;
  size_t leading;
  bool transposed;
};

/** C = alpha op(A) op(B) + beta C with C of m by n. With beta 0 C is not read, with alpha 0 neither A nor B. */
void gemm(size_t m, size_t n, size_t k, float alpha, Matrix a, Matrix b, float beta, float* c, size_t leadingC,
    bool tf32);

}  // namespace softgpu::blas
