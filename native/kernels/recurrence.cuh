// What the recurrences share: where things lie, and the two ways through the steps of one direction of one layer.
//
// With pre-activations a = W x + b_input + U h + b_hidden, a cell makes (h', c') of (a, h, c). The product W x of all
// steps comes first and lies in the gates (places, columns * width), a place being a (time, row) in the layout of the
// input. Then either
//   a step at a time: a product adds U h to the gates of the step, and step_forward makes of them what backward reads,
//     in place;
//   or all steps in one kernel: run_forward keeps U in shared memory, each block taking a tile of rows through time.
// Backward likewise, from the last step to the first: the gradients of the pre-activations, grad_gates (places, columns
// * width), then dh += U^T da.
//
// Time runs the same way for all rows: a row takes part while time is below its length; before (in reverse) and after
// that its states stay as they are, its output is 0 and its gradients of the gates are 0.
//
// A cell is a type with
//   COLUMNS            blocks of a place's row; GATES of them get U h, first in the order of U from HIDDEN_AT on
//   input_block(c)     which block of W goes into column c; -1 for none
//   HAS_CELL, SAVES    whether there is a c, and whether a further number a unit is kept for backward
//   READS_HIDDEN       whether backward wants h
//   forward(a, h, c, saved, beta)             h'; replaces a by what backward reads, and c
//   backward(a, da, saved, h, dh, dc, beta)   the gradient that reaches h beside that through U; replaces dc
#pragma once

#include "common.cuh"

struct Recurrence {
  int steps;
  int batch;
  int width;         // of a gate, H
  int output_width;  // of the hidden state, R; below H with a projection
  int batch_first;
  int reverse;
  int directions;
  int direction;

  __device__ int places() const {
    return steps * batch;
  }

  __device__ int place(int time, int row) const {
    return batch_first ? row * steps + time : time * batch + row;
  }

  __device__ int row_of(int place) const {
    return batch_first ? place / steps : place % batch;
  }

  __device__ int time_of(int place) const {
    return batch_first ? place % steps : place / batch;
  }

  // The time of the step that is k-th in the order of the direction.
  __device__ int time_at(int k) const {
    return reverse ? steps - 1 - k : k;
  }

  // Where this direction's columns of the output of a place start.
  __device__ int output_at(int place) const {
    return (place * directions + direction) * output_width;
  }

  __device__ int length(const int* lengths, int row) const {
    return lengths == nullptr ? steps : lengths[row];
  }
};

// Which block of U goes into a column; -1 for none.
template <typename Cell>
__device__ inline int hidden_block(int column) {
  return column >= Cell::HIDDEN_AT ? column - Cell::HIDDEN_AT : -1;
}

// What the biases add to the columns of a unit, one after the other as the reference does: of two that cancel, the
// first may have swallowed the rest.
template <typename Cell>
struct Biases {
  float input[Cell::COLUMNS];
  float hidden[Cell::COLUMNS];

  __device__ Biases(const float* input_bias, const float* hidden_bias, int width, int unit) {
#pragma unroll
    for (int c = 0; c < Cell::COLUMNS; c++) {
      bool fed = input_bias != nullptr && Cell::input_block(c) >= 0 && unit < width;
      input[c] = fed ? input_bias[Cell::input_block(c) * width + unit] : 0.0f;
      fed = hidden_bias != nullptr && hidden_block<Cell>(c) >= 0 && unit < width;
      hidden[c] = fed ? hidden_bias[hidden_block<Cell>(c) * width + unit] : 0.0f;
    }
  }

  __device__ float add(int column, float product) const {
    return product + input[column] + hidden[column];
  }
};

// ---- a step at a time -----------------------------------------------------------------------------------------------

