// Filling, and copies between strided walks: target[to(i)] = source[from(i)] for every index i of a shape, for REAL
// also scale * source and target + scale * source.
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
// writes are both of whole lines. A block of (TILE, TRANSPOSE_ROWS) threads per tile; tiles are numbered along their
// rows, rows of tiles down the plane.
template <typename T, typename Move>
__device__ void transpose(const T* source, T* target, Divisor tilesOfRow, Divisor tilesOfColumn, const Walk<2>& walk,
    Move move) {
  __shared__ T tile[TILE][TILE + 1];
  unsigned rest = tilesOfRow.quotient(blockIdx.x);
  unsigned plane = tilesOfColumn.quotient(rest);
  int firstColumn = tilesOfRow.remainder(blockIdx.x, rest) * TILE;
  int firstRow = tilesOfColumn.remainder(rest, plane) * TILE;
  int columns = walk.size[0].divisor;
  int rows = walk.size[1].divisor;
  int at[2] = {0, 0};
  walk.advance(plane, 2, walk.rank, at);
  int row = firstRow + threadIdx.x;
  for (int j = threadIdx.y; j < TILE; j += TRANSPOSE_ROWS) {
    int column = firstColumn + j;
    if (column < columns && row < rows) {
      tile[j][threadIdx.x] = source[at[0] + column * walk.stride[0][0] + row * walk.stride[0][1]];
    }
  }
  __syncthreads();
  int column = firstColumn + threadIdx.x;
  for (int j = threadIdx.y; j < TILE; j += TRANSPOSE_ROWS) {
    row = firstRow + j;
    if (column < columns && row < rows) {
      move(target[at[1] + column * walk.stride[1][0] + row * walk.stride[1][1]], tile[threadIdx.x][j]);
    }
  }
}

extern "C" __global__ void transpose_words(const Word* source, Word* target, Divisor tilesOfRow, Divisor tilesOfColumn,
    const __grid_constant__ Walk<2> walk) {
  transpose(source, target, tilesOfRow, tilesOfColumn, walk, Assign());
}

extern "C" __global__ void transpose_scaled(const float* source, float* target, Divisor tilesOfRow,
    Divisor tilesOfColumn, float scale, int accumulates, const __grid_constant__ Walk<2> walk) {
  transpose(source, target, tilesOfRow, tilesOfColumn, walk, Scale{scale, accumulates != 0});
}
