// What the kernels of attention share: where the operands lie, which keys take part, and products of tiles.
//
// A block of 128 threads makes a tile of 64 x 32 results, 4 x 4 a thread. Operands come in chunks of 32 of the head's
// width, so that any width fits in 20 KB of shared memory.
#pragma once

#include "rows.cuh"

// Row (b, h, i) starts at b * batch + h * head + i * row.
struct Layout {
  int batch;
  int head;
  int row;

  __device__ int at(int b, int h, int i) const {
    return b * batch + h * head + i * row;
  }
};

// dev.sluice.spi.AttentionSpec. Query head h uses key head h / group; with causal set, query i sees keys 0 to i +
// shift.
struct Attention {
  int batch;
  int heads;
  int key_heads;
  int group;
  int queries;
  int keys;
  int width;
  int value_width;
  int causal;
  int shift;
  Layout query;
  Layout key;
  Layout value;
  Layout output;
  Layout mask;
  Layout bias;
  float scale;
  float dropout_scale;
  Draw draw;

  // The number of leading keys that query i may see.
  __device__ int visible(int i) const {
    return causal ? min(max(i + shift + 1, 0), keys) : keys;
  }

  __device__ unsigned row(int b, int h, int i) const {
    return ((unsigned)b * heads + h) * queries + i;
  }
};

// What restricts the keys of a query; each may be null.
struct Restriction {
  const Bool* mask;
  const float* bias;
  const int* lengths;

  __device__ int length(const Attention& at, int b) const {
    return lengths == nullptr ? at.keys : lengths[b];
  }

  // Whether key j, below the limit of query i, takes part.
  __device__ bool takes(const Attention& at, int b, int h, int i, int j, int limit) const {
    return j < limit && (mask == nullptr || mask[at.mask.at(b, h, i) + j] != 0)
        && (bias == nullptr || bias[at.bias.at(b, h, i) + j] != -infinity());
  }

  // Rounded alike wherever it is made: a product that fuses with what follows would miss the saved maximum.
  __device__ float logit(const Attention& at, int b, int h, int i, int j, float dot) const {
    return bias == nullptr ? __fmul_rn(at.scale, dot) : fmaf(at.scale, dot, bias[at.bias.at(b, h, i) + j]);
  }
};

// How many leading keys query i may see, none of a query past the last.
__device__ inline int limit_of(const Attention& at, int i, int length) {
  return i < at.queries ? min(at.visible(i), length) : 0;
}

// Stands for a weight or a gradient that is not there: what it would multiply is not read. Real ones are never -0.
__device__ inline float nothing() {
  return __int_as_float(0x80000000);
}

__device__ inline bool is_nothing(float x) {
  return __float_as_uint(x) == 0x80000000u;
}

// Which of the weights element to element + 3 dropout keeps: bits 0 to 3.
__device__ inline unsigned kept_quad(const Draw& draw, unsigned long long element) {
  if (draw.threshold >> 32 != 0) {
    return 15;
  }
  int skipped = (int)(element & 3);
  unsigned kept = 0;
#pragma unroll 1
  for (int at = 0; at < skipped + 4; at += 4) {
    uint4 words = draw.words((element + at) >> 2);
    unsigned four = (words.x < draw.threshold) | (words.y < draw.threshold) << 1 | (words.z < draw.threshold) << 2
        | (words.w < draw.threshold) << 3;
    kept |= four << at;
  }
  return kept >> skipped & 15;
}

__device__ inline bool keeps_weight(const Draw& draw, unsigned long long element) {
  return draw.threshold >> 32 != 0 || draw.keeps(element);
}

// ---- tiles ----------------------------------------------------------------------------------------------------------

const int TEAM_THREADS = 128;
const int LONG_SIDE = 64;
const int SHORT_SIDE = 32;
const int DEPTH = 32;
const int SLICE = 64;

// Some rows of an operand, the first at base.
struct Rows {
  const float* base;
  int step;
  int count;
};

struct TileMemory {
  // A chunk of 64 rows and one of 32, transposed; or 32 rows of a slice of 64 columns.
  float left[DEPTH * LONG_SIDE];
  float right[DEPTH * SHORT_SIDE];
  // A tile of weights, 32 x 64.
  float weights[SHORT_SIDE * LONG_SIDE];
  int odd[TEAM_THREADS / WARP];
};

// The first of this thread's four rows and four columns of a tile, divided by 4.
__device__ inline int tile_row() {
  return threadIdx.x / 8;
}