// One step of all rows after both products: gates (places, COLUMNS * width), saved (places, width; null where no
// backward follows), hidden (batch, output_width) and cell (batch, width) in place, output. With a projection the new
// hidden state goes unprojected to (batch, width) in place of hidden and output.
template <typename Cell>
__device__ void step_forward(Recurrence r, int time, float beta, const int* lengths, const float* input_bias,
    const float* hidden_bias, float* gates, float* saved, float* hidden, float* cell, float* output,
    float* unprojected) {
  for (unsigned i = first_index(); i < r.batch * r.width; i += index_step()) {
    int row = i / r.width;
    int unit = i - row * r.width;
    int place = r.place(time, row);
    if (time >= r.length(lengths, row)) {
      if (unprojected != nullptr) {
        unprojected[i] = 0.0f;
      } else {
        output[r.output_at(place) + unit] = 0.0f;
      }
      continue;
    }
    Biases<Cell> biases(input_bias, hidden_bias, r.width, unit);
    float a[Cell::COLUMNS];
    float* own = gates + place * Cell::COLUMNS * r.width + unit;
#pragma unroll
    for (int c = 0; c < Cell::COLUMNS; c++) {
      a[c] = biases.add(c, own[c * r.width]);
    }
    float before = unprojected != nullptr ? 0.0f : hidden[i];
    float state = Cell::HAS_CELL ? cell[i] : 0.0f;
    float kept = 0.0f;
    float after = Cell::forward(a, before, state, kept, beta);
#pragma unroll
    for (int c = 0; c < Cell::COLUMNS; c++) {
      own[c * r.width] = a[c];
    }
    if (Cell::SAVES && saved != nullptr) {
      saved[place * r.width + unit] = kept;
    }
    if (Cell::HAS_CELL) {
      cell[i] = state;
    }
    if (unprojected != nullptr) {
      unprojected[i] = after;
    } else {
      hidden[i] = after;
      output[r.output_at(place) + unit] = after;
    }
  }
}

// One step back of all rows: grad_gates of the step; grad_cell (batch, width) in place; grad_hidden (batch, width) in
// place, from the gradient of h' to what reaches h beside that through U. With a projection the gradient of the
// unprojected h' comes in grad_unprojected (batch, width), and h' goes to unprojected (places, width).
template <typename Cell>
__device__ void step_backward(Recurrence r, int time, float beta, const int* lengths, const float* gates,
    const float* saved, const float* previous, const float* grad_output, float* grad_hidden, float* grad_cell,
    float* grad_gates, const float* grad_unprojected, float* unprojected) {
  for (unsigned i = first_index(); i < r.batch * r.width; i += index_step()) {
    int row = i / r.width;
    int unit = i - row * r.width;
    int place = r.place(time, row);
    int at = place * Cell::COLUMNS * r.width + unit;
    float a[Cell::COLUMNS];
    float da[Cell::COLUMNS];
    bool active = time < r.length(lengths, row);
#pragma unroll
    for (int c = 0; c < Cell::COLUMNS; c++) {
      a[c] = active ? gates[at + c * r.width] : 0.0f;
      da[c] = 0.0f;
    }
    float after = 0.0f;
    if (active) {
      float kept = Cell::SAVES ? saved[place * r.width + unit] : 0.0f;
      float before = Cell::READS_HIDDEN ? previous[place * r.width + unit] : 0.0f;
      float grad = grad_unprojected != nullptr ? grad_unprojected[i] : grad_hidden[i];
      if (grad_output != nullptr) {
        grad += grad_output[r.output_at(place) + unit];
      }
      float grad_state = Cell::HAS_CELL ? grad_cell[i] : 0.0f;
      float carried = Cell::backward(a, da, kept, before, grad, grad_state, beta);
      if (Cell::HAS_CELL) {
        grad_cell[i] = grad_state;
      }
      if (unprojected != nullptr) {
        after = Cell::hidden(a, kept);
      } else {
        grad_hidden[i] = carried;
      }
    }
    if (unprojected != nullptr) {
      unprojected[place * r.width + unit] = after;
    }
#pragma unroll
    for (int c = 0; c < Cell::COLUMNS; c++) {
      grad_gates[at + c * r.width] = da[c];
    }
  }
}

