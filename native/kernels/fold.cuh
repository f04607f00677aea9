// Folding many terms to each of many results, in two stages and an order that the sizes decide.
//
// Result k of `results` folds term(place(k), r) for r of 0 to terms-1. The terms are cut into gridDim.y segments of
// `segment` terms each. With one segment the first stage finishes a result; with more it writes (segments, results)
// partials, which the second stage folds in the order of the segments.
//
// A fold has
//   typedef ... Op, Value, Place;
//   static const int unroll;                   how many terms a thread reads at once
//   Place place(int k) const;                  what the terms of a result share
//   Value term(Place place, int r) const;
//   void store(int k, Value value) const;      finishes a result
#pragma once

#include "common.cuh"

const int FOLD_ROWS = 8;

// A warp per result and segment, lanes along the terms: for terms that lie side by side. Blocks of FOLD_ROWS warps.
template <typename Fold>
__device__ void fold_along(const Fold& fold, int results, int terms, int segment, typename Fold::Value* partials) {
  typedef typename Fold::Op Op;
  typedef typename Fold::Value Value;
  int k = blockIdx.x * FOLD_ROWS + warp_id();
  if (k >= results) {
    return;
  }
  unsigned begin = blockIdx.y * segment;
  unsigned end = min((unsigned)terms, begin + segment);
  typename Fold::Place place = fold.place(k);
  Value value = Op::template identity<Value>();
#pragma unroll Fold::unroll
  for (unsigned r = begin + lane_id(); r < end; r += WARP) {
    value = Op::combine(value, fold.term(place, r));
  }
  value = warp_reduce<Op>(value);
  if (lane_id() == 0) {
    if (gridDim.y == 1) {
      fold.store(k, value);
    } else {
      partials[(long long)blockIdx.y * results + k] = value;
    }
  }
}

// A thread per result, FOLD_ROWS of them sharing a segment: for results that lie side by side. Blocks of (WARP,
// FOLD_ROWS) threads.
template <typename Fold>
__device__ void fold_across(const Fold& fold, int results, int terms, int segment, typename Fold::Value* partials) {
  typedef typename Fold::Op Op;
  typedef typename Fold::Value Value;
  __shared__ Value shared[FOLD_ROWS][WARP];
  int k = blockIdx.x * WARP + threadIdx.x;
  unsigned begin = blockIdx.y * segment;
  unsigned end = min((unsigned)terms, begin + segment);
  Value value = Op::template identity<Value>();
  if (k < results) {
    typename Fold::Place place = fold.place(k);
#pragma unroll Fold::unroll
    for (unsigned r = begin + threadIdx.y; r < end; r += FOLD_ROWS) {
      value = Op::combine(value, fold.term(place, r));
    }
  }
  shared[threadIdx.y][threadIdx.x] = value;
  __syncthreads();
  if (threadIdx.y == 0 && k < results) {
    for (int row = 1; row < FOLD_ROWS; row++) {
      value = Op::combine(value, shared[row][threadIdx.x]);
    }
    if (gridDim.y == 1) {
      fold.store(k, value);
    } else {
      partials[(long long)blockIdx.y * results + k] = value;
    }
  }
}

// The second stage of a fold, as a fold of its partials along the segments.
template <typename Fold>
struct Partials {
  typedef typename Fold::Op Op;
  typedef typename Fold::Value Value;
  typedef int Place;
  static const int unroll = 1;

  Fold fold;
  const Value* partials;
  int results;

  __device__ int place(int k) const {
    return k;
  }

  __device__ Value term(int k, int segment) const {
    return partials[(long long)segment * results + k];
  }

  __device__ void store(int k, Value value) const {
    fold.store(k, value);
  }
};

template <typename Fold>
__device__ void fold_partials(const Fold& fold, int results, int segments, const typename Fold::Value* partials) {
  Partials<Fold> last = {fold, partials, results};
  fold_along(last, results, segments, segments, (typename Fold::Value*)0);
}
