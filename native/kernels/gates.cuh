// The functions of gates. A recurrence feeds its errors back step by step, and near their ends the derivatives of these
// functions are small differences: so they are made without approximate instructions, to about the last bit.
#pragma once

#include "common.cuh"

// e^x: 2^n (1 + r + r^2 p(r)) with x = n log(2) + r. NaN of NaN.
__device__ inline float gate_exp(float x) {
  x = x > 89.0f ? 89.0f : x < -104.0f ? -104.0f : x;
  float n = rintf(x * 1.44269504f);
  float r = fmaf(n, -1.42860677e-6f, fmaf(n, -0.693145752f, x));
  float p = fmaf(1.37805939e-3f, r, 8.37312452e-3f);
  p = fmaf(p, r, 4.16695364e-2f);
  p = fmaf(p, r, 1.66664720e-1f);
  p = fmaf(p, r, 4.99999851e-1f);
  p = 1.0f + fmaf(r * r, p, r);
  // In two factors, for n may be beyond the exponent of either.
  int exponent = (int)n;
  int half = exponent / 2;
  return p * __int_as_float((half + 127) << 23) * __int_as_float((exponent - half + 127) << 23);
}

// 1 / (1 + e^-x), 0 and 1 at the infinities.
__device__ inline float gate_sigmoid(float x) {
  return 1.0f / (1.0f + gate_exp(-x));
}

// The hyperbolic tangent: an odd polynomial near 0, else 1 - 2 / (1 + e^2x).
__device__ inline float gate_tanh(float x) {
  float magnitude = fabsf(x);
  if (magnitude < 0.625f) {
    float square = x * x;
    float p = fmaf(-5.69482101e-3f, square, 2.06290837e-2f);
    p = fmaf(p, square, -5.37362769e-2f);
    p = fmaf(p, square, 1.33313954e-1f);
    p = fmaf(p, square, -3.33332807e-1f);
    return fmaf(p * square, x, x);
  }
  return copysignf(1.0f - 2.0f / (1.0f + gate_exp(2.0f * magnitude)), x);
}
