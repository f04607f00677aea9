// Sums over the rows of a matrix, column by column, in two stages: blocks of COLUMN_TILE columns by COLUMN_LANES rows
// sum a chunk of rows each, then the chunks are added in their order.
#pragma once

#include "common.cuh"

const int COLUMN_TILE = 32;
const int COLUMN_LANES = 8;

// The sum over a block's lanes of each of its columns, in lane 0; all threads of the block must take part. The partials
// are free for another use on return.
__device__ inline float column_reduce(float value, float (&partials)[COLUMN_LANES][COLUMN_TILE]) {
  partials[threadIdx.y][threadIdx.x] = value;
  __syncthreads();
  float sum = 0.0f;
  if (threadIdx.y == 0) {
#pragma unroll
    for (int lane = 0; lane < COLUMN_LANES; lane++) {
      sum += partials[lane][threadIdx.x];
    }
  }
  __syncthreads();
  return sum;
}
