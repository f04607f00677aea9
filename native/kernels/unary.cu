// Functions of each element, y = f(x), gradX = gradY f'(x).
//
// Cheap functions move four elements at a time: `wide` counts such fours, and elements after them move one by one. With
// wide 0 all elements do.
#include "common.cuh"

// A derivative that is constant below and above 0 and chosen at 0.
__device__ inline float at_kink(float x, float below, float at, float above) {
  return x != x ? x : x < 0.0f ? below : x > 0.0f ? above : at;
}

// The standard normal distribution function and its density.
__device__ inline float normal(float x) {
  return 0.5f * (1.0f + erff(x * 0.7071067811865476f));
}

__device__ inline float normal_density(float x) {
  return 0.3989422804014327f * expf(-0.5f * x * x);
}

const float SQRT_TWO_OVER_PI = 0.7978845608028654f;
const float GELU_CUBIC = 0.044715f;

__device__ inline float gelu_angle(float x) {
  return SQRT_TWO_OVER_PI * (x + GELU_CUBIC * x * x * x);
}

// A function has value(x, a, b) and slope(x, y, a, b), of which a slope reads x and y only where it says so.
template <bool WIDE, bool READS_X, bool READS_Y>
struct Unary {
  static const bool wide = WIDE;
  static const bool readsX = READS_X;
  static const bool readsY = READS_Y;
};

struct Affine : Unary<true, false, false> {
  static __device__ float value(float x, float a, float b) {
    return a * x + b;
  }
  static __device__ float slope(float x, float y, float a, float b) {
    return a;
  }
};

struct Abs : Unary<true, true, false> {
  static __device__ float value(float x, float a, float b) {
    return fabsf(x);
  }
  static __device__ float slope(float x, float y, float a, float b) {
    return at_kink(x, -1.0f, 0.0f, 1.0f);
  }
};

struct Square : Unary<true, true, false> {
  static __device__ float value(float x, float a, float b) {
    return x * x;
  }
  static __device__ float slope(float x, float y, float a, float b) {
    return 2.0f * x;
  }
};

struct PowerOf : Unary<false, true, false> {
  static __device__ float value(float x, float a, float b) {
    return power(x, a);
  }
  static __device__ float slope(float x, float y, float a, float b) {
    return a == 0.0f ? 0.0f : a * power(x, a - 1.0f);
  }
};

struct Sqrt : Unary<true, false, true> {
  static __device__ float value(float x, float a, float b) {
    return sqrtf(x);
  }
  static __device__ float slope(float x, float y, float a, float b) {
    return 0.5f / y;
  }
};

struct Reciprocal : Unary<true, false, true> {
  static __device__ float value(float x, float a, float b) {
    return 1.0f / x;
  }
  static __device__ float slope(float x, float y, float a, float b) {
    return -y * y;
  }
};

struct Exp : Unary<true, false, true> {
  static __device__ float value(float x, float a, float b) {
    return expf(x);
  }
  static __device__ float slope(float x, float y, float a, float b) {
    return y;
  }
};

struct Log : Unary<false, true, false> {
  static __device__ float value(float x, float a, float b) {
    return logf(x);
  }
  static __device__ float slope(float x, float y, float a, float b) {
    return 1.0f / x;
  }
};

struct Tanh : Unary<false, false, true> {
  static __device__ float value(float x, float a, float b) {
    return tanhf(x);
  }
  static __device__ float slope(float x, float y, float a, float b) {
    return 1.0f - y * y;
  }
};

struct Sigmoid : Unary<true, false, true> {
  static __device__ float value(float x, float a, float b) {
    return sigmoid(x);
  }
  static __device__ float slope(float x, float y, float a, float b) {
    return y * (1.0f - y);
  }
};

struct Relu : Unary<true, true, false> {
  static __device__ float value(float x, float a, float b) {
    return x < 0.0f ? 0.0f : x;
  }
  static __device__ float slope(float x, float y, float a, float b) {
    return at_kink(x, 0.0f, 0.0f, 1.0f);
  }
};

struct LeakyRelu : Unary<true, true, false> {
  static __device__ float value(float x, float a, float b) {
    return x > 0.0f ? x : a * x;
  }
  static __device__ float slope(float x, float y, float a, float b) {
    return at_kink(x, a, a, 1.0f);
  }
};

