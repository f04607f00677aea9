// GRU (Cho et al. 2014) as torch.nn.GRU, which resets after the product. With the pre-activations (a_r, a_z) and the
// candidate's two parts, x_n = W_n x + b_in and h_n = U_n h + b_hn: r, z = sigmoid(a), n = tanh(x_n + r h_n), h' =
// (1 - z) n + z h.
// Backward, with D = dh' (1 - z) (1 - n^2): da_r = D h_n r (1-r), da_z = dh' (h - n) z (1-z), dx_n = D, dh_n = D r,
// dh = dh' z beside what comes through U.
// Columns: n, r, z, h_n, so that what U feeds lies together in U's order. Saved: nothing.
#include "gates.cuh"
#include "recurrence.cuh"

struct Gru {
  static const int COLUMNS = 4;
  static const int GATES = 3;
  static const int HIDDEN_AT = 1;
  static const bool HAS_CELL = false;
  static const bool SAVES = false;
  static const bool READS_HIDDEN = true;

  static __device__ int input_block(int column) {
    return column == 0 ? 2 : column == 3 ? -1 : column - 1;
  }

  static __device__ float forward(float (&a)[COLUMNS], float h, float& c, float& saved, float beta) {
    a[1] = gate_sigmoid(a[1]);
    a[2] = gate_sigmoid(a[2]);
    a[0] = gate_tanh(fmaf(a[1], a[3], a[0]));
    return fmaf(1.0f - a[2], a[0], a[2] * h);
  }

  static __device__ float hidden(const float (&a)[COLUMNS], float saved) {
    return 0.0f;
  }

  static __device__ float backward(const float (&a)[COLUMNS], float (&da)[COLUMNS], float saved, float h, float dh,
      float& dc, float beta) {
    float n = a[0];
    float r = a[1];
    float z = a[2];
    float candidate = dh * (1.0f - z) * (1.0f - n * n);
    da[0] = candidate;
    da[1] = candidate * a[3] * r * (1.0f - r);
    da[2] = dh * (h - n) * z * (1.0f - z);
    da[3] = candidate * r;
    return dh * z;
  }
};

extern "C" __global__ void gru_step(Recurrence r, int time, float beta, const int* lengths,
    const float* input_bias, const float* hidden_bias, float* gates, float* saved, float* hidden, float* cell,
    float* output, float* unprojected) {
  step_forward<Gru>(r, time, beta, lengths, input_bias, hidden_bias, gates, saved, hidden, cell, output, unprojected);
}

extern "C" __global__ void gru_step_backward(Recurrence r, int time, float beta, const int* lengths,
    const float* gates, const float* saved, const float* previous, const float* grad_output, float* grad_hidden,
    float* grad_cell, float* grad_gates, const float* grad_unprojected, float* unprojected) {
  step_backward<Gru>(r, time, beta, lengths, gates, saved, previous, grad_output, grad_hidden, grad_cell, grad_gates,
      grad_unprojected, unprojected);
}

extern "C" __global__ void gru_run(Recurrence r, float beta, const int* lengths, const float* input_bias,
    const float* hidden_bias, const float* hidden_weights, const float* initial_hidden, const float* initial_cell,
    float* gates, float* saved, float* final_hidden, float* final_cell, float* output, int keep) {
  run_forward<Gru>(r, beta, lengths, input_bias, hidden_bias, hidden_weights, initial_hidden, initial_cell, gates,
      saved, final_hidden, final_cell, output, keep);
}

extern "C" __global__ void gru_run_backward(Recurrence r, float beta, const int* lengths,
    const float* hidden_weights, const float* gates, const float* saved, const float* previous,
    const float* grad_output, const float* grad_final_hidden, const float* grad_final_cell, float* grad_gates,
    float* grad_hidden, float* grad_cell) {
  run_backward<Gru>(r, beta, lengths, hidden_weights, gates, saved, previous, grad_output, grad_final_hidden,
      grad_final_cell, grad_gates, grad_hidden, grad_cell);
}

// Puts 0 where a step's product adds U_n h: column h_n of gates (places, 4 * width).
extern "C" __global__ void gru_clear(int places, int width, float* gates) {
  for (unsigned i = first_index(); i < places * width; i += index_step()) {
    int place = i / width;
    gates[(place * Gru::COLUMNS + 3) * width + i - place * width] = 0.0f;
  }
}
