// Layer normalisation (Ba, Kiros, Hinton: arXiv 1607.06450) of each row of (rows, width): n = (x - mean) / sigma, sigma
// = sqrt(mean((x - mean)^2) + epsilon), y = n * weight + bias.
// Backward, with g = dy * weight: dx = (g - mean(g) - n * mean(g * n)) / sigma, dweight = sum_rows dy * n, dbias =
// sum_rows dy.
// A row has a warp, the block's rows along y; or where rows are wide a block of one row. The reserve holds each row's
// mean and sigma.
#include "columns.cuh"

// The sum over the threads of a row, in each of them.
__device__ inline float row_sum(float value, float* partials) {
  return blockDim.x == WARP ? warp_sum(value) : block_sum(value, partials);
}

extern "C" __global__ void layer_norm(int rows, int width, float epsilon, const float* x, const float* weight,
    const float* bias, float* y, float* reserve) {
  __shared__ float partials[MOST_WARPS];
  for (int row = blockIdx.x * blockDim.y + threadIdx.y; row < rows; row += gridDim.x * blockDim.y) {
    const float* in = x + row * width;
    float sum = 0.0f;
    for (int j = threadIdx.x; j < width; j += blockDim.x) {
      sum += in[j];
    }
    float mean = row_sum(sum, partials) / width;
    // What rounding has left of the mean shows where the distances from it are small.
    float rest = 0.0f;
    for (int j = threadIdx.x; j < width; j += blockDim.x) {
      rest += in[j] - mean;
    }
    mean += row_sum(rest, partials) / width;
    float squares = 0.0f;
    for (int j = threadIdx.x; j < width; j += blockDim.x) {
      float distance = in[j] - mean;
      squares = fmaf(distance, distance, squares);
    }
    float sigma = sqrtf(row_sum(squares, partials) / width + epsilon);
    for (int j = threadIdx.x; j < width; j += blockDim.x) {
      float normal = (in[j] - mean) / sigma;
      y[row * width + j] = fmaf(normal, weight == nullptr ? 1.0f : weight[j], bias == nullptr ? 0.0f : bias[j]);
    }
    if (reserve != nullptr && threadIdx.x == 0) {
      reserve[2 * row] = mean;
      reserve[2 * row + 1] = sigma;
    }
  }
}

extern "C" __global__ void layer_norm_backward(int rows, int width, const float* x, const float* weight,
    const float* reserve, const float* grad_y, float* grad_x) {
  __shared__ float partials[MOST_WARPS];
  for (int row = blockIdx.x * blockDim.y + threadIdx.y; row < rows; row += gridDim.x * blockDim.y) {
    const float* in = x + row * width;
    const float* grad = grad_y + row * width;
    float mean = reserve[2 * row];
    float sigma = reserve[2 * row + 1];
    float sum = 0.0f;
    float sum_normal = 0.0f;
    for (int j = threadIdx.x; j < width; j += blockDim.x) {
      float normal = (in[j] - mean) / sigma;
      float g = weight == nullptr ? grad[j] : grad[j] * weight[j];
      sum += g;
      sum_normal = fmaf(g, normal, sum_normal);
    }
    float mean_grad = row_sum(sum, partials) / width;
    float mean_normal = row_sum(sum_normal, partials) / width;
    for (int j = threadIdx.x; j < width; j += blockDim.x) {
      float normal = (in[j] - mean) / sigma;
      float g = weight == nullptr ? grad[j] : grad[j] * weight[j];
      grad_x[row * width + j] = (g - mean_grad - normal * mean_normal) / sigma;
    }
  }
}

// partials (chunks, 2 * width): of each chunk of rows the sums for the gradient of the weight, then of the bias.
extern "C" __global__ void layer_norm_partials(int rows, int width, int chunk_rows, const float* x,
    const float* reserve, const float* grad_y, float* partials) {
  __shared__ float lanes[COLUMN_LANES][COLUMN_TILE];
  int column = blockIdx.x * COLUMN_TILE + threadIdx.x;
  int first = blockIdx.y * chunk_rows;
  int end = min(first + chunk_rows, rows);
  float sum = 0.0f;
  float sum_normal = 0.0f;
  if (column < width) {
    for (int row = first + threadIdx.y; row < end; row += COLUMN_LANES) {
      float grad = grad_y[row * width + column];
      float normal = (x[row * width + column] - reserve[2 * row]) / reserve[2 * row + 1];
      sum += grad;
      sum_normal = fmaf(grad, normal, sum_normal);
    }
  }
  sum_normal = column_reduce(sum_normal, lanes);
  sum = column_reduce(sum, lanes);
  if (threadIdx.y == 0 && column < width) {
    float* chunk = partials + blockIdx.y * 2 * width;
    chunk[column] = sum_normal;
    chunk[width + column] = sum;
  }
}
