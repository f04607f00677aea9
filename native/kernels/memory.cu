// Filling, and copies between strided walks: target[to(i)] = source[from(i)] for every index i of a shape, for REAL also
// scale * source and target + scale * source.
//
// Runs of elements move 16 bytes at a time: `wide` counts such pieces, and the elements after them, of which a walk of
// more than one dimension has none, move one by one. With wide 0 all elements do.
#include "common.cuh"

template <typename T>
__device__ void fill(T* target, uint4 pattern, T value, int wide, int n) {
  const unsigned perPiece = sizeof(uint4) / sizeof(T);
  for (unsigned i = first_index(); i < wide; i += index_step()) {
    ((uint4*)target)[i] = pattern;
  }
  for (unsigned i = wide * perPiece + first_index(); i < n; i += index_step()) {
    target[i] = value;
  }
}

extern "C" __global__ void fill_words(Word* target, Word value, int wide, int n) {
  fill(target, make_uint4(value, value, value, value), value, wide, n);
}

extern "C" __global__ void fill_bytes(Bool* target, Word value, int wide, int n) {
  Word four = value * 0x01010101u;
  fill(target, make_uint4(four, four, four, four), (Bool)value, wide, n);
}

struct Assign {
  template <typename T>
  __device__ void operator()(T& target, T source) const {
    target = source;
  }
};

struct Scale {
  float scale;
  bool accumulates;

  __device__ void operator()(float& target, float source) const {
    target = accumulates ? target + scale * source : scale * source;
  }

  __device__ void operator()(float4& target, float4 source) const {
    float4 old = accumulates ? target : make_float4(0, 0, 0, 0);
    float4 moved;
    moved.x = accumulates ? old.x + scale * source.x : scale * source.x;
    moved.y = accumulates ? old.y + scale * source.y : scale * source.y;
    moved.z = accumulates ? old.z + scale * source.z : scale * source.z;
    moved.w = accumulates ? old.w + scale * source.w : scale * source.w;
    target = moved;
  }
};

// Where wide is not 0, the first dimension's size and the index count pieces.
template <typename Wide, typename T, typename Move>
__device__ void copy(const T* source, T* target, int wide, int n, const Walk<2>& walk, Move move) {
  const unsigned perPiece = sizeof(Wide) / sizeof(T);
  for (unsigned i = first_index(); i < wide; i += index_step()) {
    int at[2] = {0, 0};
    walk.advance(i, 0, walk.rank, at);
    move(*(Wide*)(target + at[1]), *(const Wide*)(source + at[0]));
  }
  for (unsigned i = wide * perPiece + first_index(); i < n; i += index_step()) {
    int at[2] = {0, 0};
    if (wide > 0) {
      at[0] = at[1] = i;
    } else {
      walk.advance(i, 0, walk.rank, at);
    }
    move(target[at[1]], source[at[0]]);
  }
}

extern "C" __global__ void copy_words(const Word* source, Word* target, int wide, int n,
    const __grid_constant__ Walk<2> walk) {
  copy<uint4>(source, target, wide, n, walk, Assign());
}

extern "C" __global__ void copy_bytes(const Bool* source, Bool* target, int wide, int n,
    const __grid_constant__ Walk<2> walk) {
  copy<uint4>(source, target, wide, n, walk, Assign());
}

extern "C" __global__ void copy_scaled(const float* source, float* target, int wide, int n, float scale,
    int accumulates, const __grid_constant__ Walk<2> walk) {
  copy<float4>(source, target, wide, n, walk, Scale{scale, accumulates != 0});
}

const int TILE = 32;
const int TRANSPOSE_ROWS = 8;

// Planes of a transposition: rows lie side by side in the source, columns in the target. The walk's first dimension is
// the columns, its second the rows, the others number the planes. Tiles go through shared memory, so that reads and
// writes are both of whole lines. Blocks of (TILE, TRANSPOSE_ROWS) threads; the grid is of (column tiles, row tiles, planes).
template <typename T, typename Move>
__device__ void transpose(const T* source, T* target, int columns, int rows, int planes, const Walk<2>& walk,
    Move move) {
  __shared__ T tile[TILE][TILE + 1];
  int column = blockIdx.x * TILE;
  for (int plane = blockIdx.z; plane < planes; plane += gridDim.z) {
    int at[2] = {0, 0};
    walk.advance(plane, 2, walk.rank, at);
    for (int row = blockIdx.y * TILE; row < rows; row += gridDim.y * TILE) {
      for (int j = threadIdx.y; j < TILE; j += TRANSPOSE_ROWS) {
        if (column + j < columns && row + threadIdx.x < rows) {
          tile[j][threadIdx.x] = source[at[0] + (column + j) * walk.stride[0][0]
              + (row + (int)threadIdx.x) * walk.stride[0][1]];
        }
      }
      __syncthreads();
      for (int j = threadIdx.y; j < TILE; j += TRANSPOSE_ROWS) {
        if (row + j < rows && column + threadIdx.x < columns) {
          move(target[at[1] + (column + (int)threadIdx.x) * walk.stride[1][0] + (row + j) * walk.stride[1][1]],
              tile[threadIdx.x][j]);
        }
      }
      __syncthreads();
    }
  }
}

extern "C" __global__ void transpose_words(const Word* source, Word* target, int columns, int rows, int planes,
    const __grid_constant__ Walk<2> walk) {
  transpose(source, target, columns, rows, planes, walk, Assign());
}

extern "C" __global__ void transpose_scaled(const float* source, float* target, int columns, int rows, int planes,
    float scale, int accumulates, const __grid_constant__ Walk<2> walk) {
  transpose(source, target, columns, rows, planes, walk, Scale{scale, accumulates != 0});
}