__device__ inline int tile_column() {
  return threadIdx.x % 8;
}

// Four consecutive elements of a row, 0 past its width.
__device__ inline float4 quad(const float* row, int from, int width) {
  if (from + 4 <= width && is_wide(row + from)) {
    return *(const float4*)(row + from);
  }
  return make_float4(from < width ? row[from] : 0.0f, from + 1 < width ? row[from + 1] : 0.0f,
      from + 2 < width ? row[from + 2] : 0.0f, from + 3 < width ? row[from + 3] : 0.0f);
}

__device__ inline void put_quad(float* row, int from, int width, float4 four) {
  if (from + 4 <= width && is_wide(row + from)) {
    *(float4*)(row + from) = four;
    return;
  }
  float parts[4] = {four.x, four.y, four.z, four.w};
#pragma unroll
  for (int k = 0; k < 4; k++) {
    if (from + k < width) {
      row[from + k] = parts[k];
    }
  }
}

// Where four consecutive of N elements stand in line k of a tile: neither lines nor columns of quads share banks.
template <int N>
__device__ inline int place_quad(int k, int group) {
  return k * N + ((group ^ (k / 4 & 7)) * 4);
}

// Loads columns from to from + 31 of N rows, transposed; 0 past the last row and past the width.
template <int N>
__device__ inline void load_transposed(const Rows& rows, int from, int width, float* to) {
#pragma unroll 2
  for (int n = threadIdx.x; n < N * DEPTH / 4; n += TEAM_THREADS) {
    int row = n / 8;
    int k = n % 8 * 4;
    float4 four = row < rows.count ? quad(rows.base + row * rows.step, from + k, width) : make_float4(0, 0, 0, 0);
    int at = place_quad<N>(k, row / 4) + row % 4;
    to[at] = four.x;
    to[at + N] = four.y;
    to[at + 2 * N] = four.z;
    to[at + 3 * N] = four.w;
  }
}

// dots[r][c] = the dot product of row 4 tile_row() + r of left and row 4 tile_column() + c of right, added up in the
// order of the width.
__device__ inline void tile_dots(const Rows& left, const Rows& right, int width, TileMemory& memory,
    float (&dots)[4][4]) {
#pragma unroll
  for (int r = 0; r < 4; r++) {
#pragma unroll
    for (int c = 0; c < 4; c++) {
      dots[r][c] = 0.0f;
    }
  }
  for (int from = 0; from < width; from += DEPTH) {
    __syncthreads();
    load_transposed<LONG_SIDE>(left, from, width, memory.left);
    load_transposed<SHORT_SIDE>(right, from, width, memory.right);
    __syncthreads();
    int depth = min(DEPTH, width - from);
#pragma unroll 1
    for (int start = 0; start < depth; start += 4) {
#pragma unroll
      for (int e = 0; e < 4; e++) {
        float4 x = *(const float4*)(memory.left + place_quad<LONG_SIDE>(start, tile_row()) + e * LONG_SIDE);
        float4 y = *(const float4*)(memory.right + place_quad<SHORT_SIDE>(start, tile_column()) + e * SHORT_SIDE);
        float xs[4] = {x.x, x.y, x.z, x.w};
        float ys[4] = {y.x, y.y, y.z, y.w};
#pragma unroll
        for (int r = 0; r < 4; r++) {
#pragma unroll
          for (int c = 0; c < 4; c++) {
            dots[r][c] = fmaf(xs[r], ys[c], dots[r][c]);
          }
        }
      }
    }
  }
}

// Puts a tile of weights into shared memory, where each column becomes a line.
__device__ inline void put_weights(const float (&weights)[4][4], TileMemory& memory) {
  __syncthreads();
#pragma unroll
  for (int c = 0; c < 4; c++) {
    float* to = memory.weights + place_quad<LONG_SIDE>(4 * tile_column() + c, tile_row());
    *(float4*)to = make_float4(weights[0][c], weights[1][c], weights[2][c], weights[3][c]);
  }
}

__device__ inline bool is_odd(float x) {
  return (__float_as_uint(x) & 0x7f800000u) == 0x7f800000u;
}

// The column of slice s of which this thread makes eight: 4 tile_column() and the three after, and those 32 on.
__device__ inline int slice_column(int half) {
  return 4 * tile_column() + half * SLICE / 2;
}

