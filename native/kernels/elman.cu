// The plain recurrence (Elman 1990) of the pre-activation a: h' = tanh(a) or h' = max(a, 0).
// Backward: da = dh' (1 - h'^2), or dh' where h' is positive and 0 else.
// Columns: h'. Saved: nothing.
#include "gates.cuh"
#include "recurrence.cuh"

template <bool RECTIFIED>
struct Elman {
  static const int COLUMNS = 1;
  static const int GATES = 1;
  static const int HIDDEN_AT = 0;
  static const bool HAS_CELL = false;
  static const bool SAVES = false;
  static const bool READS_HIDDEN = false;

  static __device__ int input_block(int column) {
    return column;
  }

  static __device__ float forward(float (&a)[COLUMNS], float h, float& c, float& saved, float beta) {
    a[0] = RECTIFIED ? larger(a[0], 0.0f) : gate_tanh(a[0]);
    return a[0];
  }

  static __device__ float hidden(const float (&a)[COLUMNS], float saved) {
    return 0.0f;
  }

  static __device__ float backward(const float (&a)[COLUMNS], float (&da)[COLUMNS], float saved, float h, float dh,
      float& dc, float beta) {
    da[0] = dh * (RECTIFIED ? rectifier_slope(a[0]) : 1.0f - a[0] * a[0]);
    return 0.0f;
  }
};

extern "C" __global__ void rnn_tanh_step(Recurrence r, int time, float beta, const int* lengths,
    const float* input_bias, const float* hidden_bias, float* gates, float* saved, float* hidden, float* cell,
    float* output, float* unprojected) {
  step_forward<Elman<false>>(r, time, beta, lengths, input_bias, hidden_bias, gates, saved, hidden, cell, output,
      unprojected);
}

extern "C" __global__ void rnn_tanh_step_backward(Recurrence r, int time, float beta, const int* lengths,
    const float* gates, const float* saved, const float* previous, const float* grad_output, float* grad_hidden,
    float* grad_cell, float* grad_gates, const float* grad_unprojected, float* unprojected) {
  step_backward<Elman<false>>(r, time, beta, lengths, gates, saved, previous, grad_output, grad_hidden, grad_cell,
      grad_gates, grad_unprojected, unprojected);
}

extern "C" __global__ void rnn_tanh_run(Recurrence r, float beta, const int* lengths, const float* input_bias,
    const float* hidden_bias, const float* hidden_weights, const float* initial_hidden, const float* initial_cell,
    float* gates, float* saved, float* final_hidden, float* final_cell, float* output, int keep) {
  run_forward<Elman<false>>(r, beta, lengths, input_bias, hidden_bias, hidden_weights, initial_hidden, initial_cell,
      gates, saved, final_hidden, final_cell, output, keep);
}

extern "C" __global__ void rnn_tanh_run_backward(Recurrence r, float beta, const int* lengths,
    const float* hidden_weights, const float* gates, const float* saved, const float* previous,
    const float* grad_output, const float* grad_final_hidden, const float* grad_final_cell, float* grad_gates,
    float* grad_hidden, float* grad_cell) {
  run_backward<Elman<false>>(r, beta, lengths, hidden_weights, gates, saved, previous, grad_output, grad_final_hidden,
      grad_final_cell, grad_gates, grad_hidden, grad_cell);
}

extern "C" __global__ void rnn_relu_step(Recurrence r, int time, float beta, const int* lengths,
    const float* input_bias, const float* hidden_bias, float* gates, float* saved, float* hidden, float* cell,
    float* output, float* unprojected) {
  step_forward<Elman<true>>(r, time, beta, lengths, input_bias, hidden_bias, gates, saved, hidden, cell, output,
      unprojected);
}

extern "C" __global__ void rnn_relu_step_backward(Recurrence r, int time, float beta, const int* lengths,
    const float* gates, const float* saved, const float* previous, const float* grad_output, float* grad_hidden,
    float* grad_cell, float* grad_gates, const float* grad_unprojected, float* unprojected) {
  step_backward<Elman<true>>(r, time, beta, lengths, gates, saved, previous, grad_output, grad_hidden, grad_cell,
      grad_gates, grad_unprojected, unprojected);
}

extern "C" __global__ void rnn_relu_run(Recurrence r, float beta, const int* lengths, const float* input_bias,
    const float* hidden_bias, const float* hidden_weights, const float* initial_hidden, const float* initial_cell,
    float* gates, float* saved, float* final_hidden, float* final_cell, float* output, int keep) {
  run_forward<Elman<true>>(r, beta, lengths, input_bias, hidden_bias, hidden_weights, initial_hidden, initial_cell,
      gates, saved, final_hidden, final_cell, output, keep);
}

extern "C" __global__ void rnn_relu_run_backward(Recurrence r, float beta, const int* lengths,
    const float* hidden_weights, const float* gates, const float* saved, const float* previous,
    const float* grad_output, const float* grad_final_hidden, const float* grad_final_cell, float* grad_gates,
    float* grad_hidden, float* grad_cell) {
  run_backward<Elman<true>>(r, beta, lengths, hidden_weights, gates, saved, previous, grad_output, grad_final_hidden,
      grad_final_cell, grad_gates, grad_hidden, grad_cell);
}
