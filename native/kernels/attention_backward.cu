// The gradients of attention, with weights made again from the maximum m and the sum l that the forward pass saved of
// each row: p = exp(s - m) / l, dp = dropout(dout.v + dweights), delta = sum_j p dp, ds = p (dp - delta), dq = scale
// sum_j ds k, dk = scale sum_i ds q, dv = sum_i dropout(p) dout, dbias = ds. Sizes are those of attention_forward.
//
// One pass makes delta, one over tiles of 64 queries dq and dbias, one over tiles of 64 keys dk and dv. Each result has
// one block that adds it up in a fixed order. That dout.out is delta too would save the first pass, yet not cancel with
// dp: where one weight is nearly all, ds would have no digits.
#include "attention.cuh"

struct Saved {
  float max;
  float sum;

  __device__ static Saved of(const Attention& at, const float* saved, int b, int h, int i) {
    return i < at.queries ? Saved{saved[2 * at.row(b, h, i)], saved[2 * at.row(b, h, i) + 1]} : Saved{0.0f, 0.0f};
  }

  __device__ float weight(float logit) const {
    return expf(logit - max) / sum;
  }
};

// dp of a weight that dropout keeps.
__device__ inline float weight_gradient(const Attention& at, float dot, const float* grad_weights,
    unsigned long long element) {
  return at.dropout_scale * (grad_weights == nullptr ? dot : dot + grad_weights[element]);
}

// deltas (batch, heads, queries).
extern "C" __global__ void __launch_bounds__(TEAM_THREADS) attention_deltas(const __grid_constant__ Attention at,
    const int* __restrict__ redo, const float* __restrict__ query, const float* __restrict__ key,
    const float* __restrict__ value, const Bool* __restrict__ mask, const float* __restrict__ bias,
    const int* __restrict__ lengths, const float* __restrict__ saved, const float* __restrict__ grad_output,
    const float* __restrict__ grad_weights, float* __restrict__ deltas) {
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
  Rows dout = rows_from(grad_output, at.output, b, h, first, queries);
  float delta[4] = {0.0f, 0.0f, 0.0f, 0.0f};
  for (int from = 0; from < most; from += SHORT_SIDE) {
    int keys = min(SHORT_SIDE, most - from);
    float tile[4][4];
    float grads[4][4];
    tile_dots(q, rows_from(key, at.key, b, h / at.group, from, keys), at.width, memory, tile);
    tile_dots(dout, rows_from(value, at.value, b, h / at.group, from, keys), at.value_width, memory, grads);
    int j = from + 4 * tile_column();
#pragma unroll
    for (int r = 0; r < 4; r++) {
      int i = first + 4 * tile_row() + r;
      int limit = limit_of(at, i, length);
      Saved row = Saved::of(at, saved, b, h, i);
      unsigned long long element = (unsigned long long)at.row(b, h, i) * at.keys + j;
      unsigned kept = row.sum == 0.0f ? 0 : kept_quad(at.draw, element);
#pragma unroll
      for (int c = 0; c < 4; c++) {
        if ((kept >> c & 1) != 0 && given.takes(at, b, h, i, j + c, limit)) {
          float p = row.weight(given.logit(at, b, h, i, j + c, tile[r][c]));
          delta[r] = fmaf(p, weight_gradient(at, grads[r][c], grad_weights, element + c), delta[r]);
        }
      }
    }
  }
#pragma unroll
  for (int r = 0; r < 4; r++) {
    int i = first + 4 * tile_row() + r;
    float whole = reduce_columns<Sum>(delta[r]);
    if (i < at.queries && tile_column() == 0) {
      deltas[at.row(b, h, i)] = whole;
    }
  }
}

extern "C" __global__ void __launch_bounds__(TEAM_THREADS) attention_backward_query(
    const __grid_constant__ Attention at, const int* __restrict__ redo, const float* __restrict__ query,
    const float* __restrict__ key, const float* __restrict__ value, const Bool* __restrict__ mask,
    const float* __restrict__ bias, const int* __restrict__ lengths, const float* __restrict__ saved,
    const float* __restrict__ grad_output, const float* __restrict__ grad_weights, const float* __restrict__ deltas,
    float* __restrict__ grad_query, float* __restrict__ grad_bias) {
  __shared__ TileMemory memory;
  if (is_spared(redo)) {
    return;
  }
  Place place = place_of(at.queries, slices_of(at.width), at.heads);
  int b = place.b;
  int h = place.h;
  Restriction given{mask, bias, lengths};
  int length = given.length(at, b);
  int first = place.tile * LONG_SIDE;
  int queries = min(LONG_SIDE, at.queries - first);
  int most = limit_of(at, first + queries - 1, length);
  Rows q = rows_from(query, at.query, b, h, first, queries);
  Rows dout = rows_from(grad_output, at.output, b, h, first, queries);
  bool writes_bias = grad_bias != nullptr && place.slice == 0;
  float sums[4][8];
  clear(sums);
  for (int from = 0; from < most; from += SHORT_SIDE) {
    int keys = min(SHORT_SIDE, most - from);
    Rows k = rows_from(key, at.key, b, h / at.group, from, keys);
    float tile[4][4];
    float grads[4][4];
    tile_dots(q, k, at.width, memory, tile);
    tile_dots(dout, rows_from(value, at.value, b, h / at.group, from, keys), at.value_width, memory, grads);
    int j = from + 4 * tile_column();
#pragma unroll
    for (int r = 0; r < 4; r++) {
      int i = first + 4 * tile_row() + r;
      int limit = limit_of(at, i, length);
      Saved row = Saved::of(at, saved, b, h, i);
      float delta = i < at.queries ? deltas[at.row(b, h, i)] : 0.0f;
      unsigned long long element = (unsigned long long)at.row(b, h, i) * at.keys + j;
      unsigned kept = kept_quad(at.draw, element);
#pragma unroll
      for (int c = 0; c < 4; c++) {
        float grad = nothing();
        if (row.sum != 0.0f && given.takes(at, b, h, i, j + c, limit)) {
          float p = row.weight(given.logit(at, b, h, i, j + c, tile[r][c]));
          float grad_p =
              (kept >> c & 1) != 0 ? weight_gradient(at, grads[r][c], grad_weights, element + c) : 0.0f;
          grad = p * (grad_p - delta) + 0.0f;
        }
        tile[r][c] = grad;
      }
      if (writes_bias && i < at.queries) {
        put_quad(grad_bias + (element - j), j, at.keys,
            make_float4(tile[r][0] + 0.0f, tile[r][1] + 0.0f, tile[r][2] + 0.0f, tile[r][3] + 0.0f));
      }
    }
    put_weights(tile, memory);
    tile_accumulate(k, place.slice * SLICE, at.width, memory, sums);
  }
#pragma unroll
  for (int r = 0; r < 4; r++) {
    int i = first + 4 * tile_row() + r;
    if (i < at.queries) {
      put_sums(sums[r], at.scale, grad_query + at.query.at(b, h, i), place.slice * SLICE, at.width);
    }
  }
  if (writes_bias) {
    int seen = ceil_div(most, SHORT_SIDE) * SHORT_SIDE;
    for (int r = warp_id(); r < queries; r += TEAM_THREADS / WARP) {
      float* row = grad_bias + (unsigned long long)at.row(b, h, first + r) * at.keys;
      for (int j = seen + lane_id(); j < at.keys; j += WARP) {
        row[j] = 0.0f;
      }
    }
  }
}

