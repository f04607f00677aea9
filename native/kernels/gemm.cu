// What cuBLAS leaves to do: C = beta C + bias before a product is added. C is a batch of matrices (m, n), n contiguous
// elements a row; bias (n), null for none. With beta 0, C is not read.

extern "C" __global__ void gemm_start(float* c, const float* bias, float beta, int m, int n, int rowStride,
    int batchStride, int elements) {
  unsigned int step = gridDim.x * blockDim.x;
  for (unsigned int i = blockIdx.x * blockDim.x + threadIdx.x; i < (unsigned int) elements; i += step) {
    unsigned int row = i / (unsigned int) n;
    unsigned int column = i - row * (unsigned int) n;
    unsigned int matrix = row / (unsigned int) m;
    float* at = c + ((unsigned long long) matrix * batchStride
        + (unsigned long long) (row - matrix * m) * rowStride + column);
    float value = beta == 0 ? 0 : beta * *at;
    *at = bias == nullptr ? value : value + bias[column];
  }
}
