// Cross-entropy of logits (rows, classes) against labels (rows), smoothed by s: with l = x - max - log sum exp(x -
// max), a row's loss is -(1-s) l[label] - s/classes sum l, its gradient exp(l[j]) - (1-s) [j = label] - s/classes.
// Ignored rows have loss and gradient 0 and are not read.
//
// The reserve (rows, 2) holds each row's max and log sum exp(x - max).
#include "common.cuh"

const int LOSS_WARPS = 8;

// Who shares a row: a warp short ones, a block long ones.
struct WarpTeam {
  static __device__ int size() {
    return WARP;
  }
  static __device__ int lane() {
    return lane_id();
  }
  static __device__ int row() {
    return blockIdx.x * LOSS_WARPS + warp_id();
  }
  template <typename Op>
  static __device__ float reduce(float value) {
    return warp_reduce<Op>(value);
  }
};

struct BlockTeam {
  static __device__ int size() {
    return blockDim.x;
  }
  static __device__ int lane() {
    return threadIdx.x;
  }
  static __device__ int row() {
    return blockIdx.x;
  }
  template <typename Op>
  static __device__ float reduce(float value) {
    __shared__ float partials[MOST_WARPS];
    return block_reduce<Op>(value, partials);
  }
};

// Losses (rows) and reserve, null where no backward follows. All of a team have the same row.
template <typename Team>
__device__ void cross_entropy(const float* logits, const int* labels, float* losses, float* reserve, int rows,
    int classes, int ignored, float smoothing) {
  int row = Team::row();
  if (row >= rows) {
    return;
  }
  int label = labels[row];
  if (label == ignored) {
    if (Team::lane() == 0) {
      losses[row] = 0.0f;
    }
    return;
  }
  const float* x = logits + (long long)row * classes;
  float max = -infinity();
  for (int j = Team::lane(); j < classes; j += Team::size()) {
    max = larger(max, x[j]);
  }
  max = Team::template reduce<Largest>(max);
  float sum = 0.0f;
  float about = 0.0f;
  for (int j = Team::lane(); j < classes; j += Team::size()) {
    float distance = x[j] - max;
    sum += expf(distance);
    about += distance;
  }
  sum = Team::template reduce<Sum>(sum);
  about = Team::template reduce<Sum>(about);
  if (Team::lane() == 0) {
    float logSum = logf(sum);
    float loss = -(1.0f - smoothing) * (x[label] - max - logSum);
    if (smoothing > 0.0f) {
      loss -= smoothing / classes * (about - classes * logSum);
    }
    losses[row] = loss;
    if (reserve != 0) {
      reserve[2 * row] = max;
      reserve[2 * row + 1] = logSum;
    }
  }
}

extern "C" __global__ void cross_entropy_short(const float* logits, const int* labels, float* losses, float* reserve,
    int rows, int classes, int ignored, float smoothing) {
  cross_entropy<WarpTeam>(logits, labels, losses, reserve, rows, classes, ignored, smoothing);
}

extern "C" __global__ void cross_entropy_long(const float* logits, const int* labels, float* losses, float* reserve,
    int rows, int classes, int ignored, float smoothing) {
  cross_entropy<BlockTeam>(logits, labels, losses, reserve, rows, classes, ignored, smoothing);
}

// The sum of the losses over the divisor: 1, or for the mean the rows that count. A block sums `segment` losses; with
// one block the loss is done, with more each leaves its partial for cross_entropy_total.
extern "C" __global__ void cross_entropy_sum(const float* losses, double* partials, float* loss, int rows, int segment,
    double divisor) {
  __shared__ double shared[MOST_WARPS];
  unsigned begin = blockIdx.x * segment;
  unsigned end = min((unsigned)rows, begin + segment);
  double sum = 0.0;
  for (unsigned i = begin + threadIdx.x; i < end; i += blockDim.x) {
    sum += losses[i];
  }
  sum = block_sum(sum, shared);
  if (threadIdx.x == 0) {
    if (gridDim.x == 1) {
      loss[0] = (float)(sum / divisor);
    } else {
      partials[blockIdx.x] = sum;
    }
  }
}

// The same of so many partials. One block.
extern "C" __global__ void cross_entropy_total(const double* partials, float* loss, int segments, double divisor) {
  __shared__ double shared[MOST_WARPS];
  double sum = 0.0;
  for (int i = threadIdx.x; i < segments; i += blockDim.x) {
    sum += partials[i];
  }
  sum = block_sum(sum, shared);
  if (threadIdx.x == 0) {
    loss[0] = (float)(sum / divisor);
  }
}

// gradLosses (rows) has step 1, or one gradient for all rows step 0.
template <typename Team>
__device__ void cross_entropy_gradient(const float* logits, const int* labels, const float* gradLosses,
    const float* reserve, float* gradLogits, int rows, int classes, int ignored, float smoothing, int step,
    float divisor) {
  int row = Team::row();
  if (row >= rows) {
    return;
  }
  const float* x = logits + (long long)row * classes;
  float* gradX = gradLogits + (long long)row * classes;
  int label = labels[row];
  if (label == ignored) {
    for (int j = Team::lane(); j < classes; j += Team::size()) {
      gradX[j] = 0.0f;
    }
    return;
  }
  float gradient = gradLosses[row * step] / divisor;
  float max = reserve[2 * row];
  float logSum = reserve[2 * row + 1];
  float everywhere = smoothing / classes;
  for (int j = Team::lane(); j < classes; j += Team::size()) {
    float target = (j == label ? 1.0f - smoothing : 0.0f) + everywhere;
    gradX[j] = gradient * (expf(x[j] - max - logSum) - target);
  }
}

extern "C" __global__ void cross_entropy_short_backward(const float* logits, const int* labels,
    const float* gradLosses, const float* reserve, float* gradLogits, int rows, int classes, int ignored,
    float smoothing, int step, float divisor) {
  cross_entropy_gradient<WarpTeam>(logits, labels, gradLosses, reserve, gradLogits, rows, classes, ignored, smoothing,
      step, divisor);
}

extern "C" __global__ void cross_entropy_long_backward(const float* logits, const int* labels, const float* gradLosses,
    const float* reserve, float* gradLogits, int rows, int classes, int ignored, float smoothing, int step,
    float divisor) {
  cross_entropy_gradient<BlockTeam>(logits, labels, gradLosses, reserve, gradLogits, rows, classes, ignored,
      smoothing, step, divisor);
}
