// Work on rows by teams of threads: a warp for a short row, a block for a long one. All members of a team walk a row
// with the same stride, so that each finds in later walks what it wrote in earlier ones without a barrier.
#pragma once

#include "common.cuh"

struct Greatest {
  template <typename T>
  static __device__ T identity() {
    return T(0);
  }
  template <typename T>
  static __device__ T combine(T a, T b) {
    return a > b ? a : b;
  }
};

struct Team {
  // Room for a partial of each warp; null where the team is a warp.
  unsigned long long* partials;

  __device__ bool is_block() const {
    return partials != nullptr;
  }

  __device__ int rank() const {
    return is_block() ? threadIdx.x : lane_id();
  }

  __device__ int size() const {
    return is_block() ? blockDim.x : WARP;
  }

  __device__ unsigned first_row() const {
    return is_block() ? blockIdx.x : first_index() / WARP;
  }

  __device__ unsigned row_step() const {
    return is_block() ? gridDim.x : index_step() / WARP;
  }

  template <typename Op, typename T>
  __device__ T reduce(T value) const {
    value = warp_reduce<Op>(value);
    if (is_block()) {
      T* of_warps = (T*)partials;
      if (lane_id() == 0) {
        of_warps[warp_id()] = value;
      }
      __syncthreads();
      value = warp_reduce<Op>(lane_id() < blockDim.x / WARP ? of_warps[lane_id()] : Op::template identity<T>());
      __syncthreads();
    }
    return value;
  }

  template <typename T>
  __device__ T sum(T value) const {
    return reduce<Sum>(value);
  }

  // NaN if any is.
  __device__ float max(float value) const {
    return reduce<Largest>(value);
  }

  // The sum of the values of this and all earlier members, added to the carry; the carry becomes that of all.
  template <typename T>
  __device__ T scan(T value, T& carry) const {
    T prefix = value;
#pragma unroll
    for (int step = 1; step < WARP; step *= 2) {
      T earlier = __shfl_up_sync(ALL_LANES, prefix, step);
      prefix = lane_id() >= step ? prefix + earlier : prefix;
    }
    T whole = __shfl_sync(ALL_LANES, prefix, WARP - 1);
    T before = carry;
    if (!is_block()) {
      carry += whole;
      return before + prefix;
    }
    T* totals = (T*)partials;
    if (lane_id() == 0) {
      totals[warp_id()] = whole;
    }
    __syncthreads();
    for (int warp = 0; warp < (int)(blockDim.x / WARP); warp++) {
      before = warp == warp_id() ? carry : before;
      carry += totals[warp];
    }
    __syncthreads();
    return before + prefix;
  }
};

// The team of this thread; the kernel gives its shared partials.
__device__ inline Team team_of(bool is_block, unsigned long long* partials) {
  return Team{is_block ? partials : nullptr};
}

// Which elements of a row take part.
struct Part {
  const Bool* mask;
  int length;

  __device__ bool takes(int j) const {
    return j < length && (mask == nullptr || mask[j] != 0);
  }
};

__device__ inline Part part_of(const Bool* mask, const int* lengths, int rows_per_length, int row, int width) {
  return Part{mask == nullptr ? nullptr : mask + row * width,
      lengths == nullptr ? width : lengths[row / rows_per_length]};
}
