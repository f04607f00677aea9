// Sums of matrix columns (rows, columns): bias gradients.
#include "columns.cuh"

// partials (chunks, columns): the sum of each chunk of rows, chunk by chunk along y.
extern "C" __global__ void column_partials(int rows, int columns, int chunk_rows, const float* matrix,
    float* partials) {
  __shared__ float lanes[COLUMN_LANES][COLUMN_TILE];
  int column = blockIdx.x * COLUMN_TILE + threadIdx.x;
  int first = blockIdx.y * chunk_rows;
  int end = min(first + chunk_rows, rows);
  float sum = 0.0f;
  if (column < columns) {
    for (int row = first + threadIdx.y; row < end; row += COLUMN_LANES) {
      sum += matrix[row * columns + column];
    }
  }
  sum = column_reduce(sum, lanes);
  if (threadIdx.y == 0 && column < columns) {
    partials[blockIdx.y * columns + column] = sum;
  }
}

// sums (columns) of partials (chunks, stride) from a first column on.
extern "C" __global__ void column_totals(int chunks, int stride, int first, int columns, const float* partials,
    float* sums) {
  for (unsigned column = first_index(); column < columns; column += index_step()) {
    float sum = 0.0f;
    for (int chunk = 0; chunk < chunks; chunk++) {
      sum += partials[chunk * stride + first + column];
    }
    sums[column] = sum;
  }
}