extern "C" __global__ void __launch_bounds__(TEAM_THREADS) attention_backward_key(
    const __grid_constant__ Attention at, const int* __restrict__ redo, const float* __restrict__ query,
    const float* __restrict__ key, const float* __restrict__ value, const Bool* __restrict__ mask,
    const float* __restrict__ bias, const int* __restrict__ lengths, const float* __restrict__ saved,
    const float* __restrict__ grad_output, const float* __restrict__ grad_weights, const float* __restrict__ deltas,
    float* __restrict__ grad_key, float* __restrict__ grad_value) {
  __shared__ TileMemory memory;
  if (is_spared(redo)) {
    return;
  }
  Place place = place_of(at.keys, max(slices_of(at.width), slices_of(at.value_width)), at.key_heads);
  int b = place.b;
  int column = place.slice * SLICE;
  Restriction given{mask, bias, lengths};
  int length = given.length(at, b);
  int first = place.tile * LONG_SIDE;
  int keys = max(min(min(LONG_SIDE, at.keys - first), length - first), 0);
  Rows k = rows_from(key, at.key, b, place.h, first, keys);
  Rows v = rows_from(value, at.value, b, place.h, first, keys);
  // No earlier query sees the tile's first key.
  int start = keys == 0 ? at.queries : at.causal ? max(first - at.shift, 0) / SHORT_SIDE * SHORT_SIDE : 0;
  float key_sums[4][8];
  float value_sums[4][8];
  clear(key_sums);
  clear(value_sums);
  int j = first + 4 * tile_row();
  for (int h = place.h * at.group; h < (place.h + 1) * at.group; h++) {
    for (int from = start; from < at.queries; from += SHORT_SIDE) {
      int queries = min(SHORT_SIDE, at.queries - from);
      Rows q = rows_from(query, at.query, b, h, from, queries);
      Rows dout = rows_from(grad_output, at.output, b, h, from, queries);
      float tile[4][4];
      float grads[4][4];
      tile_dots(k, q, at.width, memory, tile);
      tile_dots(v, dout, at.value_width, memory, grads);
#pragma unroll
      for (int c = 0; c < 4; c++) {
        int i = from + 4 * tile_column() + c;
        int limit = limit_of(at, i, length);
        Saved row = Saved::of(at, saved, b, h, i);
        float delta = i < at.queries ? deltas[at.row(b, h, i)] : 0.0f;
        unsigned long long element = (unsigned long long)at.row(b, h, i) * at.keys + j;
        unsigned kept = kept_quad(at.draw, element);
#pragma unroll
        for (int r = 0; r < 4; r++) {
          float weight = nothing();
          float grad = nothing();
          if (row.sum != 0.0f && given.takes(at, b, h, i, j + r, limit)) {
            float p = row.weight(given.logit(at, b, h, i, j + r, tile[r][c]));
            float grad_p = 0.0f;
            if ((kept >> r & 1) != 0) {
              weight = at.dropout_scale * p;
              grad_p = weight_gradient(at, grads[r][c], grad_weights, element + r);
            }
            grad = p * (grad_p - delta) + 0.0f;
          }
          tile[r][c] = weight;
          grads[r][c] = grad;
        }
      }
      if (column < at.value_width) {
        put_weights(tile, memory);
        tile_accumulate(dout, column, at.value_width, memory, value_sums);
      }
      if (column < at.width) {
        put_weights(grads, memory);
        tile_accumulate(q, column, at.width, memory, key_sums);
      }
    }
  }
#pragma unroll
  for (int r = 0; r < 4; r++) {
    if (j + r < at.keys) {
      put_sums(key_sums[r], at.scale, grad_key + at.key.at(b, place.h, j + r), column, at.width);
      put_sums(value_sums[r], 1.0f, grad_value + at.value.at(b, place.h, j + r), column, at.value_width);
    }
  }
}
