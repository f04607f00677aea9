// The four kernels of a recurrence with a cell: a step and all steps, forward and backward.
#pragma once
#include "recurrence.cuh"

#define RECURRENCE(name, Cell) \
  extern "C" __global__ void name##_step(Recurrence r, int time, float beta, const int* lengths, \
      const float* input_bias, const float* hidden_bias, float* gates, float* saved, float* hidden, float* cell, \
      float* output, float* unprojected) { \
    step_forward<Cell>(r, time, beta, lengths, input_bias, hidden_bias, gates, saved, hidden, cell, output, \
        unprojected); \
  } \
  extern "C" __global__ void name##_step_backward(Recurrence r, int time, float beta, const int* lengths, \
      const float* gates, const float* saved, const float* previous, const float* grad_output, float* grad_hidden, \
      float* grad_cell, float* grad_gates, const float* grad_unprojected, float* unprojected) { \
    step_backward<Cell>(r, time, beta, lengths, gates, saved, previous, grad_output, grad_hidden, grad_cell, \
        grad_gates, grad_unprojected, unprojected); \
  } \
  extern "C" __global__ void name##_run(Recurrence r, float beta, const int* lengths, const float* input_bias, \
      const float* hidden_bias, const float* hidden_weights, const float* initial_hidden, const float* initial_cell, \
      float* gates, float* saved, float* final_hidden, float* final_cell, float* output, int keep) { \
    run_forward<Cell>(r, beta, lengths, input_bias, hidden_bias, hidden_weights, initial_hidden, initial_cell, gates, \
        saved, final_hidden, final_cell, output, keep); \
  } \
  extern "C" __global__ void name##_run_backward(Recurrence r, float beta, const int* lengths, \
      const float* hidden_weights, const float* gates, const float* saved, const float* previous, \
      const float* grad_output, const float* grad_final_hidden, const float* grad_final_cell, float* grad_gates, \
      float* grad_hidden, float* grad_cell) { \
    run_backward<Cell>(r, beta, lengths, hidden_weights, gates, saved, previous, grad_output, grad_final_hidden, \
        grad_final_cell, grad_gates, grad_hidden, grad_cell); \
  }
