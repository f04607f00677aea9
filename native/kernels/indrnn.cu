// The recurrent part of IndRNN (Li et al., arXiv 1803.04831) on projected input (places, directions * width), a place
// being a (time, row) in the layout of the input: h_t = act(x_t + u h_{t-1}), element by element.
// Backward, with d_t = (dh_t + u d_{t+1}) act': dx_t = d_t, du = sum d_t h_{t-1}, dh_0 = u d_1; act' by the value of
// act.
// A thread takes one neuron of one row and direction through all its steps; neurons lie side by side in memory.
#include "gates.cuh"

// Steps whose numbers are on their way while as many compute.
const int STEPS_AHEAD = 8;

struct IndRnn {
  int steps;
  int batch;
  int directions;
  int width;
  int batch_first;

  __device__ unsigned neurons() const {
    return directions * batch * width;
  }
};

// Where a neuron's numbers lie: state i of (directions, batch, width), weight of (directions, width).
struct Neuron {
  int length;
  int weight;
  int column;     // of (batch, directions * width)
  int start;      // of its first step in the sequence
  int stride;     // to its next step
  int time_zero;  // of time 0
  int time_stride;

  __device__ Neuron(const IndRnn& r, const int* lengths, int i) {
    int unit = i % r.width;
    int row = i / r.width % r.batch;
    int direction = i / r.width / r.batch;
    int line = r.directions * r.width;
    length = lengths == nullptr ? r.steps : lengths[row];
    weight = direction * r.width + unit;
    column = row * line + weight;
    time_stride = r.batch_first ? line : r.batch * line;
    time_zero = (r.batch_first ? row * r.steps : row) * line + weight;
    start = direction == 0 ? time_zero : time_zero + (length - 1) * time_stride;
    stride = direction == 0 ? time_stride : -time_stride;
  }

  // Puts 0 past the length.
  __device__ void clear(float* sequence, int steps) const {
    for (int time = length; time < steps; time++) {
      sequence[time_zero + time * time_stride] = 0.0f;
    }
  }
};

template <bool RECTIFIED>
__device__ void indrnn(IndRnn r, const int* lengths, const float* projected, const float* recurrent,
    const float* initial, float* output, float* last) {
  for (unsigned i = first_index(); i < r.neurons(); i += index_step()) {
    Neuron n(r, lengths, i);
    float u = recurrent[n.weight];
    float h = initial == nullptr ? 0.0f : initial[i];
    float next[STEPS_AHEAD] = {};
    auto load = [&](int step) {
#pragma unroll
      for (int j = 0; j < STEPS_AHEAD; j++) {
        if (step + j < n.length) {
          next[j] = projected[n.start + (step + j) * n.stride];
        }
      }
    };
    load(0);
    for (int step = 0; step < n.length; step += STEPS_AHEAD) {
      float x[STEPS_AHEAD];
#pragma unroll
      for (int j = 0; j < STEPS_AHEAD; j++) {
        x[j] = next[j];
      }
      load(step + STEPS_AHEAD);
#pragma unroll
      for (int j = 0; j < STEPS_AHEAD; j++) {
        if (step + j < n.length) {
          float sum = fmaf(u, h, x[j]);
          h = RECTIFIED ? larger(sum, 0.0f) : gate_tanh(sum);
          output[n.start + (step + j) * n.stride] = h;
        }
      }
    }
    last[i] = h;
    n.clear(output, r.steps);
  }
}

// row_gradients (batch, directions * width): du of each row.
template <bool RECTIFIED>
__device__ void indrnn_backward(IndRnn r, const int* lengths, const float* recurrent, const float* initial,
    const float* output, const float* grad_output, const float* grad_last, float* grad_projected, float* row_gradients,
    float* grad_initial) {
  for (unsigned i = first_index(); i < r.neurons(); i += index_step()) {
    Neuron n(r, lengths, i);
    float u = recurrent[n.weight];
    float first = initial == nullptr ? 0.0f : initial[i];
    float h = n.length > 0 ? output[n.start + (n.length - 1) * n.stride] : 0.0f;
    float grad = grad_last == nullptr ? 0.0f : grad_last[i];
    float total = 0.0f;
    float next_before[STEPS_AHEAD] = {};
    float next_grad[STEPS_AHEAD] = {};
    auto load = [&](int step) {
#pragma unroll
      for (int j = 0; j < STEPS_AHEAD; j++) {
        int at = n.start + (step - j) * n.stride;
        next_before[j] = step - j > 0 ? output[at - n.stride] : first;
        if (grad_output != nullptr && step - j >= 0) {
          next_grad[j] = grad_output[at];
        }
      }
    };
    load(n.length - 1);
    for (int step = n.length - 1; step >= 0; step -= STEPS_AHEAD) {
      float before[STEPS_AHEAD];
      float arriving[STEPS_AHEAD];
#pragma unroll
      for (int j = 0; j < STEPS_AHEAD; j++) {
        before[j] = next_before[j];
        arriving[j] = next_grad[j];
      }
      load(step - STEPS_AHEAD);
      // Short chains keep the rounding small.
      float sum = 0.0f;
#pragma unroll
      for (int j = 0; j < STEPS_AHEAD; j++) {
        if (step - j >= 0) {
          float d = (grad + arriving[j]) * (RECTIFIED ? rectifier_slope(h) : 1.0f - h * h);
          grad_projected[n.start + (step - j) * n.stride] = d;
          sum = fmaf(d, before[j], sum);
          grad = u * d;
          h = before[j];
        }
      }
      total += sum;
    }
    row_gradients[n.column] = total;
    if (grad_initial != nullptr) {
      grad_initial[i] = grad;
    }
    n.clear(grad_projected, r.steps);
  }
}

extern "C" __global__ void indrnn_relu(IndRnn r, const int* lengths, const float* projected, const float* recurrent,
    const float* initial, float* output, float* last) {
  indrnn<true>(r, lengths, projected, recurrent, initial, output, last);
}

extern "C" __global__ void indrnn_tanh(IndRnn r, const int* lengths, const float* projected, const float* recurrent,
    const float* initial, float* output, float* last) {
  indrnn<false>(r, lengths, projected, recurrent, initial, output, last);
}

extern "C" __global__ void indrnn_relu_backward(IndRnn r, const int* lengths, const float* recurrent,
    const float* initial, const float* output, const float* grad_output, const float* grad_last, float* grad_projected,
    float* row_gradients, float* grad_initial) {
  indrnn_backward<true>(r, lengths, recurrent, initial, output, grad_output, grad_last, grad_projected, row_gradients,
      grad_initial);
}

extern "C" __global__ void indrnn_tanh_backward(IndRnn r, const int* lengths, const float* recurrent,
    const float* initial, const float* output, const float* grad_output, const float* grad_last, float* grad_projected,
    float* row_gradients, float* grad_initial) {
  indrnn_backward<false>(r, lengths, recurrent, initial, output, grad_output, grad_last, grad_projected, row_gradients,
      grad_initial);
}
