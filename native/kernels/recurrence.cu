// What every recurrence does around its steps, cell or no cell.
#include "recurrence.cuh"

// The states before the first step: this direction's rows of initial (directions, batch, width), or 0.
extern "C" __global__ void recurrence_state(int count, const float* initial, float* state) {
  for (unsigned i = first_index(); i < count; i += index_step()) {
    state[i] = initial == nullptr ? 0.0f : initial[i];
  }
}

// The input (places, width) with zeros past each row's length, which are not read.
extern "C" __global__ void recurrence_valid(Recurrence r, int width, const int* lengths, const float* input,
    float* valid) {
  for (unsigned i = first_index(); i < r.places() * width; i += index_step()) {
    int place = i / width;
    valid[i] = r.time_of(place) < lengths[r.row_of(place)] ? input[i] : 0.0f;
  }
}

// The hidden state that each place's step read, previous (places, output_width): the output of the step before, or the
// initial state; 0 past a row's length.
extern "C" __global__ void recurrence_previous(Recurrence r, const int* lengths, const float* output,
    const float* initial, float* previous) {
  for (unsigned i = first_index(); i < r.places() * r.output_width; i += index_step()) {
    int place = i / r.output_width;
    int unit = i - place * r.output_width;
    int time = r.time_of(place);
    int row = r.row_of(place);
    int length = r.length(lengths, row);
    float value = 0.0f;
    if (time < length) {
      bool first = r.reverse ? time == length - 1 : time == 0;
      int before = r.place(r.reverse ? time + 1 : time - 1, row);
      if (!first) {
        value = output[r.output_at(before) + unit];
      } else if (initial != nullptr) {
        value = initial[row * r.output_width + unit];
      }
    }
    previous[i] = value;
  }
}
