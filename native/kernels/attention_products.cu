// What stands between the matrix products of attention done by a library: scores Q K^T and dout V^T, (rows, keys), go
// in; weights and gradients of logits come out in their place. Rows are those of (batch, heads, queries), the first of
// a call being `first_row`; a warp or a block works on one, four keys a thread at a time.
//
// A product of a weight of 0 and a NaN or an infinity would spread it: attention_look writes 1 where an operand is not
// finite, and the kernels of attention_forward and attention_backward then do the call over.
#include "attention.cuh"

extern "C" __global__ void attention_look(int batch, int heads, int rows, int width, Layout layout,
    const float* __restrict__ x, int* __restrict__ found) {
  unsigned elements = (unsigned)batch * heads * rows * width;
  bool odd = false;
  for (unsigned e = first_index(); e < elements; e += index_step()) {
    unsigned row = e / width;
    odd = odd || is_odd(x[layout.at(row / rows / heads, row / rows % heads, row % rows) + e % width]);
  }
  if (odd) {
    atomicOr(found, 1);
  }
}

// Zeros in x (batch, heads, rows, width).
extern "C" __global__ void attention_clear(int batch, int heads, int rows, int width, Layout layout,
    float* __restrict__ x) {
  unsigned elements = (unsigned)batch * heads * rows * width;
  for (unsigned e = first_index(); e < elements; e += index_step()) {
    unsigned row = e / width;
    x[layout.at(row / rows / heads, row / rows % heads, row % rows) + e % width] = 0.0f;
  }
}

// A row of (batch, heads, queries).
struct Query {
  int b;
  int h;
  int i;
  int limit;

  __device__ static Query of(const Attention& at, const Restriction& given, unsigned row) {
    int b = row / at.queries / at.heads;
    int i = row % at.queries;
    return Query{b, (int)(row / at.queries % at.heads), i, limit_of(at, i, given.length(at, b))};
  }
};

struct Softmax {
  float shift;
  float sum;
};

// Makes of the dot products of a row its logits, and nothing of keys that take no part; their maximum and sum.
__device__ inline Softmax row_logits(const Team& team, const Attention& at, const Restriction& given,
    const Query& query, float* line, float& whole_max) {
  float max = -infinity();
  float sum = 0.0f;
  for (int j = team.rank() * 4; j < at.keys; j += team.size() * 4) {
    float4 dots = quad(line, j, at.keys);
    float logits[4] = {dots.x, dots.y, dots.z, dots.w};
    float above = max;
#pragma unroll
    for (int k = 0; k < 4; k++) {
      bool takes = given.takes(at, query.b, query.h, query.i, j + k, query.limit);
      // A sum with 0 is never -0.
      logits[k] = takes ? given.logit(at, query.b, query.h, query.i, j + k, logits[k]) + 0.0f : nothing();
      above = takes ? larger(above, logits[k]) : above;
    }
    float shift = above == -infinity() ? 0.0f : above;
    sum *= expf(max - shift);
    max = above;
#pragma unroll
    for (int k = 0; k < 4; k++) {
      sum += is_nothing(logits[k]) ? 0.0f : expf(logits[k] - shift);
    }
    put_quad(line, j, at.keys, make_float4(logits[0], logits[1], logits[2], logits[3]));
  }
  whole_max = team.max(max);
  float shift = whole_max == -infinity() ? 0.0f : whole_max;
  return Softmax{shift, team.sum(sum * expf(max - shift))};
}

// scores: the dot products of a row, in place of which come weights; saved: maximum and sum of the row.
extern "C" __global__ void attention_rows_forward(const __grid_constant__ Attention at, int by_block,
    unsigned first_row, unsigned rows, float* scores, const Bool* __restrict__ mask, const float* __restrict__ bias,
    const int* __restrict__ lengths, float* __restrict__ saved) {
  __shared__ unsigned long long partials[MOST_WARPS];
  Team team = team_of(by_block != 0, partials);
  Restriction given{mask, bias, lengths};
  for (unsigned local = team.first_row(); local < rows; local += team.row_step()) {
    unsigned row = first_row + local;
    Query query = Query::of(at, given, row);
    float* line = scores + (unsigned long long)local * at.keys;
    float max;
    Softmax softmax = row_logits(team, at, given, query, line, max);
    for (int j = team.rank() * 4; j < at.keys; j += team.size() * 4) {
      float4 four = quad(line, j, at.keys);
      float weights[4] = {four.x, four.y, four.z, four.w};
      unsigned kept = softmax.sum == 0.0f ? 0 : kept_quad(at.draw, (unsigned long long)row * at.keys + j);
#pragma unroll
      for (int k = 0; k < 4; k++) {
        bool counts = (kept >> k & 1) != 0 && !is_nothing(weights[k]);
        weights[k] = counts ? at.dropout_scale * (expf(weights[k] - softmax.shift) / softmax.sum) : 0.0f;
      }
      put_quad(line, j, at.keys, make_float4(weights[0], weights[1], weights[2], weights[3]));
    }
    if (saved != nullptr && team.rank() == 0) {
      saved[2 * row] = max;
      saved[2 * row + 1] = softmax.sum;
    }
  }
}