// ---- all steps in one kernel ----------------------------------------------------------------------------------------

// Rows that a thread takes through time side by side.
const int TILE_ROWS = 2;

extern __shared__ float4 recurrence_shared[];

__device__ inline float dot(float4 a, float4 b, float sum) {
  return fmaf(a.w, b.w, fmaf(a.z, b.z, fmaf(a.y, b.y, fmaf(a.x, b.x, sum))));
}

// Packs a matrix (depth, columns) into quads (ceil(depth/4), columns) of four that follow each other in depth, 0 beyond
// its end; element (k, column) lies at k * depth_stride + column * column_stride.
__device__ inline void pack_quads(const float* matrix, int depth, int columns, int depth_stride, int column_stride,
    float4* quads) {
  int count = ceil_div(depth, 4) * columns;
#pragma unroll 4
  for (int i = threadIdx.y * blockDim.x + threadIdx.x; i < count; i += blockDim.x * blockDim.y) {
    int k = i / columns * 4;
    const float* first = matrix + k * depth_stride + i % columns * column_stride;
    quads[i] = make_float4(first[0], k + 1 < depth ? first[depth_stride] : 0.0f,
        k + 2 < depth ? first[2 * depth_stride] : 0.0f, k + 3 < depth ? first[3 * depth_stride] : 0.0f);
  }
}

// The first row of the calling thread, and the first of its block.
__device__ inline int product_row() {
  return (blockIdx.x * blockDim.y + threadIdx.y) * TILE_ROWS;
}

