// Batch normalisation (Ioffe, Szegedy: arXiv 1502.03167) of each channel of x (outer, channels, inner) over the
// positions (outer, inner) that take part: n = (x - mean) / sigma, sigma = sqrt(variance + epsilon), y = n * weight +
// bias.
// Backward, with g = dy * weight: dx = (g - mean(g) - n * mean(g * n)) / sigma where the statistics are those of x,
// else g / sigma; dweight = sum dy * n, dbias = sum dy.
// Sums go in two stages: a block sums a chunk of the positions of its channels, then a thread adds up a channel's
// chunks in their order. Where the channels are last, a block has 32 of them along x and positions along y; else it has
// one channel, and positions along both.
#include "columns.cuh"

struct BatchShape {
  int outer;
  int channels;
  int inner;

  __device__ int positions() const {
    return outer * inner;
  }

  __device__ int at(int position, int channel) const {
    return inner == 1 ? position * channels + channel
        : (position / inner * channels + channel) * inner + position % inner;
  }
};

__device__ inline bool takes_part(const Bool* mask, int position) {
  return mask == nullptr || mask[position] != 0;
}

// The part of a chunk that a thread has.
template <bool LAST>
struct ChannelLanes {
  static const int LANES = LAST ? COLUMN_LANES : COLUMN_LANES * COLUMN_TILE;

  int channel;
  int first;
  int end;

  __device__ ChannelLanes(const BatchShape& shape, int chunk_positions) {
    channel = LAST ? blockIdx.x * COLUMN_TILE + threadIdx.x : blockIdx.x;
    int start = blockIdx.y * chunk_positions;
    first = start + (LAST ? threadIdx.y : threadIdx.y * COLUMN_TILE + threadIdx.x);
    end = channel < shape.channels ? min(start + chunk_positions, shape.positions()) : start;
  }

  // The sum over all threads of a channel, in each of them; all threads of the block must take part.
  static __device__ float sum(float value, float (&partials)[COLUMN_LANES][COLUMN_TILE]) {
    if (!LAST) {
      value = warp_sum(value);
    }
    partials[threadIdx.y][threadIdx.x] = value;
    __syncthreads();
    float total = 0.0f;
#pragma unroll
    for (int lane = 0; lane < COLUMN_LANES; lane++) {
      total += partials[lane][threadIdx.x];
    }
    __syncthreads();
    return total;
  }

  // Whether this thread writes what is summed for its channel.
  __device__ bool writes(const BatchShape& shape) const {
    return threadIdx.y == 0 && (LAST ? channel < shape.channels : threadIdx.x == 0);
  }
};

// partials (chunks, 3, channels): sum, squared distances from the chunk's own mean, and number of positions.
template <bool LAST>
__device__ void statistics_partials(BatchShape shape, int chunk_positions, const float* x, const Bool* mask,
    float* partials) {
  __shared__ float lanes[COLUMN_LANES][COLUMN_TILE];
  ChannelLanes<LAST> own(shape, chunk_positions);
  float sum = 0.0f;
  float count = 0.0f;
  for (int position = own.first; position < own.end; position += own.LANES) {
    if (takes_part(mask, position)) {
      sum += x[shape.at(position, own.channel)];
      count += 1.0f;
    }
  }
  sum = own.sum(sum, lanes);
  count = own.sum(count, lanes);
  float mean = sum / count;
  float squares = 0.0f;
  for (int position = own.first; position < own.end; position += own.LANES) {
    if (takes_part(mask, position)) {
      float distance = x[shape.at(position, own.channel)] - mean;
      squares = fmaf(distance, distance, squares);
    }
  }
  squares = own.sum(squares, lanes);
  if (own.writes(shape)) {
    float* chunk = partials + blockIdx.y * 3 * shape.channels + own.channel;
    chunk[0] = sum;
    chunk[shape.channels] = squares;
    chunk[2 * shape.channels] = count;
  }
}

extern "C" __global__ void batch_statistics_partials(BatchShape shape, int chunk_positions, const float* x,
    const Bool* mask, float* partials) {
  statistics_partials<false>(shape, chunk_positions, x, mask, partials);
}

extern "C" __global__ void batch_statistics_partials_last(BatchShape shape, int chunk_positions, const float* x,
    const Bool* mask, float* partials) {
  statistics_partials<true>(shape, chunk_positions, x, mask, partials);
}

// Mean and variance of each channel from its chunks: squares about a chunk's mean, and that mean's own distance (Chan,
// Golub, LeVeque 1979). Running statistics where they are given and any position takes part.
extern "C" __global__ void batch_statistics_totals(int chunks, int channels, float momentum, const float* partials,
    float* mean, float* variance, float* running_mean, float* running_variance) {
  for (unsigned channel = first_index(); channel < channels; channel += index_step()) {
    const float* own = partials + channel;
    float sum = 0.0f;
    int count = 0;
    for (int chunk = 0; chunk < chunks; chunk++) {
      sum += own[chunk * 3 * channels];
      count += (int)own[(chunk * 3 + 2) * channels];
    }
    float average = sum / count;
    float squares = 0.0f;
    for (int chunk = 0; chunk < chunks; chunk++) {
      float part = own[(chunk * 3 + 2) * channels];
      if (part > 0.0f) {
        float distance = own[chunk * 3 * channels] / part - average;
        squares += fmaf(part * distance, distance, own[(chunk * 3 + 1) * channels]);
      }
    }
    mean[channel] = average;
    variance[channel] = squares / count;
    if (running_mean != nullptr && count > 0) {
      running_mean[channel] = (1.0f - momentum) * running_mean[channel] + momentum * average;
      running_variance[channel] =
          (1.0f - momentum) * running_variance[channel] + momentum * (squares / (count - 1));
    }
  }
}

