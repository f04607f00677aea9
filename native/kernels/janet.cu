// JANET (van der Westhuizen and Lasenby, arXiv 1804.04849). With the pre-activations (s, a_g): f = sigmoid(s), k =
// sigmoid(s - beta), g = tanh(a_g), h' = f h + (1 - k) g.
// Backward: ds = dh' (h f (1-f) - g k (1-k)), da_g = dh' (1 - k) (1 - g^2), dh = dh' f beside what comes through U.
// Columns: f, g. Saved: k.
#include "gates.cuh"
#include "cell_kernels.cuh"

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

RECURRENCE(janet, Janet)
