// GRU (Cho et al. 2014) as torch.nn.GRU, which resets after the product. With the pre-activations (a_r, a_z) and the
// candidate's two parts, x_n = W_n x + b_in and h_n = U_n h + b_hn: r, z = sigmoid(a), n = tanh(x_n + r h_n), h' =
// (1 - z) n + z h.
// Backward, with D = dh' (1 - z) (1 - n^2): da_r = D h_n r (1-r), da_z = dh' (h - n) z (1-z), dx_n = D, dh_n = D r,
// dh = dh' z beside what comes through U.
// Columns: n, r, z, h_n, so that what U feeds lies together in U's order. Saved: nothing.
#include "gates.cuh"
#include "cell_kernels.cuh"

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

RECURRENCE(gru, Gru)

// Puts 0 where a step's product adds U_n h: column h_n of gates (places, 4 * width).
extern "C" __global__ void gru_clear(int places, int width, float* gates) {
  for (unsigned i = first_index(); i < places * width; i += index_step()) {
    int place = i / width;
    gates[(place * Gru::COLUMNS + 3) * width + i - place * width] = 0.0f;
  }
}
