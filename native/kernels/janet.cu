// JANET (van der Westhuizen and Lasenby, arXiv 1804.04849). With the pre-activations (s, a_g): f = sigmoid(s), k =
// sigmoid(s - beta), g = tanh(a_g), h' = f h + (1 - k) g.
// Backward: ds = dh' (h f (1-f) - g k (1-k)), da_g = dh' (1 - k) (1 - g^2), dh = dh' f beside what comes through U.
// Columns: f, g. Saved: k.
#include "gates.cuh"
#include "recurrence.cuh"

struct Janet {
  static const int COLUMNS = 2;
  static const int GATES = 2;
  static const int HIDDEN_AT = 0;
  static const bool HAS_CELL = false;
  static const bool SAVES = true;
  static const bool READS_HIDDEN = true;

  static __device__ int input_block(int column) {
    return column;
  }

  static __device__ float forward(float (&a)[COLUMNS], float h, float& c, float& saved, float beta) {
    saved = gate_sigmoid(a[0] - beta);
    a[0] = gate_sigmoid(a[0]);
    a[1] = gate_tanh(a[1]);
    return fmaf(a[0], h, (1.0f - saved) * a[1]);
  }

  static __device__ float hidden(const float (&a)[COLUMNS], float saved) {
    return 0.0f;
  }

  static __device__ float backward(const float (&a)[COLUMNS], float (&da)[COLUMNS], float saved, float h, float dh,
      float& dc, float beta) {
    float f = a[0];
    float g = a[1];
    da[0] = dh * (h * f * (1.0f - f) - g * saved * (1.0f - saved));
    da[1] = dh * (1.0f - saved) * (1.0f - g * g);
    return dh * f;
  }
};

extern "C" __global__ void janet_step(Recurrence r, int time, float beta, const int* lengths,
    const float* input_bias, const float* hidden_bias, float* gates, float* saved, float* hidden, float* cell,
    float* output, float* unprojected) {
  step_forward<Janet>(r, time, beta, lengths, input_bias, hidden_bias, gates, saved, hidden, cell, output, unprojected);
}

extern "C" __global__ void janet_step_backward(Recurrence r, int time, float beta, const int* lengths,
    const float* gates, const float* saved, const float* previous, const float* grad_output, float* grad_hidden,
    float* grad_cell, float* grad_gates, const float* grad_unprojected, float* unprojected) {
  step_backward<Janet>(r, time, beta, lengths, gates, saved, previous, grad_output, grad_hidden, grad_cell, grad_gates,
      grad_unprojected, unprojected);
}

extern "C" __global__ void janet_run(Recurrence r, float beta, const int* lengths, const float* input_bias,
    const float* hidden_bias, const float* hidden_weights, const float* initial_hidden, const float* initial_cell,
    float* gates, float* saved, float* final_hidden, float* final_cell, float* output, int keep) {
  run_forward<Janet>(r, beta, lengths, input_bias, hidden_bias, hidden_weights, initial_hidden, initial_cell, gates,
      saved, final_hidden, final_cell, output, keep);
}

extern "C" __global__ void janet_run_backward(Recurrence r, float beta, const int* lengths,
    const float* hidden_weights, const float* gates, const float* saved, const float* previous,
    const float* grad_output, const float* grad_final_hidden, const float* grad_final_cell, float* grad_gates,
    float* grad_hidden, float* grad_cell) {
  run_backward<Janet>(r, beta, lengths, hidden_weights, gates, saved, previous, grad_output, grad_final_hidden,
      grad_final_cell, grad_gates, grad_hidden, grad_cell);
}
