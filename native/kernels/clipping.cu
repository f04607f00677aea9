// Norms and bounds of lists of buffers: the p-norm over all elements in double, the clip coefficient applied where it
// is computed, and bounds. A norm's first stage leaves one partial per chunk, its second stage folds them in order.
#include "lists.cuh"

// What the elements' magnitudes become, and the root of their fold.
struct SumOfSquares {
  typedef Sum Op;
  static __device__ double term(double magnitude, double p) {
    return magnitude * magnitude;
  }
  static __device__ double root(double total, double p) {
    return sqrt(total);
  }
};

struct SumOfMagnitudes {
  typedef Sum Op;
  static __device__ double term(double magnitude, double p) {
    return magnitude;
  }
  static __device__ double root(double total, double p) {
    return total;
  }
};

struct SumOfPowers {
  typedef Sum Op;
  static __device__ double term(double magnitude, double p) {
    return exp(p * log(magnitude));
  }
  static __device__ double root(double total, double p) {
    return exp(log(total) / p);
  }
};

struct LargestMagnitude {
  typedef Largest Op;
  static __device__ double term(double magnitude, double p) {
    return magnitude;
  }
  static __device__ double root(double total, double p) {
    return total;
  }
};

struct SmallestMagnitude {
  typedef Smallest Op;
  static __device__ double term(double magnitude, double p) {
    return magnitude;
  }
  static __device__ double root(double total, double p) {
    return total;
  }
};

template <typename Norm>
__device__ void norm_chunks(const Extents& extents, const Pointers& tensors, double p, double* partials) {
  typedef typename Norm::Op Op;
  __shared__ double shared[MOST_WARPS];
  Chunk chunk(extents, blockIdx.x);
  const float* x = chunk.of(tensors);
  double value = Op::template identity<double>();
  int wide = chunk.length / 4;
  for (int i = threadIdx.x; i < wide; i += blockDim.x) {
    float4 four = ((const float4*)x)[i];
    value = Op::combine(value, Norm::term(fabsf(four.x), p));
    value = Op::combine(value, Norm::term(fabsf(four.y), p));
    value = Op::combine(value, Norm::term(fabsf(four.z), p));
    value = Op::combine(value, Norm::term(fabsf(four.w), p));
  }
  for (int i = 4 * wide + threadIdx.x; i < chunk.length; i += blockDim.x) {
    value = Op::combine(value, Norm::term(fabsf(x[i]), p));
  }
  value = block_reduce<Op>(value, shared);
  if (threadIdx.x == 0) {
    partials[blockIdx.x] = value;
  }
}

template <typename Norm>
__device__ void norm_total(const double* partials, int n, double p, float* norm) {
  typedef typename Norm::Op Op;
  __shared__ double shared[MOST_WARPS];
  double value = Op::template identity<double>();
  for (int i = threadIdx.x; i < n; i += blockDim.x) {
    value = Op::combine(value, partials[i]);
  }
  value = block_reduce<Op>(value, shared);
  if (threadIdx.x == 0) {
    norm[0] = (float)Norm::root(value, p);
  }
}

#define NORM(name, type) \
  extern "C" __global__ void norm_##name##_chunks(double* partials, double p, \
      const __grid_constant__ Extents extents, const __grid_constant__ Pointers tensors) { \
    norm_chunks<type>(extents, tensors, p, partials); \
  } \
  extern "C" __global__ void norm_##name##_total(const double* partials, int n, double p, float* norm) { \
    norm_total<type>(partials, n, p, norm); \
  }

NORM(squares, SumOfSquares)
NORM(magnitudes, SumOfMagnitudes)
NORM(powers, SumOfPowers)
NORM(largest, LargestMagnitude)
NORM(smallest, SmallestMagnitude)

// For p = 0: which buffers have an element other than 0, as 1 or 0. A block per buffer.
extern "C" __global__ void norm_nonzero(double* partials, double p, const __grid_constant__ Extents extents,
    const __grid_constant__ Pointers tensors) {
  const float* x = tensors.buffer[blockIdx.x];
  int length = extents.length[blockIdx.x];
  bool found = false;
  for (int begin = 0; begin < length; begin += CHUNK) {
    int end = min(length, begin + CHUNK);
    for (int i = begin + threadIdx.x; i < end; i += blockDim.x) {
      found = found || x[i] != 0.0f;
    }
    found = __syncthreads_or(found) != 0;
    if (found) {
      break;
    }
  }
  if (threadIdx.x == 0) {
    partials[blockIdx.x] = found ? 1.0 : 0.0;
  }
}

// t *= min(maxNorm / (norm + 1e-6), 1), always; a NaN coefficient stays NaN.
extern "C" __global__ void scale_to_norm(const float* norm, double maxNorm, double epsilon,
    const __grid_constant__ Extents extents, const __grid_constant__ Pointers tensors) {
  __shared__ float shared;
  if (threadIdx.x == 0) {
    shared = (float)smaller(maxNorm / ((double)norm[0] + epsilon), 1.0);
  }
  __syncthreads();
  float coefficient = shared;
  Chunk chunk(extents, blockIdx.x);
  float* x = chunk.of(tensors);
  int wide = chunk.length / 4;
  for (int i = threadIdx.x; i < wide; i += blockDim.x) {
    float4 four = ((float4*)x)[i];
    ((float4*)x)[i] = make_float4(four.x * coefficient, four.y * coefficient, four.z * coefficient,
        four.w * coefficient);
  }
  for (int i = 4 * wide + threadIdx.x; i < chunk.length; i += blockDim.x) {
    x[i] *= coefficient;
  }
}

__device__ inline float bounded(float x, float lower, float upper) {
  return x < lower ? lower : x > upper ? upper : x;
}

// t = min(max(t, lower), upper); NaN stays NaN.
extern "C" __global__ void clamp_lists(float lower, float upper, const __grid_constant__ Extents extents,
    const __grid_constant__ Pointers tensors) {
  Chunk chunk(extents, blockIdx.x);
  float* x = chunk.of(tensors);
  int wide = chunk.length / 4;
  for (int i = threadIdx.x; i < wide; i += blockDim.x) {
    float4 four = ((float4*)x)[i];
    ((float4*)x)[i] = make_float4(bounded(four.x, lower, upper), bounded(four.y, lower, upper),
        bounded(four.z, lower, upper), bounded(four.w, lower, upper));
  }
  for (int i = 4 * wide + threadIdx.x; i < chunk.length; i += blockDim.x) {
    x[i] = bounded(x[i], lower, upper);
  }
}
