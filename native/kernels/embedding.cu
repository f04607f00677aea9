// Looking rows up: y[i] = table[indices[i]]; table (vocabulary, width), indices (count), y (count, width). Backward,
// gradTable[v] is the sum of gradY[i] over the i with indices[i] = v, in a fixed order: the looked-up positions are
// sorted by index, stably, digit by digit; then runs of equal indices are summed.
#include "common.cuh"

// ---- forward --------------------------------------------------------------------------------------------------------

template <typename V>
__device__ void look_up(const V* table, const int* indices, V* y, unsigned n, Divisor width) {
  for (unsigned i = first_index(); i < n; i += index_step()) {
    unsigned row = width.quotient(i);
    y[i] = table[indices[row] * width.divisor + width.remainder(i, row)];
  }
}

extern "C" __global__ void embedding_forward(const float* table, const int* indices, float* y, int n, Divisor width) {
  look_up(table, indices, y, n, width);
}

// The same of a width that is a multiple of 4, which n and width count in fours.
extern "C" __global__ void embedding_forward_wide(const float4* table, const int* indices, float4* y, int n,
    Divisor width) {
  look_up(table, indices, y, n, width);
}

// ---- sorting positions by index -------------------------------------------------------------------------------------

const int DIGIT_BITS = 8;
const int DIGITS = 1 << DIGIT_BITS;
const int SORT_WARPS = 8;
const int SORT_ROUNDS = 8;
const int WARP_KEYS = WARP * SORT_ROUNDS;
const int SORT_TILE = SORT_WARPS * WARP_KEYS;

__device__ inline int digit_of(int key, int shift) {
  return (key >> shift) & (DIGITS - 1);
}

// The lanes whose digit equals this lane's, among those that are active.
__device__ inline unsigned peers_of(int digit, bool active) {
  unsigned peers = __ballot_sync(ALL_LANES, active);
#pragma unroll
  for (int bit = 0; bit < DIGIT_BITS; bit++) {
    bool isSet = (digit >> bit & 1) != 0;
    unsigned set = __ballot_sync(ALL_LANES, isSet);
    peers &= isSet ? set : ~set;
  }
  return peers;
}

// How often each digit occurs among a warp's keys, into counts (DIGITS), which are 0 on entry.
__device__ inline void count_digits(const int* keys, int begin, int n, int shift, int* counts) {
  for (int round = 0; round < SORT_ROUNDS; round++) {
    int i = begin + round * WARP + lane_id();
    bool active = i < n;
    int digit = active ? digit_of(keys[i], shift) : 0;
    unsigned peers = peers_of(digit, active);
    if (active && lane_id() == __ffs(peers) - 1) {
      counts[digit] += __popc(peers);
    }
    __syncwarp();
  }
}

// Counts (DIGITS, tiles) of the digits of each tile of SORT_TILE keys. A block of DIGITS threads per tile.
extern "C" __global__ void sort_count(const int* keys, int* counts, int n, int shift, int tiles) {
  __shared__ int own[SORT_WARPS][DIGITS];
  for (int warp = 0; warp < SORT_WARPS; warp++) {
    own[warp][threadIdx.x] = 0;
  }
  __syncthreads();
  count_digits(keys, blockIdx.x * SORT_TILE + warp_id() * WARP_KEYS, n, shift, own[warp_id()]);
  __syncthreads();
  int total = 0;
  for (int warp = 0; warp < SORT_WARPS; warp++) {
    total += own[warp][threadIdx.x];
  }
  counts[threadIdx.x * tiles + blockIdx.x] = total;
}

// Replaces n counts by the sum of those before each. One block of MOST_WARPS warps.
extern "C" __global__ void sort_scan(int* counts, int n) {
  __shared__ int sums[MOST_WARPS];
  int carry = 0;
  for (int begin = 0; begin < n; begin += blockDim.x) {
    int i = begin + threadIdx.x;
    int count = i < n ? counts[i] : 0;
    int sum = count;
#pragma unroll
    for (int step = 1; step < WARP; step *= 2) {
      int before = __shfl_up_sync(ALL_LANES, sum, step);
      sum += lane_id() >= step ? before : 0;
    }
    if (lane_id() == WARP - 1) {
      sums[warp_id()] = sum;
    }
    __syncthreads();
    int before = carry;
    for (int warp = 0; warp < MOST_WARPS; warp++) {
      before += warp < warp_id() ? sums[warp] : 0;
      carry += sums[warp];
    }
    if (i < n) {
      counts[i] = before + sum - count;
    }
    __syncthreads();
  }
}

