// Softmax of each row of (rows, width) over the elements that take part: y = exp(x - max) / sum exp(x - max), or its
// logarithm x - max - log sum exp(x - max). Backward: gradX = y (gradY - sum y gradY), or gradY - exp(y) sum gradY.
//
// A warp works on a row of up to about a thousand elements, a block on a longer one; max and sum come from one walk
// (Milakov and Gimelshein: Online normalizer calculation for softmax, arXiv 1805.02867), so that x is read twice.
#include "rows.cuh"

template <int N>
struct Pack {
  float v[N];
};

template <int N>
__device__ inline Pack<N> load_pack(const float* from) {
  Pack<N> pack;
  if (N == 4) {
    float4 four = *(const float4*)from;
    pack.v[0] = four.x;
    pack.v[1 % N] = four.y;
    pack.v[2 % N] = four.z;
    pack.v[3 % N] = four.w;
  } else {
    pack.v[0] = *from;
  }
  return pack;
}

template <int N>
__device__ inline void store_pack(float* to, const Pack<N>& pack) {
  if (N == 4) {
    *(float4*)to = make_float4(pack.v[0], pack.v[1 % N], pack.v[2 % N], pack.v[3 % N]);
  } else {
    *to = pack.v[0];
  }
}

// What is subtracted before exp: a maximum of negative infinity would make NaN of infinities.
__device__ inline float shift_of(float max) {
  return max == -infinity() ? 0.0f : max;
}

template <int N>
__device__ inline void softmax_row(const Team& team, const float* x, const Part& part, int width, bool log, float* y) {
  float max = -infinity();
  float sum = 0.0f;
  for (int at = team.rank() * N; at < width; at += team.size() * N) {
    Pack<N> pack = load_pack<N>(x + at);
    float above = max;
#pragma unroll
    for (int k = 0; k < N; k++) {
      above = part.takes(at + k) ? larger(above, pack.v[k]) : above;
    }
    float shift = shift_of(above);
    sum *= expf(max - shift);
    max = above;
#pragma unroll
    for (int k = 0; k < N; k++) {
      sum += part.takes(at + k) ? expf(pack.v[k] - shift) : 0.0f;
    }
  }
  float whole_max = team.max(max);
  float shift = shift_of(whole_max);
  float whole_sum = team.sum(sum * expf(max - shift));
  bool empty = whole_max == -infinity();
  float log_sum = log ? logf(whole_sum) : 0.0f;
  for (int at = team.rank() * N; at < width; at += team.size() * N) {
    Pack<N> pack = load_pack<N>(x + at);
#pragma unroll
    for (int k = 0; k < N; k++) {
      float shifted = pack.v[k] - shift;
      float result = log ? shifted - log_sum : expf(shifted) / whole_sum;
      pack.v[k] = !empty && part.takes(at + k) ? result : log ? -infinity() : 0.0f;
    }
    store_pack<N>(y + at, pack);
  }
}

extern "C" __global__ void softmax_forward(int rows, int width, int rows_per_length, int log, int by_block,
    const float* __restrict__ x, const Bool* __restrict__ mask, const int* __restrict__ lengths,
    float* __restrict__ y) {
  __shared__ unsigned long long partials[MOST_WARPS];
  Team team = team_of(by_block != 0, partials);
  bool wide = width % 4 == 0 && is_wide(x) && is_wide(y);
  for (unsigned row = team.first_row(); row < rows; row += team.row_step()) {
    Part part = part_of(mask, lengths, rows_per_length, row, width);
    if (wide) {
      softmax_row<4>(team, x + row * width, part, width, log != 0, y + row * width);
    } else {
      softmax_row<1>(team, x + row * width, part, width, log != 0, y + row * width);
    }
  }
}

template <int N>
__device__ inline void softmax_row_backward(const Team& team, const float* y, const Part& part, int width, bool log,
    const float* grad_y, float* grad_x) {
  float partial = 0.0f;
  for (int at = team.rank() * N; at < width; at += team.size() * N) {
    Pack<N> result = load_pack<N>(y + at);
    Pack<N> grad = load_pack<N>(grad_y + at);
#pragma unroll
    for (int k = 0; k < N; k++) {
      partial += part.takes(at + k) ? log ? grad.v[k] : result.v[k] * grad.v[k] : 0.0f;
    }
  }
  float sum = team.sum(partial);
  for (int at = team.rank() * N; at < width; at += team.size() * N) {
    Pack<N> result = load_pack<N>(y + at);
    Pack<N> grad = load_pack<N>(grad_y + at);
#pragma unroll
    for (int k = 0; k < N; k++) {
      float slope = log ? grad.v[k] - expf(result.v[k]) * sum : result.v[k] * (grad.v[k] - sum);
      grad.v[k] = part.takes(at + k) ? slope : 0.0f;
    }
    store_pack<N>(grad_x + at, grad);
  }
}

extern "C" __global__ void softmax_backward(int rows, int width, int rows_per_length, int log, int by_block,
    const float* __restrict__ y, const Bool* __restrict__ mask, const int* __restrict__ lengths,
    const float* __restrict__ grad_y, float* __restrict__ grad_x) {
  __shared__ unsigned long long partials[MOST_WARPS];
  Team team = team_of(by_block != 0, partials);
  bool wide = width % 4 == 0 && is_wide(y) && is_wide(grad_y) && is_wide(grad_x);
  for (unsigned row = team.first_row(); row < rows; row += team.row_step()) {
    Part part = part_of(mask, lengths, rows_per_length, row, width);
    int start = row * width;
    if (wide) {
      softmax_row_backward<4>(team, y + start, part, width, log != 0, grad_y + start, grad_x + start);
    } else {
      softmax_row_backward<1>(team, y + start, part, width, log != 0, grad_y + start, grad_x + start);
    }
  }
}
