// One fault a kernel. "finds: KIND ..." marks the lines where checking mode may report what KIND; a report elsewhere, or none, fails the
// test, which reads these marks.

extern "C" __global__ void missingBarrierAfterWrite(const float* x, float* y) {
  __shared__ float tile[128];
  tile[threadIdx.x] = x[threadIdx.x];        // finds: shared-race
  y[threadIdx.x] = tile[127 - threadIdx.x];  // finds: shared-race uninitialised
}

extern "C" __global__ void missingBarrierBeforeReuse(const float* x, float* y) {
  __shared__ float tile[128];
  for (int round = 0; round < 2; ++round) {
    tile[threadIdx.x] = x[round * 128 + threadIdx.x];        // finds: shared-race
    __syncthreads();
    y[round * 128 + threadIdx.x] = tile[127 - threadIdx.x];  // finds: shared-race
  }
}

extern "C" __global__ void warpSkipsBarrier(const float* x, float* y) {
  __shared__ float tile[128];
  tile[threadIdx.x] = x[threadIdx.x];  // finds: shared-race
  if (threadIdx.x >= 32) {
    __syncthreads();  // finds: barrier
  }
  y[threadIdx.x] = tile[127 - threadIdx.x];  // finds: shared-race uninitialised
}

extern "C" __global__ void differentBarriers(const float* x, float* y) {
  __shared__ float tile[64];
  tile[threadIdx.x] = x[threadIdx.x];
  if (threadIdx.x < 32) {
    __syncthreads();  // finds: barrier
    y[threadIdx.x] = tile[63 - threadIdx.x];
  } else {
    __syncthreads();  // finds: barrier
    y[threadIdx.x] = tile[63 - threadIdx.x] + 1;
  }
}

extern "C" __global__ void neverMeets(float* y) {
  if (threadIdx.x < 32) {
    asm volatile("bar.sync 1, 64;" ::: "memory");  // finds: deadlock
  } else {
    asm volatile("bar.sync 2, 64;" ::: "memory");  // finds: deadlock
  }
  y[threadIdx.x] = 1;
}

extern "C" __global__ void readsOneTooFar(const float* x, float* y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i <= n) y[i % n] = x[i];  // finds: out-of-bounds global-race
}

extern "C" __global__ void writesOneTooFar(const float* x, float* y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i <= n) y[i] = x[i % n];  // finds: out-of-bounds
}

extern "C" __global__ void missingSyncwarp(const float* x, float* y) {
  __shared__ float tile[32];
  tile[threadIdx.x] = x[threadIdx.x];       // finds: shared-race
  y[threadIdx.x] = tile[31 - threadIdx.x];  // finds: shared-race
}

extern "C" __global__ void uninitialisedShared(float* y) {
  __shared__ float tile[64];
  if (threadIdx.x != 5) tile[threadIdx.x] = threadIdx.x;
  __syncthreads();
  y[threadIdx.x] = tile[threadIdx.x];  // finds: uninitialised
}

extern "C" __global__ void uninitialisedGlobal(const float* never, float* y) {
  y[threadIdx.x] = never[threadIdx.x];  // finds: uninitialised
}

extern "C" __global__ void uninitialisedLocal(float* y, int at) {
  float values[8];
  for (int i = 0; i < at; ++i) values[(i * 3) & 7] = i;
  y[threadIdx.x] = values[at & 7];  // finds: uninitialised
}

extern "C" __global__ void racingBlocks(float* y) {
  y[threadIdx.x] = blockIdx.x;  // finds: global-race
}

extern "C" __global__ void neighbourOfAnotherBlock(float* y, float* z) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  y[i] = i;                                       // finds: global-race
  z[i] = y[(i + 32) % (gridDim.x * blockDim.x)];  // finds: global-race uninitialised
}

extern "C" __global__ void racingThreads(float* y, float* z) {
  y[threadIdx.x] = threadIdx.x;       // finds: global-race
  z[threadIdx.x] = y[threadIdx.x ^ 33];  // finds: global-race uninitialised
}

__device__ unsigned int ready = 0;
extern "C" __global__ void missingFence(float* y, float* z) {
  if (blockIdx.x == 0) {
    y[0] = 3;  // finds: global-race
    atomicExch(&ready, 1);
  } else {
    while (atomicAdd(&ready, 0) == 0) {
    }
    z[0] = y[0];  // finds: global-race
  }
}

extern "C" __global__ void readOnlyLoadOfWritten(float* y, float* z) {
  y[threadIdx.x] = threadIdx.x;
  __syncthreads();
  z[threadIdx.x] = __ldg(y + (31 - threadIdx.x));  // finds: nc-load
}

extern "C" __global__ void writesWhatWasReadOnly(const float* __restrict__ x, float* y) {
  float before = x[threadIdx.x];  // the compiler makes this a read-only load
  __syncthreads();
  y[threadIdx.x] = before + 1;  // finds: nc-load
}

extern "C" __global__ void afterFree(const float* freed, float* y) {
  y[threadIdx.x] = freed[threadIdx.x];  // finds: use-after-free
}

extern "C" __global__ void misalignedLoad(const char* x, float* y) {
  y[threadIdx.x] = *(const float*)(x + 4 * threadIdx.x + 1);  // finds: misaligned
}

extern "C" __global__ void sharedOutOfBounds(float* y, int n) {
  extern __shared__ float dynamic[];
  dynamic[threadIdx.x + n] = 1;  // finds: out-of-bounds
  __syncthreads();
  y[threadIdx.x] = 1;
}

extern "C" __global__ void missingAtomic(int* count) {
  *count += 1;  // finds: global-race
}

extern "C" __global__ void shuffleWithoutSource(float* y) {
  float value = threadIdx.x;
  if (threadIdx.x < 16) value = __shfl_down_sync(0xffffu, value, 8);  // finds: shuffle
  y[threadIdx.x] = value;
}
