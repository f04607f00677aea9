// Functions of two truth values with broadcasting: y[i] of the two elements where the walk is at index i.
#include "common.cuh"

struct Or {
  static __device__ bool value(bool l, bool r) { return l || r; }
};

struct Nor {
  static __device__ bool value(bool l, bool r) { return !(l || r); }
};

template <typename F>
__device__ void logical_forward(const Bool* left, const Bool* right, Bool* y, int n, const Walk<2>& walk) {
  for (unsigned i = first_index(); i < n; i += index_step()) {
    int at[2] = {0, 0};
    walk.advance(i, 0, walk.rank, at);
    y[i] = F::value(left[at[0]], right[at[1]]);
  }
}

#define LOGICAL(name, function) \
  extern "C" __global__ void logical_##name##_forward(const Bool* left, const Bool* right, Bool* y, int n, \
      const __grid_constant__ Walk<2> walk) { \
    logical_forward<function>(left, right, y, n, walk); \
  }

LOGICAL(or, Or)
LOGICAL(nor, Nor)
