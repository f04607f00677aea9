// Selections from the weights of each row of (rows, width): kept ones as they are or divided by their sum, a picked one
// 1, all others 0. Backward, with the selection held fixed: gradSelected where kept; renormalised by s, (gradSelected -
// sum(weights/s gradSelected)) / s where kept; of a picked key gradSelected everywhere.
#include "choice.cuh"

struct WeightRow {
  const float* weights;
  const Bool* predicate;

  __device__ unsigned order(int j) const {
    return ordered(weights[j]);
  }

  __device__ float weight(int j) const {
    return weights[j];
  }

  __device__ bool given(int j) const {
    return predicate[j] != 0;
  }
};

extern "C" __global__ void selection_forward(const __grid_constant__ Choice choice, int rows, int width,
    int by_block, int predicate_step, const float* __restrict__ weights, const Bool* __restrict__ predicate,
    float* __restrict__ selected, Bool* __restrict__ kept) {
  __shared__ unsigned long long partials[MOST_WARPS];
  Team team = team_of(by_block != 0, partials);
  for (unsigned number = team.first_row(); number < rows; number += team.row_step()) {
    int start = number * width;
    WeightRow row{weights + start, predicate == nullptr ? nullptr : predicate + number * predicate_step};
    Cut cut = choose(team, choice, row, width, number);
    float partial = 0.0f;
    for (int j = team.rank(); j < width; j += team.size()) {
      partial += row.weight(j);
    }
    float sum = team.sum(partial);
    bool nothing = choice.picks_one() && sum == 0.0f;
    float kept_partial = 0.0f;
    int ties = 0;
    for (int from = 0; from < width; from += team.size()) {
      int j = from + team.rank();
      bool keep = keeps(team, choice, cut, row, width, j, ties) && !nothing;
      if (j < width) {
        kept[start + j] = keep;
        kept_partial += keep ? row.weight(j) : 0.0f;
      }
    }
    float divisor = choice.renormalises ? team.sum(kept_partial) : 1.0f;
    for (int j = team.rank(); j < width; j += team.size()) {
      float weight = choice.picks_one() ? sum / sum : divisor == 0.0f ? 0.0f : row.weight(j) / divisor;
      selected[start + j] = kept[start + j] != 0 ? weight : 0.0f;
    }
  }
}

extern "C" __global__ void selection_backward(int rows, int width, int by_block, int picks_one, int renormalises,
    const float* __restrict__ weights, const Bool* __restrict__ kept, const float* __restrict__ grad_selected,
    float* __restrict__ grad_weights) {
  __shared__ unsigned long long partials[MOST_WARPS];
  Team team = team_of(by_block != 0, partials);
  for (unsigned row = team.first_row(); row < rows; row += team.row_step()) {
    int start = row * width;
    float sum = 0.0f;
    float dot = 0.0f;
    if (renormalises) {
      for (int j = start + team.rank(); j < start + width; j += team.size()) {
        sum += kept[j] ? weights[j] : 0.0f;
        dot += kept[j] ? weights[j] * grad_selected[j] : 0.0f;
      }
      sum = team.sum(sum);
      dot = team.sum(dot);
    }
    for (int j = start + team.rank(); j < start + width; j += team.size()) {
      if (!picks_one && (!kept[j] || renormalises && sum == 0.0f)) {
        grad_weights[j] = 0.0f;
      } else {
        grad_weights[j] = renormalises ? (grad_selected[j] - dot / sum) / sum : grad_selected[j];
      }
    }
  }
}