struct Gelu : Unary<false, true, false> {
  static __device__ float value(float x, float a, float b) {
    return x * normal(x);
  }
  static __device__ float slope(float x, float y, float a, float b) {
    return normal(x) + x * normal_density(x);
  }
};

struct GeluTanh : Unary<false, true, false> {
  static __device__ float value(float x, float a, float b) {
    return 0.5f * x * (1.0f + tanhf(gelu_angle(x)));
  }
  static __device__ float slope(float x, float y, float a, float b) {
    float tanh = tanhf(gelu_angle(x));
    float angleSlope = SQRT_TWO_OVER_PI * (1.0f + 3.0f * GELU_CUBIC * x * x);
    return 0.5f * (1.0f + tanh) + 0.5f * x * (1.0f - tanh * tanh) * angleSlope;
  }
};

struct Softplus : Unary<false, true, false> {
  static __device__ float value(float x, float a, float b) {
    return softplus(x);
  }
  static __device__ float slope(float x, float y, float a, float b) {
    return sigmoid(x);
  }
};

struct Clamp : Unary<true, true, false> {
  static __device__ float value(float x, float a, float b) {
    return x < a ? a : x > b ? b : x;
  }
  static __device__ float slope(float x, float y, float a, float b) {
    return x != x ? x : x >= a && x <= b ? 1.0f : 0.0f;
  }
};

template <typename F>
__device__ void unary_forward(const float* x, float* y, int n, float a, float b) {
  unsigned wide = F::wide ? n / 4 : 0;
  if (F::wide) {
    for (unsigned i = first_index(); i < wide; i += index_step()) {
      float4 v = ((const float4*)x)[i];
      ((float4*)y)[i] = make_float4(F::value(v.x, a, b), F::value(v.y, a, b), F::value(v.z, a, b),
          F::value(v.w, a, b));
    }
  }
  for (unsigned i = 4 * wide + first_index(); i < n; i += index_step()) {
    y[i] = F::value(x[i], a, b);
  }
}

template <typename F>
__device__ void unary_backward(const float* x, const float* y, const float* gradY, float* gradX, int n, float a,
    float b) {
  unsigned wide = F::wide ? n / 4 : 0;
  if (F::wide) {
    float4 none = make_float4(0, 0, 0, 0);
    for (unsigned i = first_index(); i < wide; i += index_step()) {
      float4 u = F::readsX ? ((const float4*)x)[i] : none;
      float4 v = F::readsY ? ((const float4*)y)[i] : none;
      float4 g = ((const float4*)gradY)[i];
      ((float4*)gradX)[i] = make_float4(g.x * F::slope(u.x, v.x, a, b), g.y * F::slope(u.y, v.y, a, b),
          g.z * F::slope(u.z, v.z, a, b), g.w * F::slope(u.w, v.w, a, b));
    }
  }
  for (unsigned i = 4 * wide + first_index(); i < n; i += index_step()) {
    gradX[i] = gradY[i] * F::slope(F::readsX ? x[i] : 0.0f, F::readsY ? y[i] : 0.0f, a, b);
  }
}

#define UNARY(name, function) \
  extern "C" __global__ void unary_##name##_forward(const float* x, float* y, int n, float a, float b) { \
    unary_forward<function>(x, y, n, a, b); \
  } \
  extern "C" __global__ void unary_##name##_backward(const float* x, const float* y, const float* gradY, float* gradX, \
      int n, float a, float b) { \
    unary_backward<function>(x, y, gradY, gradX, n, a, b); \
  }

UNARY(affine, Affine)
UNARY(abs, Abs)
UNARY(square, Square)
UNARY(power, PowerOf)
UNARY(sqrt, Sqrt)
UNARY(reciprocal, Reciprocal)
UNARY(exp, Exp)
UNARY(log, Log)
UNARY(tanh, Tanh)
UNARY(sigmoid, Sigmoid)
UNARY(relu, Relu)
UNARY(leaky_relu, LeakyRelu)
UNARY(gelu, Gelu)
UNARY(gelu_tanh, GeluTanh)
UNARY(softplus, Softplus)
UNARY(clamp, Clamp)
