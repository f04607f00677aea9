// What the kernel files share. No header of CUDA or C is included; float32 storage, 32-bit indices.
//
// Every sum has an order that the sizes alone decide: lanes of a warp meet in a butterfly, warps of a block in the
// order of their numbers, blocks in the order of theirs.
#pragma once

typedef unsigned char Bool;
typedef unsigned int Word;

const int WARP = 32;
const unsigned ALL_LANES = 0xffffffffu;
const int MOST_WARPS = 32;
// A shape of fewer than 2^31 elements has at most so many dimensions larger than 1.
const int MOST_DIMENSIONS = 30;

__device__ inline float infinity() {
  return __int_as_float(0x7f800000);
}

__device__ inline float not_a_number() {
  return __int_as_float(0x7fffffff);
}

template <typename T>
__host__ __device__ inline T ceil_div(T n, T per) {
  return (n + per - 1) / per;
}

// ---- positions ------------------------------------------------------------------------------------------------------

__device__ inline int lane_id() {
  return threadIdx.x & (WARP - 1);
}

__device__ inline int warp_id() {
  return threadIdx.x / WARP;
}

// The first element of this thread and the step to its next in a grid-stride loop over fewer than 2^31 elements.
__device__ inline unsigned first_index() {
  return blockIdx.x * blockDim.x + threadIdx.x;
}

__device__ inline unsigned index_step() {
  return gridDim.x * blockDim.x;
}

// Whether a pointer may be read and written 16 bytes at a time.
__device__ inline bool is_wide(const void* pointer) {
  return ((unsigned long long)pointer & 15) == 0;
}

// Division by a number below 2^31 of numbers below 2^31, by a multiplication: quotient = (n + high(n * multiplier)) >>
// shift (Granlund and Montgomery: Division by invariant integers using multiplication, 1994).
struct Divisor {
  unsigned divisor;
  unsigned multiplier;
  unsigned shift;

  __device__ unsigned quotient(unsigned n) const {
    return (n + __umulhi(n, multiplier)) >> shift;
  }

  __device__ unsigned remainder(unsigned n, unsigned quotient) const {
    return n - quotient * divisor;
  }
};

// Strided walks over one shape, innermost dimension first: where the element of a row-major index lies in each of S
// buffers. A kernel takes it as `const __grid_constant__ Walk<S>`.
template <int S>
struct Walk {
  int rank;
  Divisor size[MOST_DIMENSIONS];
  int stride[S][MOST_DIMENSIONS];

  // Adds to offsets the place of an index over dimensions from (included) to end (excluded).
  __device__ void advance(unsigned index, int from, int end, int (&offsets)[S]) const {
    if (from == end) {
      return;
    }
#pragma unroll 1
    for (int d = from; d < end - 1; d++) {
      unsigned rest = size[d].quotient(index);
      step(d, (int)size[d].remainder(index, rest), offsets);
      index = rest;
    }
    step(end - 1, (int)index, offsets);
  }

  __device__ void step(int dimension, int coordinate, int (&offsets)[S]) const {
#pragma unroll
    for (int s = 0; s < S; s++) {
      offsets[s] += coordinate * stride[s][dimension];
    }
  }
};

// ---- numbers --------------------------------------------------------------------------------------------------------

// The larger and the smaller, NaN if either is.
__device__ inline float larger(float a, float b) {
  return a != a ? a : b != b ? b : fmaxf(a, b);
}

__device__ inline float smaller(float a, float b) {
  return a != a ? a : b != b ? b : fminf(a, b);
}

__device__ inline double larger(double a, double b) {
  return a != a ? a : b != b ? b : fmax(a, b);
}

__device__ inline double smaller(double a, double b) {
  return a != a ? a : b != b ? b : fmin(a, b);
}

// 1 / (1 + e^-x), 0 and 1 at the infinities.
__device__ inline float sigmoid(float x) {
  return 1.0f / (1.0f + expf(-x));
}

// log(1 + e^x) without overflow.
__device__ inline float softplus(float x) {
  return larger(x, 0.0f) + log1pf(expf(-fabsf(x)));
}

