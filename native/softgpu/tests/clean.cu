// Kernels without faults, in the shapes that real ones have: checking mode must say nothing about them.

__device__ static float warpSum(float x) {
  for (int offset = 16; offset > 0; offset /= 2) x += __shfl_xor_sync(0xffffffffu, x, offset);
  return x;
}

__device__ static float warpMax(float x) {
  for (int offset = 16; offset > 0; offset /= 2) x = fmaxf(x, __shfl_xor_sync(0xffffffffu, x, offset));
  return x;
}

// One block of 128 threads a row.
extern "C" __global__ void softmax(const float* __restrict__ x, float* __restrict__ y, int columns) {
  __shared__ float partial[4];
  const float* row = x + (size_t)blockIdx.x * columns;
  float* out = y + (size_t)blockIdx.x * columns;
  int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  float largest = -3.402823466e38f;
  for (int i = threadIdx.x; i < columns; i += blockDim.x) largest = fmaxf(largest, row[i]);
  largest = warpMax(largest);
  if (lane == 0) partial[warp] = largest;
  __syncthreads();
  largest = fmaxf(fmaxf(partial[0], partial[1]), fmaxf(partial[2], partial[3]));
  __syncthreads();
  float sum = 0;
  for (int i = threadIdx.x; i < columns; i += blockDim.x) {
    float e = __expf(row[i] - largest);
    out[i] = e;
    sum += e;
  }
  sum = warpSum(sum);
  if (lane == 0) partial[warp] = sum;
  __syncthreads();
  sum = partial[0] + partial[1] + partial[2] + partial[3];
  for (int i = threadIdx.x; i < columns; i += blockDim.x) out[i] = out[i] / sum;
}

// A tree in shared memory, its last steps within one warp; one sum a block.
extern "C" __global__ void reduceTree(const float* x, float* sums, int n) {
  extern __shared__ float tree[];
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  tree[threadIdx.x] = i < n ? x[i] : 0;
  __syncthreads();
  for (int half = blockDim.x / 2; half >= 32; half /= 2) {
    if (threadIdx.x < half) tree[threadIdx.x] += tree[threadIdx.x + half];
    __syncthreads();
  }
  if (threadIdx.x < 32) {
    for (int half = 16; half > 0; half /= 2) {
      float other = threadIdx.x < half ? tree[threadIdx.x + half] : 0;
      __syncwarp();
      if (threadIdx.x < half) tree[threadIdx.x] += other;
      __syncwarp();
    }
    if (threadIdx.x == 0) sums[blockIdx.x] = tree[0];
  }
}

// The last block to come adds up what all have left, in their order.
__device__ unsigned int arrived = 0;
extern "C" __global__ void reduceLast(const float* x, volatile float* partials, float* total, int n) {
  __shared__ float sums[8];
  __shared__ bool last;
  float sum = 0;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) sum += x[i];
  sum = warpSum(sum);
  if (threadIdx.x % 32 == 0) sums[threadIdx.x / 32] = sum;
  __syncthreads();
  if (threadIdx.x == 0) {
    sum = 0;
    for (int i = 0; i < blockDim.x / 32; ++i) sum += sums[i];
    partials[blockIdx.x] = sum;
    __threadfence();
    last = atomicAdd(&arrived, 1) == gridDim.x - 1;
  }
  __syncthreads();
  if (last && threadIdx.x == 0) {
    sum = 0;
    for (int i = 0; i < gridDim.x; ++i) sum += partials[i];
    *total = sum;
    arrived = 0;
  }
}

// c = a b, 16 x 16 tiles.
extern "C" __global__ void matmul(const float* a, const float* b, float* c, int m, int n, int k) {
  __shared__ float left[16][17], right[16][17];
  int row = blockIdx.y * 16 + threadIdx.y, column = blockIdx.x * 16 + threadIdx.x;
  float sum = 0;
  for (int first = 0; first < k; first += 16) {
    left[threadIdx.y][threadIdx.x] = row < m && first + threadIdx.x < k ? a[row * k + first + threadIdx.x] : 0;
    right[threadIdx.y][threadIdx.x] = column < n && first + threadIdx.y < k ? b[(first + threadIdx.y) * n + column] : 0;
    __syncthreads();
    for (int i = 0; i < 16; ++i) sum += left[threadIdx.y][i] * right[i][threadIdx.x];
    __syncthreads();
  }
  if (row < m && column < n) c[row * n + column] = sum;
}