// All steps, without projection: a thread has a unit of TILE_ROWS rows, a block (width rounded up to warps, rows)
// threads and its rows' hidden states, two of each, in shared memory behind the packed U. keep says whether a backward
// follows.
template <typename Cell>
__device__ void run_forward(Recurrence r, float beta, const int* lengths, const float* input_bias,
    const float* hidden_bias, const float* hidden_weights, const float* initial_hidden, const float* initial_cell,
    float* gates, float* saved, float* final_hidden, float* final_cell, float* output, int keep) {
  int width = r.width;
  int quads = ceil_div(width, 4);
  int columns = Cell::GATES * width;
  float4* weights = recurrence_shared;
  float4* tile = weights + quads * columns;
  int tile_quads = blockDim.y * TILE_ROWS * quads;
  pack_quads(hidden_weights, width, columns, 1, width, weights);
  int unit = threadIdx.x;
  bool works = unit < width;
  int row = product_row();
  int local = threadIdx.y * TILE_ROWS * quads;
  int length[TILE_ROWS];
  float hidden[TILE_ROWS];
  float cell[TILE_ROWS];
#pragma unroll
  for (int i = 0; i < TILE_ROWS; i++) {
    bool exists = works && row + i < r.batch;
    length[i] = exists ? r.length(lengths, row + i) : 0;
    int at = (row + i) * width + unit;
    hidden[i] = exists && initial_hidden != nullptr ? initial_hidden[at] : 0.0f;
    cell[i] = exists && initial_cell != nullptr ? initial_cell[at] : 0.0f;
    if (unit < quads * 4) {
      ((float*)(tile + local + i * quads))[unit] = hidden[i];
      ((float*)(tile + tile_quads + local + i * quads))[unit] = 0.0f;
    }
  }
  Biases<Cell> biases(input_bias, hidden_bias, width, unit);
  // What the next step reads is on its way while this one computes.
  float next[TILE_ROWS][Cell::COLUMNS] = {};
  auto load = [&](int time) {
#pragma unroll
    for (int i = 0; i < TILE_ROWS; i++) {
      if (time < length[i]) {
        const float* own = gates + r.place(time, row + i) * Cell::COLUMNS * width + unit;
#pragma unroll
        for (int c = 0; c < Cell::COLUMNS; c++) {
          if (Cell::input_block(c) >= 0) {
            next[i][c] = own[c * width];
          }
        }
      }
    }
  };
  if (r.steps > 0) {
    load(r.time_at(0));
  }
  __syncthreads();
  for (int k = 0; k < r.steps; k++) {
    int time = r.time_at(k);
    float a[TILE_ROWS][Cell::COLUMNS];
    float sums[TILE_ROWS][Cell::GATES] = {};
#pragma unroll
    for (int i = 0; i < TILE_ROWS; i++) {
#pragma unroll
      for (int c = 0; c < Cell::COLUMNS; c++) {
        a[i][c] = next[i][c];
      }
    }
    if (k + 1 < r.steps) {
      load(r.time_at(k + 1));
    }
    const float4* before = tile + (k & 1) * tile_quads + local;
    float4* after = tile + (~k & 1) * tile_quads + local;
    if (works) {
      for (int q = 0; q < quads; q++) {
        float4 h[TILE_ROWS];
#pragma unroll
        for (int i = 0; i < TILE_ROWS; i++) {
          h[i] = before[i * quads + q];
        }
#pragma unroll
        for (int g = 0; g < Cell::GATES; g++) {
          float4 u = weights[q * columns + g * width + unit];
#pragma unroll
          for (int i = 0; i < TILE_ROWS; i++) {
            sums[i][g] = dot(u, h[i], sums[i][g]);
          }
        }
      }
#pragma unroll
      for (int i = 0; i < TILE_ROWS; i++) {
        int place = r.place(time, row + i);
        bool active = time < length[i];
        if (active) {
#pragma unroll
          for (int g = 0; g < Cell::GATES; g++) {
            a[i][Cell::HIDDEN_AT + g] += sums[i][g];
          }
#pragma unroll
          for (int c = 0; c < Cell::COLUMNS; c++) {
            a[i][c] = biases.add(c, a[i][c]);
          }
          float kept = 0.0f;
          hidden[i] = Cell::forward(a[i], hidden[i], cell[i], kept, beta);
          if (keep) {
            float* own = gates + place * Cell::COLUMNS * width + unit;
#pragma unroll
            for (int c = 0; c < Cell::COLUMNS; c++) {
              own[c * width] = a[i][c];
            }
            if (Cell::SAVES) {
              saved[place * width + unit] = kept;
            }
          }
        }
        if (row + i < r.batch) {
          output[r.output_at(place) + unit] = active ? hidden[i] : 0.0f;
        }
        ((float*)(after + i * quads))[unit] = hidden[i];
      }
    }
    __syncthreads();
  }
#pragma unroll
  for (int i = 0; i < TILE_ROWS; i++) {
    if (works && row + i < r.batch) {
      final_hidden[(row + i) * width + unit] = hidden[i];
      if (Cell::HAS_CELL) {
        final_cell[(row + i) * width + unit] = cell[i];
      }
    }
  }
}

// What a step back reads of a unit of a row.
template <typename Cell>
struct StepRead {
  float a[Cell::COLUMNS];
  float saved;
  float before;
  float grad;
};

