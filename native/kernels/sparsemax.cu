// Sparsemax of each row of (rows, width) over the elements that take part: y = max(x - tau, 0) with tau such that y
// sums to 1 (Martins and Astudillo, arXiv 1602.02068). Backward: gradX = gradY - mean(gradY over the support) where y
// is not 0, else 0.
//
// In place of sorting, tau is closed in on from below (Michelot: A finite algorithm for finding the projection of a
// point onto the canonical simplex, 1986): (sum - 1) / count of those above the last tau, until none drops out. Only
// elements less than 1 below the maximum can be above the first.
#include "rows.cuh"

__device__ inline float threshold_of(const Team& team, const float* x, const Part& part, int width, float max) {
  float tau = -1.0f;
  int last = width + 1;
  while (true) {
    float sum = 0.0f;
    int count = 0;
    for (int j = team.rank(); j < width; j += team.size()) {
      float shifted = part.takes(j) ? x[j] - max : -infinity();
      sum += shifted > tau ? shifted : 0.0f;
      count += shifted > tau;
    }
    sum = team.sum(sum);
    count = team.sum(count);
    if (count >= last) {
      return tau;
    }
    last = count;
    tau = (sum - 1.0f) / count;
  }
}

extern "C" __global__ void sparsemax_forward(int rows, int width, int rows_per_length, int by_block,
    const float* __restrict__ x, const Bool* __restrict__ mask, const int* __restrict__ lengths,
    float* __restrict__ y) {
  __shared__ unsigned long long partials[MOST_WARPS];
  Team team = team_of(by_block != 0, partials);
  for (unsigned row = team.first_row(); row < rows; row += team.row_step()) {
    Part part = part_of(mask, lengths, rows_per_length, row, width);
    const float* from = x + row * width;
    float* to = y + row * width;
    float max = -infinity();
    for (int j = team.rank(); j < width; j += team.size()) {
      max = part.takes(j) ? larger(max, from[j]) : max;
    }
    max = team.max(max);
    bool empty = max == -infinity();
    bool lost = max != max || max == infinity();
    float tau = empty || lost ? 0.0f : threshold_of(team, from, part, width, max);
    for (int j = team.rank(); j < width; j += team.size()) {
      bool takes = !empty && part.takes(j);
      to[j] = !takes ? 0.0f : lost ? not_a_number() : fmaxf(from[j] - max - tau, 0.0f);
    }
  }
}

extern "C" __global__ void sparsemax_backward(int rows, int width, int rows_per_length, int by_block,
    const float* __restrict__ y, const Bool* __restrict__ mask, const int* __restrict__ lengths,
    const float* __restrict__ grad_y, float* __restrict__ grad_x) {
  __shared__ unsigned long long partials[MOST_WARPS];
  Team team = team_of(by_block != 0, partials);
  for (unsigned row = team.first_row(); row < rows; row += team.row_step()) {
    Part part = part_of(mask, lengths, rows_per_length, row, width);
    int start = row * width;
    float sum = 0.0f;
    int support = 0;
    for (int j = team.rank(); j < width; j += team.size()) {
      bool supports = part.takes(j) && y[start + j] != 0.0f;
      sum += supports ? grad_y[start + j] : 0.0f;
      support += supports;
    }
    sum = team.sum(sum);
    support = team.sum(support);
    for (int j = team.rank(); j < width; j += team.size()) {
      bool supports = part.takes(j) && y[start + j] != 0.0f;
      grad_x[start + j] = supports ? grad_y[start + j] - sum / support : 0.0f;
    }
  }
}