// sums[r][c] += sum over lines k of weights[k][4 tile_row() + r] * rows[k][column c of the slice from `from`]. Where
// some element of the rows is not finite, weights that are nothing are left out one by one. The barrier before weights
// were put stands for one here.
__device__ inline void tile_accumulate(const Rows& rows, int from, int width, TileMemory& memory,
    float (&sums)[4][8]) {
  bool odd = false;
#pragma unroll 2
  for (int n = threadIdx.x; n < SHORT_SIDE * SLICE / 4; n += TEAM_THREADS) {
    int row = n / (SLICE / 4);
    int column = n % (SLICE / 4) * 4;
    float4 four =
        row < rows.count ? quad(rows.base + row * rows.step, from + column, width) : make_float4(0, 0, 0, 0);
    odd = odd || is_odd(four.x) || is_odd(four.y) || is_odd(four.z) || is_odd(four.w);
    *(float4*)(memory.left + row * SLICE + column) = four;
  }
  odd = __any_sync(ALL_LANES, odd);
  if (lane_id() == 0) {
    memory.odd[warp_id()] = odd;
  }
  __syncthreads();
  odd = (memory.odd[0] | memory.odd[1] | memory.odd[2] | memory.odd[3]) != 0;
#pragma unroll 2
  for (int k = 0; k < rows.count; k++) {
    float4 w = *(const float4*)(memory.weights + place_quad<LONG_SIDE>(k, tile_row()));
    float4 x = *(const float4*)(memory.left + k * SLICE + slice_column(0));
    float4 y = *(const float4*)(memory.left + k * SLICE + slice_column(1));
    float ws[4] = {w.x, w.y, w.z, w.w};
    float xs[8] = {x.x, x.y, x.z, x.w, y.x, y.y, y.z, y.w};
    if (odd) {
#pragma unroll
      for (int r = 0; r < 4; r++) {
#pragma unroll
        for (int c = 0; c < 8; c++) {
          sums[r][c] = is_nothing(ws[r]) ? sums[r][c] : fmaf(ws[r], xs[c], sums[r][c]);
        }
      }
    } else {
#pragma unroll
      for (int r = 0; r < 4; r++) {
#pragma unroll
        for (int c = 0; c < 8; c++) {
          sums[r][c] = fmaf(ws[r], xs[c], sums[r][c]);
        }
      }
    }
  }
}

__device__ inline void clear(float (&sums)[4][8]) {
#pragma unroll
  for (int r = 0; r < 4; r++) {
#pragma unroll
    for (int c = 0; c < 8; c++) {
      sums[r][c] = 0.0f;
    }
  }
}

// Writes factor times one row of sums to its columns of a slice.
__device__ inline void put_sums(const float (&sums)[8], float factor, float* row, int from, int width) {
#pragma unroll
  for (int half = 0; half < 2; half++) {
    put_quad(row, from + slice_column(half), width, make_float4(factor * sums[4 * half], factor * sums[4 * half + 1],
        factor * sums[4 * half + 2], factor * sums[4 * half + 3]));
  }
}

__device__ inline int slices_of(int width) {
  return max(1, ceil_div(width, SLICE));
}

// Adds factor times one row of sums to its columns of a slice.
__device__ inline void add_sums(const float (&sums)[8], float factor, float* row, int from, int width) {
#pragma unroll
  for (int c = 0; c < 8; c++) {
    int at = from + slice_column(c / 4) + c % 4;
    if (at < width) {
      row[at] += factor * sums[c];
    }
  }
}

// Which tile of 64 rows, slice and head a block works on: the last tiles first, those of causal queries with most keys.
struct Place {
  int tile;
  int slice;
  int b;
  int h;
};

__device__ inline Place place_of(int rows, int slices, int heads) {
  int tiles = ceil_div(rows, LONG_SIDE);
  unsigned index = blockIdx.x;
  int tile = tiles - 1 - (int)(index % tiles);
  index /= tiles;
  int slice = index % slices;
  index /= slices;
  return Place{tile, slice, (int)(index / heads), (int)(index % heads)};
}

__device__ inline Rows rows_from(const float* x, const Layout& layout, int b, int h, int from, int count) {
  return Rows{x + layout.at(b, h, from), layout.row, count};
}

// Whether what `redo` points to says that a call need not be done over.
__device__ inline bool is_spared(const int* redo) {
  return redo != nullptr && *redo == 0;
}

// The reduction of the eight threads that share a tile's rows, in each of them.
template <typename Op>
__device__ inline float reduce_columns(float value) {
#pragma unroll
  for (int mask = 4; mask > 0; mask /= 2) {
    value = Op::combine(value, lane_xor(value, mask));
  }
  return value;
}
