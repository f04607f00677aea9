// Attention of a tile of 64 queries: for tiles of 32 keys in turn, s = scale q.k + bias and, with the maximum m and the
// sum l of the row so far, p = exp(s - m), l = l exp(m' - m) + sum p, o = o exp(m' - m) + dropout(p) V; out = o / l
// (Dao et al.: FlashAttention, arXiv 2205.14135; deferring the division as in FlashAttention-2, arXiv 2307.08691). No
// logits go to memory; what is saved of a row is m and l, its log-sum-exp in two parts.
//
// Sizes: query (batch, heads, queries, width), key (batch, key heads, keys, width), value (.., keys, value width) and
// output (.., queries, value width) by their layouts; saved (batch, heads, queries, 2). A block makes 64 columns of the
// output, so that a wider value makes its weights once for each slice. With `redo`, everything hangs on what it holds.
#include "attention.cuh"

extern "C" __global__ void __launch_bounds__(TEAM_THREADS) attention_forward(const __grid_constant__ Attention at,
    const int* __restrict__ redo, const float* __restrict__ query, const float* __restrict__ key,
    const float* __restrict__ value, const Bool* __restrict__ mask, const float* __restrict__ bias,
    const int* __restrict__ lengths, float* __restrict__ output, float* __restrict__ saved) {
  __shared__ TileMemory memory;
  if (is_spared(redo)) {
    return;
  }
  Place place = place_of(at.queries, slices_of(at.value_width), at.heads);
  int b = place.b;
  int h = place.h;
  Restriction given{mask, bias, lengths};
  int length = given.length(at, b);
  int first = place.tile * LONG_SIDE;
  int queries = min(LONG_SIDE, at.queries - first);
  int most = limit_of(at, first + queries - 1, length);
  Rows q = rows_from(query, at.query, b, h, first, queries);
  float max[4];
  float sum[4];
  float sums[4][8];
  clear(sums);
#pragma unroll
  for (int r = 0; r < 4; r++) {
    max[r] = -infinity();
    sum[r] = 0.0f;
  }
  for (int from = 0; from < most; from += SHORT_SIDE) {
    int keys = min(SHORT_SIDE, most - from);
    float tile[4][4];
    tile_dots(q, rows_from(key, at.key, b, h / at.group, from, keys), at.width, memory, tile);
    int j = from + 4 * tile_column();
#pragma unroll
    for (int r = 0; r < 4; r++) {
      int i = first + 4 * tile_row() + r;
      int limit = limit_of(at, i, length);
      unsigned takes = 0;
      float above = max[r];
#pragma unroll
      for (int c = 0; c < 4; c++) {
        if (given.takes(at, b, h, i, j + c, limit)) {
          takes |= 1u << c;
          tile[r][c] = given.logit(at, b, h, i, j + c, tile[r][c]);
          above = larger(above, tile[r][c]);
        }
      }
      above = reduce_columns<Largest>(above);
      float shift = above == -infinity() ? 0.0f : above;
      float factor = expf(max[r] - shift);
      max[r] = above;
      sum[r] *= factor;
      unsigned kept = takes & kept_quad(at.draw, (unsigned long long)at.row(b, h, i) * at.keys + j);
#pragma unroll
      for (int c = 0; c < 4; c++) {
        float p = (takes >> c & 1) != 0 ? expf(tile[r][c] - shift) : 0.0f;
        sum[r] += p;
        tile[r][c] = (kept >> c & 1) != 0 ? p : nothing();
      }
#pragma unroll
      for (int c = 0; c < 8; c++) {
        sums[r][c] *= factor;
      }
    }
    put_weights(tile, memory);
    tile_accumulate(rows_from(value, at.value, b, h / at.group, from, keys), place.slice * SLICE, at.value_width,
        memory, sums);
  }
#pragma unroll
  for (int r = 0; r < 4; r++) {
    int i = first + 4 * tile_row() + r;
    float whole = reduce_columns<Sum>(sum[r]);
    if (i < at.queries) {
      put_sums(sums[r], whole == 0.0f ? 0.0f : at.dropout_scale / whole, output + at.output.at(b, h, i),
          place.slice * SLICE, at.value_width);
      if (saved != nullptr && place.slice == 0 && tile_column() == 0) {
        saved[2 * at.row(b, h, i)] = max[r];
        saved[2 * at.row(b, h, i) + 1] = whole;
      }
    }
  }
}

// weights (batch, heads, queries, keys) = dropout(exp(s - m) / l), from what was saved.
extern "C" __global__ void __launch_bounds__(TEAM_THREADS) attention_weights(const __grid_constant__ Attention at,
    const int* __restrict__ redo, const float* __restrict__ query, const float* __restrict__ key,
    const Bool* __restrict__ mask, const float* __restrict__ bias, const int* __restrict__ lengths,
    const float* __restrict__ saved, float* __restrict__ weights) {
  __shared__ TileMemory memory;
  if (is_spared(redo)) {
    return;
  }
  Place place = place_of(at.queries, 1, at.heads);
  int b = place.b;
  int h = place.h;
  Restriction given{mask, bias, lengths};
  int length = given.length(at, b);
  int first = place.tile * LONG_SIDE;
  int queries = min(LONG_SIDE, at.queries - first);
  int most = limit_of(at, first + queries - 1, length);
  Rows q = rows_from(query, at.query, b, h, first, queries);
  for (int from = 0; from < at.keys; from += SHORT_SIDE) {
    float tile[4][4];
    if (from < most) {
      tile_dots(q, rows_from(key, at.key, b, h / at.group, from, min(SHORT_SIDE, most - from)), at.width, memory,
          tile);
    }
    int j = from + 4 * tile_column();
#pragma unroll
    for (int r = 0; r < 4; r++) {
      int i = first + 4 * tile_row() + r;
      if (i < at.queries) {
        unsigned row = at.row(b, h, i);
        int limit = limit_of(at, i, length);
        float max = saved[2 * row];
        float sum = saved[2 * row + 1];
        unsigned kept = sum == 0.0f ? 0 : kept_quad(at.draw, (unsigned long long)row * at.keys + j);
        float w[4];
#pragma unroll
        for (int c = 0; c < 4; c++) {
          bool counts = (kept >> c & 1) != 0 && given.takes(at, b, h, i, j + c, limit);
          w[c] = counts ? at.dropout_scale * (expf(given.logit(at, b, h, i, j + c, tile[r][c]) - max) / sum) : 0.0f;
        }
        put_quad(weights + (unsigned long long)row * at.keys, j, at.keys, make_float4(w[0], w[1], w[2], w[3]));
      }
    }
  }
}