// Online softmax over tiles of 32 keys; 32 queries a block, 4 threads a query, 32 channels. Causal.
extern "C" __global__ void attention(const float* q, const float* k, const float* v, float* o, int length) {
  const int D = 32;
  __shared__ float keys[32][D + 1], values[32][D + 1], weights[32][33];
  int query = threadIdx.x / 4, part = threadIdx.x % 4;
  int at = blockIdx.x * 32 + query;
  float mine[D], sums[D / 4] = {};
  for (int d = 0; d < D; ++d) mine[d] = at < length ? q[at * D + d] : 0;
  float largest = -1e30f, total = 0;
  for (int first = 0; first < length && first <= blockIdx.x * 32 + 31; first += 32) {
    for (int i = threadIdx.x; i < 32 * D; i += blockDim.x) {
      int row = i / D, d = i % D;
      bool inside = first + row < length;
      keys[row][d] = inside ? k[(first + row) * D + d] : 0;
      values[row][d] = inside ? v[(first + row) * D + d] : 0;
    }
    __syncthreads();
    float best = largest;
    for (int j = part; j < 32; j += 4) {
      float s = 0;
      for (int d = 0; d < D; ++d) s += mine[d] * keys[j][d];
      s = first + j < length && first + j <= at ? s * 0.17677669f : -1e30f;
      weights[query][j] = s;
      best = fmaxf(best, s);
    }
    best = fmaxf(best, __shfl_xor_sync(0xffffffffu, best, 1));
    best = fmaxf(best, __shfl_xor_sync(0xffffffffu, best, 2));
    float scale = expf(largest - best), sum = 0;
    largest = best;
    for (int j = part; j < 32; j += 4) {
      float e = expf(weights[query][j] - best);
      weights[query][j] = e;
      sum += e;
    }
    sum += __shfl_xor_sync(0xffffffffu, sum, 1);
    sum += __shfl_xor_sync(0xffffffffu, sum, 2);
    total = total * scale + sum;
    __syncwarp();
    for (int c = 0; c < D / 4; ++c) {
      float s = sums[c] * scale;
      for (int j = 0; j < 32; ++j) s += weights[query][j] * values[j][part + 4 * c];
      sums[c] = s;
    }
    __syncthreads();
  }
  if (at < length) {
    for (int c = 0; c < D / 4; ++c) o[at * D + part + 4 * c] = sums[c] / total;
  }
}

// Inclusive sums of 256 numbers a block by shuffles.
extern "C" __global__ void scan(const int* x, int* y) {
  __shared__ int totals[8];
  int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  int at = blockIdx.x * blockDim.x + threadIdx.x;
  int sum = x[at];
  for (int offset = 1; offset < 32; offset *= 2) {
    int before = __shfl_up_sync(0xffffffffu, sum, offset);
    if (lane >= offset) sum += before;
  }
  if (lane == 31) totals[warp] = sum;
  __syncthreads();
  if (warp == 0) {
    int t = lane < 8 ? totals[lane] : 0;
    for (int offset = 1; offset < 8; offset *= 2) {
      int before = __shfl_up_sync(0xffffffffu, t, offset);
      if (lane >= offset) t += before;
    }
    if (lane < 8) totals[lane] = t;
  }
  __syncthreads();
  y[at] = sum + (warp > 0 ? totals[warp - 1] : 0);
}

// h <- tanh(w h), all blocks of a cooperative launch taking rows of w, with a barrier over the grid after each step.
__device__ unsigned int gate = 0;
extern "C" __global__ void recurrence(const float* w, float* states, int size, int steps) {
  extern __shared__ float h[];
  for (int t = 0; t < steps; ++t) {
    const volatile float* before = states + t * size;
    for (int i = threadIdx.x; i < size; i += blockDim.x) h[i] = before[i];
    __syncthreads();
    for (int row = blockIdx.x * blockDim.x + threadIdx.x; row < size; row += gridDim.x * blockDim.x) {
      float sum = 0;
      for (int i = 0; i < size; ++i) sum += w[row * size + i] * h[i];
      states[(t + 1) * size + row] = tanhf(sum);
    }
    __syncthreads();
    if (threadIdx.x == 0) {
      __threadfence();
      atomicAdd(&gate, 1);
      while (*(volatile unsigned int*)&gate < (t + 1) * gridDim.x) {
      }
      __threadfence();
    }
    __syncthreads();
  }
}

// Lanes part in many ways and meet again.
__device__ __noinline__ static int collatz(unsigned int n) {
  int steps = 0;
  while (n != 1) {
    n = n % 2 == 0 ? n / 2 : 3 * n + 1;
    ++steps;
  }
  return steps;
}

extern "C" __global__ void divergent(int* y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  int result;
  switch (i % 7) {
    case 0: result = collatz(i + 1); break;
    case 1: result = i * 3; break;
    case 2: result = -i; break;
    case 3: result = collatz(i + 1) + collatz(i + 2); break;
    case 4: result = __popc(i); break;
    case 5: result = i / 5; break;
    default: result = 7; break;
  }
  unsigned int together = __activemask();
  y[i] = result + (together != 0 ? 1000 : 0);
}
