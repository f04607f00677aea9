// The kernels of the tests of the libraries; ptx.mk makes driver_kernels.ptx of them.
__device__ float table[4] = {1, 2, 3, 4};
__constant__ float factor = 2;
extern "C" __global__ void saxpy(int n, float a, const float* x, float* y) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] += a * x[i];
}
extern "C" __global__ void fill_table(float* out) { out[threadIdx.x] = table[threadIdx.x] * factor; }
extern "C" __global__ void fault(float* p) { p[1ll << 40] = 1; }
extern "C" __global__ void misaligned(char* p) { *(float*)(p + 1) = 1; }
extern "C" __global__ void trapped() { asm("trap;"); }
extern "C" __global__ void shared_sum(const float* x, float* out, int n) {
  extern __shared__ float part[];
  part[threadIdx.x] = threadIdx.x < n ? x[threadIdx.x] : 0;
  __syncthreads();
  if (threadIdx.x == 0) { float s = 0; for (int i = 0; i < n; i++) s += part[i]; *out = s; }
}
extern "C" __global__ void __launch_bounds__(128) bounded(float* p) { p[threadIdx.x] = 1; }