// Moves keys and positions to where their digit's turn is: starts (DIGITS, tiles) are the scanned counts. Without
// positions, which the first digit has not yet, a key's position is its place. A block of DIGITS threads per tile.
extern "C" __global__ void sort_move(const int* keys, const int* positions, const int* starts, int* sortedKeys,
    int* sortedPositions, int n, int shift, int tiles) {
  __shared__ int next[SORT_WARPS][DIGITS];
  for (int warp = 0; warp < SORT_WARPS; warp++) {
    next[warp][threadIdx.x] = 0;
  }
  __syncthreads();
  int begin = blockIdx.x * SORT_TILE + warp_id() * WARP_KEYS;
  count_digits(keys, begin, n, shift, next[warp_id()]);
  __syncthreads();
  int start = starts[threadIdx.x * tiles + blockIdx.x];
  for (int warp = 0; warp < SORT_WARPS; warp++) {
    int count = next[warp][threadIdx.x];
    next[warp][threadIdx.x] = start;
    start += count;
  }
  __syncthreads();
  int* mine = next[warp_id()];
  for (int round = 0; round < SORT_ROUNDS; round++) {
    int i = begin + round * WARP + lane_id();
    bool active = i < n;
    int key = active ? keys[i] : 0;
    int digit = digit_of(key, shift);
    unsigned peers = peers_of(digit, active);
    int to = active ? mine[digit] + __popc(peers & ((1u << lane_id()) - 1)) : 0;
    __syncwarp();
    if (active) {
      sortedKeys[to] = key;
      sortedPositions[to] = positions == 0 ? i : positions[i];
      if (lane_id() == __ffs(peers) - 1) {
        mine[digit] += __popc(peers);
      }
    }
    __syncwarp();
  }
}

// ---- backward -------------------------------------------------------------------------------------------------------

// Sorted positions are cut into spans of so many. A run of equal indices inside a span is a row's sum; one that a
// span's end cuts leaves its parts in heads (spans, width), which continue the span before, and tails (spans, width),
// which begin in the span and go on after it.
const int SPAN = 32;

template <typename V>
__device__ V zero();

template <>
__device__ inline float zero<float>() {
  return 0.0f;
}

template <>
__device__ inline float4 zero<float4>() {
  return make_float4(0, 0, 0, 0);
}

__device__ inline void add(float& sum, float term) {
  sum += term;
}

__device__ inline void add(float4& sum, float4 term) {
  sum.x += term.x;
  sum.y += term.y;
  sum.z += term.z;
  sum.w += term.w;
}

// A thread per span and column.
template <typename V>
__device__ void sum_spans(const int* keys, const int* positions, const V* gradY, V* gradTable, V* heads, V* tails,
    int count, Divisor columns, int padding) {
  int width = columns.divisor;
  unsigned threads = (unsigned)ceil_div(count, SPAN) * width;
  for (unsigned thread = first_index(); thread < threads; thread += index_step()) {
    int span = columns.quotient(thread);
    int column = columns.remainder(thread, span);
    int begin = span * SPAN;
    int end = min(count, begin + SPAN);
    bool continues = begin > 0 && keys[begin - 1] == keys[begin];
    V sum = zero<V>();
    for (int i = begin; i < end; i++) {
      int key = keys[i];
      add(sum, gradY[(long long)positions[i] * width + column]);
      bool endsHere = i + 1 == count || keys[i + 1] != key;
      if (endsHere || i + 1 == end) {
        if (continues) {
          heads[(long long)span * width + column] = sum;
        } else if (!endsHere) {
          tails[(long long)span * width + column] = sum;
        } else if (key != padding) {
          gradTable[(long long)key * width + column] = sum;
        }
        continues = false;
        sum = zero<V>();
      }
    }
  }
}

// The sums of the runs that span ends cut: a thread per span in which such a run begins, and column.
template <typename V>
__device__ void join_spans(const int* keys, const V* heads, const V* tails, V* gradTable, int count, Divisor columns,
    int padding) {
  int width = columns.divisor;
  int spans = ceil_div(count, SPAN);
  unsigned threads = (unsigned)(spans - 1) * width;
  for (unsigned thread = first_index(); thread < threads; thread += index_step()) {
    int span = columns.quotient(thread);
    int column = columns.remainder(thread, span);
    int last = span * SPAN + SPAN - 1;
    int key = keys[last];
    bool goesOn = keys[last + 1] == key;
    bool beginsHere = span == 0 || keys[span * SPAN - 1] != key;
    if (goesOn && beginsHere && key != padding) {
      V sum = tails[(long long)span * width + column];
      int next = span + 1;
      do {
        add(sum, heads[(long long)next * width + column]);
        next++;
      } while (next < spans && keys[next * SPAN - 1] == key && keys[next * SPAN] == key);
      gradTable[(long long)key * width + column] = sum;
    }
  }
}

#define EMBEDDING_BACKWARD(suffix, V) \
  extern "C" __global__ void embedding_sum##suffix(const int* keys, const int* positions, const V* gradY, \
      V* gradTable, V* heads, V* tails, int count, Divisor columns, int padding) { \
    sum_spans(keys, positions, gradY, gradTable, heads, tails, count, columns, padding); \
  } \
  extern "C" __global__ void embedding_join##suffix(const int* keys, const V* heads, const V* tails, V* gradTable, \
      int count, Divisor columns, int padding) { \
    join_spans(keys, heads, tails, gradTable, count, columns, padding); \
  }

EMBEDDING_BACKWARD(, float)
EMBEDDING_BACKWARD(_wide, float4)