// scores: Q K^T, in place of which come weights; grads: dout V^T, in place of which come gradients of logits.
// Maximum and sum are made again: those of other products would differ in the last place of a logit.
extern "C" __global__ void attention_rows_backward(const __grid_constant__ Attention at, int by_block,
    unsigned first_row, unsigned rows, float* scores, float* grads, const Bool* __restrict__ mask,
    const float* __restrict__ bias, const int* __restrict__ lengths, const float* __restrict__ grad_weights,
    float* __restrict__ grad_bias) {
  __shared__ unsigned long long partials[MOST_WARPS];
  Team team = team_of(by_block != 0, partials);
  Restriction given{mask, bias, lengths};
  for (unsigned local = team.first_row(); local < rows; local += team.row_step()) {
    unsigned row = first_row + local;
    Query query = Query::of(at, given, row);
    unsigned long long first = (unsigned long long)row * at.keys;
    float* line = scores + (unsigned long long)local * at.keys;
    float* grad_line = grads + (unsigned long long)local * at.keys;
    float max;
    Softmax softmax = row_logits(team, at, given, query, line, max);
    bool empty = softmax.sum == 0.0f;
    float delta = 0.0f;
    for (int j = team.rank() * 4; j < at.keys; j += team.size() * 4) {
      float4 four = quad(line, j, at.keys);
      float4 grad_four = quad(grad_line, j, at.keys);
      float ps[4] = {four.x, four.y, four.z, four.w};
      float grad_ps[4] = {grad_four.x, grad_four.y, grad_four.z, grad_four.w};
      unsigned kept = empty ? 0 : kept_quad(at.draw, first + j);
#pragma unroll
      for (int k = 0; k < 4; k++) {
        bool takes = !empty && j + k < at.keys && !is_nothing(ps[k]);
        bool counts = takes && (kept >> k & 1) != 0;
        float grad = counts && grad_weights != nullptr ? grad_ps[k] + grad_weights[first + j + k] : grad_ps[k];
        ps[k] = takes ? expf(ps[k] - softmax.shift) / softmax.sum : nothing();
        grad_ps[k] = counts ? at.dropout_scale * grad : 0.0f;
        delta += takes ? ps[k] * grad_ps[k] : 0.0f;
      }
      put_quad(line, j, at.keys, make_float4(ps[0], ps[1], ps[2], ps[3]));
      put_quad(grad_line, j, at.keys, make_float4(grad_ps[0], grad_ps[1], grad_ps[2], grad_ps[3]));
    }
    delta = team.sum(delta);
    for (int j = team.rank() * 4; j < at.keys; j += team.size() * 4) {
      float4 four = quad(line, j, at.keys);
      float4 grad_four = quad(grad_line, j, at.keys);
      float ps[4] = {four.x, four.y, four.z, four.w};
      float grad_ps[4] = {grad_four.x, grad_four.y, grad_four.z, grad_four.w};
      unsigned kept = empty ? 0 : kept_quad(at.draw, first + j);
      float weights[4];
#pragma unroll
      for (int k = 0; k < 4; k++) {
        bool takes = !is_nothing(ps[k]);
        weights[k] = takes && (kept >> k & 1) != 0 ? at.dropout_scale * ps[k] : 0.0f;
        grad_ps[k] = takes ? ps[k] * (grad_ps[k] - delta) : 0.0f;
      }
      put_quad(line, j, at.keys, make_float4(weights[0], weights[1], weights[2], weights[3]));
      float4 slopes = make_float4(grad_ps[0], grad_ps[1], grad_ps[2], grad_ps[3]);
      put_quad(grad_line, j, at.keys, slopes);
      if (grad_bias != nullptr) {
        put_quad(grad_bias + first, j, at.keys, slopes);
      }
    }
  }
}
