// LSTM (Hochreiter and Schmidhuber 1997), the gates in torch.nn.LSTM's order. With the pre-activations (a_i, a_f, a_g,
// a_o): i, f, o = sigmoid(a), g = tanh(a_g), c' = f c + i g, h' = o tanh(c').
// Backward, with D = dc' + dh' o (1 - tanh(c')^2): da_i = D g i (1-i), da_f = D c f (1-f), da_g = D i (1 - g^2), da_o =
// dh' tanh(c') o (1-o), dc = D f.
// Columns: i, f, g, o. Saved: c.
#include "gates.cuh"
#include "cell_kernels.cuh"

struct Lstm {
  static const int COLUMNS = 4;
  static const int GATES = 4;
  static const int HIDDEN_AT = 0;
  static const bool HAS_CELL = true;
  static const bool SAVES = true;
  static const bool READS_HIDDEN = false;

  static __device__ int input_block(int column) {
    return column;
  }

  static __device__ float forward(float (&a)[COLUMNS], float h, float& c, float& saved, float beta) {
    a[0] = gate_sigmoid(a[0]);
    a[1] = gate_sigmoid(a[1]);
    a[2] = gate_tanh(a[2]);
    a[3] = gate_sigmoid(a[3]);
    saved = c;
    c = fmaf(a[1], c, a[0] * a[2]);
    return a[3] * gate_tanh(c);
  }

  // h' before a projection.
  static __device__ float hidden(const float (&a)[COLUMNS], float saved) {
    return a[3] * gate_tanh(fmaf(a[1], saved, a[0] * a[2]));
  }

  static __device__ float backward(const float (&a)[COLUMNS], float (&da)[COLUMNS], float saved, float h, float dh,
      float& dc, float beta) {
    float i = a[0];
    float f = a[1];
    float g = a[2];
    float o = a[3];
    float squashed = gate_tanh(fmaf(f, saved, i * g));
    float total = dc + dh * o * (1.0f - squashed * squashed);
    da[0] = total * g * i * (1.0f - i);
    da[1] = total * saved * f * (1.0f - f);
    da[2] = total * i * (1.0f - g * g);
    da[3] = dh * squashed * o * (1.0f - o);
    dc = total * f;
    return 0.0f;
  }
};

RECURRENCE(lstm, Lstm)

// The hidden state of a step after its projection: projected (batch, output_width) to hidden and output.
extern "C" __global__ void lstm_project(Recurrence r, int time, const int* lengths, const float* projected,
    float* hidden, float* output) {
  for (unsigned i = first_index(); i < r.batch * r.output_width; i += index_step()) {
    int row = i / r.output_width;
    bool active = time < r.length(lengths, row);
    float value = active ? projected[i] : 0.0f;
    output[r.output_at(r.place(time, row)) + i - row * r.output_width] = value;
    if (active) {
      hidden[i] = value;
    }
  }
}

// The gradient that a step's projected hidden state gets, to grad_projected (places, output_width) of the step:
// grad_hidden (batch, output_width), which becomes 0, plus the output's.
extern "C" __global__ void lstm_project_backward(Recurrence r, int time, const int* lengths, const float* grad_output,
    float* grad_hidden, float* grad_projected) {
  for (unsigned i = first_index(); i < r.batch * r.output_width; i += index_step()) {
    int row = i / r.output_width;
    int unit = i - row * r.output_width;
    int place = r.place(time, row);
    float grad = 0.0f;
    if (time < r.length(lengths, row)) {
      grad = grad_hidden[i];
      if (grad_output != nullptr) {
        grad += grad_output[r.output_at(place) + unit];
      }
      grad_hidden[i] = 0.0f;
    }
    grad_projected[place * r.output_width + unit] = grad;
  }
}
