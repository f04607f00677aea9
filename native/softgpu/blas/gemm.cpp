// The product of matrices: A and B are packed block by block into panels that one tile of C walks along, with the
// vectors of the compiler. Operands are rounded to TF32 as they are packed, where that is asked for. The result depends
// on sizes alone.
#include "gemm.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

namespace softgpu::blas {

namespace {

constexpr size_t LANES = 8;
constexpr size_t TILE_M = 2 * LANES;
constexpr size_t TILE_N = 6;
constexpr size_t BLOCK_M = 8 * TILE_M;
constexpr size_t BLOCK_N = 64 * TILE_N;
constexpr size_t BLOCK_K = 256;

typedef float Vector __attribute__((vector_size(LANES * sizeof(float)), aligned(4), may_alias));

/** Rounds to 10 bits of mantissa, ties away from zero, as the tensor cores' operands are. */
float roundToTf32(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  if ((bits & 0x7f800000u) != 0x7f800000u) {
    bits = (bits + 0x1000u) & ~0x1fffu;
    std::memcpy(&value, &bits, sizeof bits);
  }
  return value;
}

/**
 * Packs `count` lines of `depth` elements into panels of `width` lines, short ones filled with zeros. Element p of line
 * i lies at i * lineStep + p * depthStep.
 */
void pack(const float* from, size_t lineStep, size_t depthStep, size_t count, size_t depth, size_t width, bool tf32,
          float* to) {
  for (size_t start = 0; start < count; start += width) {
    size_t lines = std::min(width, count - start);
    for (size_t p = 0; p < depth; p++, to += width) {
      const float* source = from + start * lineStep + p * depthStep;
      for (size_t i = 0; i < lines; i++) {
        to[i] = source[i * lineStep];
      }
      std::fill(to + lines, to + width, 0.0f);
      if (tf32) {
        std::transform(to, to + lines, to, roundToTf32);
      }
    }
  }
}

/** One tile: the product of a panel of A and a panel of B, added to `rows` by `columns` elements of C. */
void tile(const float* a, const float* b, size_t depth, float alpha, float* c, size_t leading, size_t rows,
    size_t columns) {
  Vector sums[TILE_N][2] = {};
  for (size_t p = 0; p < depth; p++, a += TILE_M, b += TILE_N) {
    Vector low = *reinterpret_cast<const Vector*>(a);
    Vector high = *reinterpret_cast<const Vector*>(a + LANES);
    for (size_t j = 0; j < TILE_N; j++) {
      sums[j][0] += low * b[j];
      sums[j][1] += high * b[j];
    }
  }
  for (size_t j = 0; j < columns; j++) {
    float column[TILE_M];
    std::memcpy(column, sums[j], sizeof column);
    for (size_t i = 0; i < rows; i++) {
      c[i + j * leading] += alpha * column[i];
    }
  }
}

void scale(size_t m, size_t n, float beta, float* c, size_t leading) {
  for (size_t j = 0; j < n; j++) {
    float* column = c + j * leading;
    if (beta == 0) {
      std::fill(column, column + m, 0.0f);
    } else if (beta != 1) {
      std::transform(column, column + m, column, [beta](float value) { return beta * value; });
    }
  }
}

}  // namespace

void gemm(size_t m, size_t n, size_t k, float alpha, Matrix a, Matrix b, float beta, float* c, size_t leadingC,
    bool tf32) {
  scale(m, n, beta, c, leadingC);
  if (alpha == 0) {
    return;
  }
  thread_local std::vector<float> packedA, packedB;
  packedA.resize(BLOCK_M * BLOCK_K);
  packedB.resize(BLOCK_N * BLOCK_K);
  size_t rowA = a.transposed ? a.leading : 1, depthA = a.transposed ? 1 : a.leading;
  size_t columnB = b.transposed ? 1 : b.leading, depthB = b.transposed ? b.leading : 1;
  for (size_t j0 = 0; j0 < n; j0 += BLOCK_N) {
    size_t columns = std::min(BLOCK_N, n - j0);
    for (size_t p0 = 0; p0 < k; p0 += BLOCK_K) {
      size_t depth = std::min(BLOCK_K, k - p0);
      pack(b.data + j0 * columnB + p0 * depthB, columnB, depthB, columns, depth, TILE_N, tf32, packedB.data());
      for (size_t i0 = 0; i0 < m; i0 += BLOCK_M) {
        size_t rows = std::min(BLOCK_M, m - i0);
        pack(a.data + i0 * rowA + p0 * depthA, rowA, depthA, rows, depth, TILE_M, tf32, packedA.data());
        for (size_t j = 0; j < columns; j += TILE_N) {
          for (size_t i = 0; i < rows; i += TILE_M) {
            tile(packedA.data() + i * depth, packedB.data() + j * depth, depth, alpha,
                 c + i0 + i + (j0 + j) * leadingC, leadingC, std::min(TILE_M, rows - i), std::min(TILE_N, columns - j));
          }
        }
      }
    }
  }
}

}  // namespace softgpu::blas
