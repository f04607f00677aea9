// Reductions of x (outer, count, inner) to y (outer, inner): y[o,i] = op over c of x[o,c,i] for sum, mean, largest and
// smallest, and the index of the largest. Backward, gradX[o,c,i] = gradY[o,i], divided by the count for the mean; for
// largest and smallest shared equally by the elements that equal y[o,i], 0 elsewhere. NaN anywhere gives NaN.
#include "fold.cuh"

// The elements x[o, 0..count-1, i] of result k = o*inner + i.
struct Line {
  const float* x;
  int count;
  Divisor inner;

  __device__ int start(int k) const {
    int outer = (int)inner.quotient(k);
    return outer * count * (int)inner.divisor + (int)inner.remainder(k, outer);
  }

  __device__ float element(int start, int c) const {
    return x[start + c * (int)inner.divisor];
  }
};

template <typename Operation>
struct Reduction {
  typedef Operation Op;
  typedef float Value;
  typedef int Place;
  static const int unroll = 4;

  Line line;
  float* y;
  float divisor;

  __device__ int place(int k) const {
    return line.start(k);
  }

  __device__ float term(int start, int c) const {
    return line.element(start, c);
  }

  __device__ void store(int k, float value) const {
    y[k] = value / divisor;
  }
};

// An element and where it lies; of two the larger one, the earlier on ties, NaN above all numbers.
struct Candidate {
  float element;
  int index;
};

__device__ inline Candidate lane_xor(Candidate candidate, int mask) {
  return {lane_xor(candidate.element, mask), lane_xor(candidate.index, mask)};
}

struct First {
  template <typename T>
  static __device__ T identity() {
    return {-infinity(), 0x7fffffff};
  }

  static __device__ Candidate combine(Candidate a, Candidate b) {
    bool aIsNaN = a.element != a.element;
    bool bIsNaN = b.element != b.element;
    bool ties = aIsNaN ? bIsNaN : a.element == b.element;
    bool aIsLarger = aIsNaN ? !bIsNaN : a.element > b.element;
    return aIsLarger || (ties && a.index < b.index) ? a : b;
  }
};

struct ArgMax {
  typedef First Op;
  typedef Candidate Value;
  typedef int Place;
  static const int unroll = 4;

  Line line;
  int* indices;

  __device__ int place(int k) const {
    return line.start(k);
  }

  __device__ Candidate term(int start, int c) const {
    return {line.element(start, c), c};
  }

  __device__ void store(int k, Candidate best) const {
    indices[k] = best.index;
  }
};

// How many elements equal the result.
struct Equals {
  typedef Sum Op;
  typedef int Value;
  struct Place {
    int start;
    float result;
  };
  static const int unroll = 4;

  Line line;
  const float* y;
  int* counts;

  __device__ Place place(int k) const {
    return {line.start(k), y[k]};
  }

  __device__ int term(Place place, int c) const {
    return line.element(place.start, c) == place.result ? 1 : 0;
  }

  __device__ void store(int k, int count) const {
    counts[k] = count;
  }
};

#define REDUCTION(name, operation) \
  extern "C" __global__ void reduce_##name##_along(const float* x, float* y, int count, Divisor inner, float divisor, \
      int results, int segment, float* partials) { \
    fold_along(Reduction<operation>{{x, count, inner}, y, divisor}, results, count, segment, partials); \
  } \
  extern "C" __global__ void reduce_##name##_across(const float* x, float* y, int count, Divisor inner, float divisor, \
      int results, int segment, float* partials) { \
    fold_across(Reduction<operation>{{x, count, inner}, y, divisor}, results, count, segment, partials); \
  } \
  extern "C" __global__ void reduce_##name##_partials(float* y, float divisor, int results, int segments, \
      const float* partials) { \
    fold_partials(Reduction<operation>{{0, 0, {1, 1, 0}}, y, divisor}, results, segments, partials); \
  }

REDUCTION(sum, Sum)
REDUCTION(max, Largest)
REDUCTION(min, Smallest)

extern "C" __global__ void arg_max_along(const float* x, int* indices, int count, Divisor inner, int results,
    int segment, Candidate* partials) {
  fold_along(ArgMax{{x, count, inner}, indices}, results, count, segment, partials);
}

extern "C" __global__ void arg_max_across(const float* x, int* indices, int count, Divisor inner, int results,
    int segment, Candidate* partials) {
  fold_across(ArgMax{{x, count, inner}, indices}, results, count, segment, partials);
}

extern "C" __global__ void arg_max_partials(int* indices, int results, int segments, const Candidate* partials) {
  fold_partials(ArgMax{{0, 0, {1, 1, 0}}, indices}, results, segments, partials);
}

extern "C" __global__ void count_equals_along(const float* x, const float* y, int* counts, int count, Divisor inner,
    int results, int segment, int* partials) {
  fold_along(Equals{{x, count, inner}, y, counts}, results, count, segment, partials);
}

extern "C" __global__ void count_equals_across(const float* x, const float* y, int* counts, int count, Divisor inner,
    int results, int segment, int* partials) {
  fold_across(Equals{{x, count, inner}, y, counts}, results, count, segment, partials);
}

extern "C" __global__ void count_equals_partials(int* counts, int results, int segments, const int* partials) {
  fold_partials(Equals{{0, 0, {1, 1, 0}}, 0, counts}, results, segments, partials);
}

// The result that element i of (outer, count, inner) belongs to; plane is count*inner.
__device__ inline int result_of(unsigned i, Divisor plane, Divisor inner) {
  unsigned outer = plane.quotient(i);
  unsigned within = plane.remainder(i, outer);
  return outer * inner.divisor + inner.remainder(within, inner.quotient(within));
}

__device__ inline float divide(float value, float divisor) {
  return value / divisor;
}

__device__ inline float4 divide(float4 value, float divisor) {
  return make_float4(value.x / divisor, value.y / divisor, value.z / divisor, value.w / divisor);
}

template <typename V>
__device__ void spread(const V* gradY, V* gradX, unsigned n, Divisor plane, Divisor inner, float divisor) {
  for (unsigned i = first_index(); i < n; i += index_step()) {
    gradX[i] = divide(gradY[result_of(i, plane, inner)], divisor);
  }
}

// The gradient of sum and mean.
extern "C" __global__ void reduce_spread(const float* gradY, float* gradX, int n, Divisor plane, Divisor inner,
    float divisor) {
  spread(gradY, gradX, n, plane, inner, divisor);
}

// The same of an inner size that is a multiple of 4, which n, plane and inner count in fours.
extern "C" __global__ void reduce_spread_wide(const float4* gradY, float4* gradX, int n, Divisor plane, Divisor inner,
    float divisor) {
  spread(gradY, gradX, n, plane, inner, divisor);
}

// The gradient of largest and smallest.
extern "C" __global__ void reduce_share(const float* x, const float* y, const float* gradY, const int* counts,
    float* gradX, int n, Divisor plane, Divisor inner) {
  for (unsigned i = first_index(); i < n; i += index_step()) {
    int k = result_of(i, plane, inner);
    gradX[i] = x[i] == y[k] ? gradY[k] / (float)counts[k] : 0.0f;
  }
}