// left^right as java.lang.Math.pow: NaN for a NaN exponent, and for 1 and -1 to an infinite one.
__device__ inline float power(float left, float right) {
  bool undefined = right != right || (fabsf(right) == infinity() && fabsf(left) == 1.0f);
  return undefined ? not_a_number() : powf(left, right);
}

// The derivative of max(x, 0) by its value: 1 above 0, 0 at 0, NaN of NaN.
__device__ inline float rectifier_slope(float value) {
  return value > 0.0f ? 1.0f : value == 0.0f ? 0.0f : value;
}

// ---- reductions -----------------------------------------------------------------------------------------------------

struct Sum {
  template <typename T>
  static __device__ T identity() {
    return T(0);
  }
  template <typename T>
  static __device__ T combine(T a, T b) {
    return a + b;
  }
};

struct Largest {
  template <typename T>
  static __device__ T identity() {
    return T(-infinity());
  }
  template <typename T>
  static __device__ T combine(T a, T b) {
    return larger(a, b);
  }
};

struct Smallest {
  template <typename T>
  static __device__ T identity() {
    return T(infinity());
  }
  template <typename T>
  static __device__ T combine(T a, T b) {
    return smaller(a, b);
  }
};

template <typename T>
__device__ inline T lane_xor(T value, int mask) {
  return __shfl_xor_sync(ALL_LANES, value, mask);
}

// The reduction of 32 lanes, in every lane; all lanes must take part.
template <typename Op, typename T>
__device__ inline T warp_reduce(T value) {
#pragma unroll
  for (int mask = WARP / 2; mask > 0; mask /= 2) {
    value = Op::combine(value, lane_xor(value, mask));
  }
  return value;
}

// The reduction of a block of whole warps along x, in every thread; all threads must take part. The partials are T
// [MOST_WARPS] in shared memory, free for another use on return.
template <typename Op, typename T>
__device__ inline T block_reduce(T value, T* partials) {
  value = warp_reduce<Op>(value);
  if (lane_id() == 0) {
    partials[warp_id()] = value;
  }
  __syncthreads();
  int warps = blockDim.x / WARP;
  value = lane_id() < warps ? partials[lane_id()] : Op::template identity<T>();
  value = warp_reduce<Op>(value);
  __syncthreads();
  return value;
}

template <typename T>
__device__ inline T warp_sum(T value) {
  return warp_reduce<Sum>(value);
}

template <typename T>
__device__ inline T block_sum(T value, T* partials) {
  return block_reduce<Sum>(value, partials);
}

// ---- random words ---------------------------------------------------------------------------------------------------

// The four words of Philox 4x32-10 (Salmon et al., SC 2011) of a 64-bit counter under a 64-bit key, as
// dev.sluice.spi.Philox makes them.
__device__ inline uint4 philox(unsigned long long seed, unsigned long long counter) {
  unsigned c0 = (unsigned)counter;
  unsigned c1 = (unsigned)(counter >> 32);
  unsigned c2 = 0;
  unsigned c3 = 0;
  unsigned k0 = (unsigned)seed;
  unsigned k1 = (unsigned)(seed >> 32);
#pragma unroll
  for (int round = 0; round < 10; round++) {
    unsigned high0 = __umulhi(0xD2511F53u, c0);
    unsigned low0 = 0xD2511F53u * c0;
    unsigned high1 = __umulhi(0xCD9E8D57u, c2);
    unsigned low1 = 0xCD9E8D57u * c2;
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return make_uint4(c0, c1, c2, c3);
}

// Which elements a draw keeps: element e if word e mod 4 of block offset + e/4 is below the threshold, (1 -
// probability) * 2^32.
struct Draw {
  unsigned long long seed;
  unsigned long long offset;
  unsigned long long threshold;

  __device__ uint4 words(unsigned long long quad) const {
    return philox(seed, offset + quad);
  }

  __device__ bool keeps(unsigned long long element) const {
    uint4 four = words(element >> 2);
    unsigned which = (unsigned)element & 3;
    unsigned word = which == 0 ? four.x : which == 1 ? four.y : which == 2 ? four.z : four.w;
    return word < threshold;
  }
};
