// The plain recurrence (Elman 1990) of the pre-activation a: h' = tanh(a) or h' = max(a, 0).
// Backward: da = dh' (1 - h'^2), or dh' where h' is positive and 0 else.
// Columns: h'. Saved: nothing.
#include "gates.cuh"
#include "cell_kernels.cuh"

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

RECURRENCE(rnn_tanh, Elman<false>)
RECURRENCE(rnn_relu, Elman<true>)