// All steps back, without projection, in blocks as run_forward's; in shared memory, behind U packed along its rows, the
// gradients of the gates of the block's rows, two of each.
template <typename Cell>
__device__ void run_backward(Recurrence r, float beta, const int* lengths, const float* hidden_weights,
    const float* gates, const float* saved, const float* previous, const float* grad_output,
    const float* grad_final_hidden, const float* grad_final_cell, float* grad_gates, float* grad_hidden,
    float* grad_cell) {
  int width = r.width;
  int depth = Cell::GATES * width;
  int quads = ceil_div(depth, 4);
  float4* weights = recurrence_shared;
  float4* tile = weights + quads * width;
  int tile_quads = blockDim.y * TILE_ROWS * quads;
  pack_quads(hidden_weights, depth, width, width, 1, weights);
  int unit = threadIdx.x;
  bool works = unit < width;
  int row = product_row();
  int local = threadIdx.y * TILE_ROWS * quads;
  int length[TILE_ROWS];
  float grad_before[TILE_ROWS];
  float grad_state[TILE_ROWS];
#pragma unroll
  for (int i = 0; i < TILE_ROWS; i++) {
    bool exists = works && row + i < r.batch;
    length[i] = exists ? r.length(lengths, row + i) : 0;
    int at = (row + i) * width + unit;
    grad_before[i] = exists && grad_final_hidden != nullptr ? grad_final_hidden[at] : 0.0f;
    grad_state[i] = exists && grad_final_cell != nullptr ? grad_final_cell[at] : 0.0f;
    if (depth + unit < quads * 4) {
      ((float*)(tile + local + i * quads))[depth + unit] = 0.0f;
      ((float*)(tile + tile_quads + local + i * quads))[depth + unit] = 0.0f;
    }
  }
  // What the next step back reads is on its way while this one computes.
  StepRead<Cell> next[TILE_ROWS] = {};
  auto load = [&](int time) {
#pragma unroll
    for (int i = 0; i < TILE_ROWS; i++) {
      if (time < length[i]) {
        int place = r.place(time, row + i);
        const float* own = gates + place * Cell::COLUMNS * width + unit;
#pragma unroll
        for (int c = 0; c < Cell::COLUMNS; c++) {
          next[i].a[c] = own[c * width];
        }
        next[i].saved = Cell::SAVES ? saved[place * width + unit] : 0.0f;
        next[i].before = Cell::READS_HIDDEN ? previous[place * width + unit] : 0.0f;
        next[i].grad = grad_output == nullptr ? 0.0f : grad_output[r.output_at(place) + unit];
      }
    }
  };
  if (r.steps > 0) {
    load(r.time_at(r.steps - 1));
  }
  for (int k = r.steps - 1; k >= 0; k--) {
    int time = r.time_at(k);
    float4* gradients = tile + (k & 1) * tile_quads + local;
#pragma unroll
    for (int i = 0; i < TILE_ROWS; i++) {
      float da[Cell::COLUMNS] = {};
      if (time < length[i]) {
        grad_before[i] = Cell::backward(next[i].a, da, next[i].saved, next[i].before, grad_before[i] + next[i].grad,
            grad_state[i], beta);
      }
      if (works) {
#pragma unroll
        for (int g = 0; g < Cell::GATES; g++) {
          ((float*)(gradients + i * quads))[g * width + unit] = da[Cell::HIDDEN_AT + g];
        }
        if (row + i < r.batch) {
          float* own = grad_gates + r.place(time, row + i) * Cell::COLUMNS * width + unit;
#pragma unroll
          for (int c = 0; c < Cell::COLUMNS; c++) {
            own[c * width] = da[c];
          }
        }
      }
    }
    if (k > 0) {
      load(r.time_at(k - 1));
    }
    __syncthreads();
    if (works) {
      float sums[TILE_ROWS] = {};
      for (int q = 0; q < quads; q++) {
        float4 u = weights[q * width + unit];
#pragma unroll
        for (int i = 0; i < TILE_ROWS; i++) {
          sums[i] = dot(u, gradients[i * quads + q], sums[i]);
        }
      }
#pragma unroll
      for (int i = 0; i < TILE_ROWS; i++) {
        if (time < length[i]) {
          grad_before[i] += sums[i];
        }
      }
    }
  }
#pragma unroll
  for (int i = 0; i < TILE_ROWS; i++) {
    if (works && row + i < r.batch) {
      if (grad_hidden != nullptr) {
        grad_hidden[(row + i) * width + unit] = grad_before[i];
      }
      if (Cell::HAS_CELL && grad_cell != nullptr) {
        grad_cell[(row + i) * width + unit] = grad_state[i];
      }
    }
  }
}