extern "C" __global__ void batch_norm(BatchShape shape, float epsilon, const float* x, const Bool* mask,
    const float* mean, const float* variance, const float* weight, const float* bias, float* y) {
  unsigned size = shape.positions() * shape.channels;
  for (unsigned i = first_index(); i < size; i += index_step()) {
    unsigned line = i / shape.inner;
    int channel = line % shape.channels;
    int position = line / shape.channels * shape.inner + i - line * shape.inner;
    float value = 0.0f;
    if (takes_part(mask, position)) {
      float normal = (x[i] - mean[channel]) / sqrtf(variance[channel] + epsilon);
      value = fmaf(normal, weight == nullptr ? 1.0f : weight[channel], bias == nullptr ? 0.0f : bias[channel]);
    }
    y[i] = value;
  }
}

// partials (chunks, 3, channels): the sums of dy and of dy * n, and the number of positions.
template <bool LAST>
__device__ void gradient_partials(BatchShape shape, int chunk_positions, float epsilon, const float* x,
    const Bool* mask, const float* mean, const float* variance, const float* grad_y, float* partials) {
  __shared__ float lanes[COLUMN_LANES][COLUMN_TILE];
  ChannelLanes<LAST> own(shape, chunk_positions);
  bool exists = own.channel < shape.channels;
  float average = exists ? mean[own.channel] : 0.0f;
  float sigma = exists ? sqrtf(variance[own.channel] + epsilon) : 1.0f;
  float sum = 0.0f;
  float sum_normal = 0.0f;
  float count = 0.0f;
  for (int position = own.first; position < own.end; position += own.LANES) {
    if (takes_part(mask, position)) {
      int at = shape.at(position, own.channel);
      sum += grad_y[at];
      sum_normal = fmaf(grad_y[at], (x[at] - average) / sigma, sum_normal);
      count += 1.0f;
    }
  }
  sum = own.sum(sum, lanes);
  sum_normal = own.sum(sum_normal, lanes);
  count = own.sum(count, lanes);
  if (own.writes(shape)) {
    float* chunk = partials + blockIdx.y * 3 * shape.channels + own.channel;
    chunk[0] = sum;
    chunk[shape.channels] = sum_normal;
    chunk[2 * shape.channels] = count;
  }
}

extern "C" __global__ void batch_norm_partials(BatchShape shape, int chunk_positions, float epsilon, const float* x,
    const Bool* mask, const float* mean, const float* variance, const float* grad_y, float* partials) {
  gradient_partials<false>(shape, chunk_positions, epsilon, x, mask, mean, variance, grad_y, partials);
}

extern "C" __global__ void batch_norm_partials_last(BatchShape shape, int chunk_positions, float epsilon,
    const float* x, const Bool* mask, const float* mean, const float* variance, const float* grad_y,
    float* partials) {
  gradient_partials<true>(shape, chunk_positions, epsilon, x, mask, mean, variance, grad_y, partials);
}

// grad_weight and grad_bias (channels), each where it is wanted, and means (2, channels): of dy and of dy * n.
extern "C" __global__ void batch_norm_totals(int chunks, int channels, const float* partials, float* means,
    float* grad_weight, float* grad_bias) {
  for (unsigned channel = first_index(); channel < channels; channel += index_step()) {
    float sum = 0.0f;
    float sum_normal = 0.0f;
    int count = 0;
    for (int chunk = 0; chunk < chunks; chunk++) {
      const float* own = partials + chunk * 3 * channels + channel;
      sum += own[0];
      sum_normal += own[channels];
      count += (int)own[2 * channels];
    }
    means[channel] = sum / count;
    means[channels + channel] = sum_normal / count;
    if (grad_weight != nullptr) {
      grad_weight[channel] = sum_normal;
    }
    if (grad_bias != nullptr) {
      grad_bias[channel] = sum;
    }
  }
}

// means (2, channels): of dy and of dy * n; null where the statistics are not those of x.
extern "C" __global__ void batch_norm_backward(BatchShape shape, float epsilon, const float* x, const Bool* mask,
    const float* mean, const float* variance, const float* weight, const float* grad_y, const float* means,
    float* grad_x) {
  unsigned size = shape.positions() * shape.channels;
  for (unsigned i = first_index(); i < size; i += index_step()) {
    unsigned line = i / shape.inner;
    int channel = line % shape.channels;
    int position = line / shape.channels * shape.inner + i - line * shape.inner;
    float value = 0.0f;
    if (takes_part(mask, position)) {
      float sigma = sqrtf(variance[channel] + epsilon);
      float through = 0.0f;
      if (means != nullptr) {
        through = fmaf((x[i] - mean[channel]) / sigma, means[shape.channels + channel], means[channel]);
      }
      value = (grad_y[i] - through) * ((weight == nullptr ? 1.0f : weight[channel]) / sigma);
    }
    grad_x[i] = value;
  }
}
