// Functions of each element, y = f(x), gradX = gradY f'(x), and of two elements with broadcasting, whose gradients are
// summed over the dimensions along which an argument was broadcast.
//
// Cheap functions move four elements at a time: `wide` counts such fours, and elements after them move one by one. With
// wide 0 all elements do.
#include "fold.cuh"

// left^right as java.lang.Math.pow: NaN for a NaN exponent, and for 1 and -1 to an infinite one.
__device__ inline float power(float left, float right) {
  bool undefined = right != right || (fabsf(right) == infinity() && fabsf(left) == 1.0f);
  return undefined ? not_a_number() : powf(left, right);
}

// ---- functions of one element ---------------------------------------------------------------------------------------

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

// ---- functions of two elements --------------------------------------------------------------------------------------

// All of the gradient where the own argument is larger, half where both are equal, none where it is smaller.
__device__ inline float to_larger(float own, float other, float gradient) {
  if (own != own || other != other) {
    return not_a_number();
  }
  return own > other ? gradient : own == other ? 0.5f * gradient : 0.0f;
}

// A function has value(left, right) and the gradients of both arguments, which read them only where it says so.
template <bool WIDE, bool READS>
struct Binary {
  static const bool wide = WIDE;
  static const bool reads = READS;
};

struct Add : Binary<true, false> {
  static __device__ float value(float left, float right) {
    return left + right;
  }
  static __device__ float left(float left, float right, float gradient) {
    return gradient;
  }
  static __device__ float right(float left, float right, float gradient) {
    return gradient;
  }
};

struct Subtract : Binary<true, false> {
  static __device__ float value(float left, float right) {
    return left - right;
  }
  static __device__ float left(float left, float right, float gradient) {
    return gradient;
  }
  static __device__ float right(float left, float right, float gradient) {
    return -gradient;
  }
};

struct Multiply : Binary<true, true> {
  static __device__ float value(float left, float right) {
    return left * right;
  }
  static __device__ float left(float left, float right, float gradient) {
    return gradient * right;
  }
  static __device__ float right(float left, float right, float gradient) {
    return gradient * left;
  }
};

struct Divide : Binary<true, true> {
  static __device__ float value(float left, float right) {
    return left / right;
  }
  static __device__ float left(float left, float right, float gradient) {
    return gradient / right;
  }
  static __device__ float right(float left, float right, float gradient) {
    return -gradient * left / right / right;
  }
};

struct Maximum : Binary<true, true> {
  static __device__ float value(float left, float right) {
    return larger(left, right);
  }
  static __device__ float left(float left, float right, float gradient) {
    return to_larger(left, right, gradient);
  }
  static __device__ float right(float left, float right, float gradient) {
    return to_larger(right, left, gradient);
  }
};

struct Minimum : Binary<true, true> {
  static __device__ float value(float left, float right) {
    return smaller(left, right);
  }
  static __device__ float left(float left, float right, float gradient) {
    return to_larger(right, left, gradient);
  }
  static __device__ float right(float left, float right, float gradient) {
    return to_larger(left, right, gradient);
  }
};

struct Power : Binary<false, true> {
  static __device__ float value(float left, float right) {
    return power(left, right);
  }
  static __device__ float left(float left, float right, float gradient) {
    return right == 0.0f ? 0.0f : gradient * right * power(left, right - 1.0f);
  }
  static __device__ float right(float left, float right, float gradient) {
    return left == 0.0f && right >= 0.0f ? 0.0f : gradient * power(left, right) * logf(left);
  }
};

// Where the two arguments' elements lie. Where wide is not 0, the first dimension's size and the index count fours,
// and a broadcast first dimension gives the same element four times.
struct Arguments {
  const float* left;
  const float* right;

  __device__ float4 four(const float* from, int at, int stride) const {
    if (stride != 0) {
      return *(const float4*)(from + at);
    }
    float one = from[at];
    return make_float4(one, one, one, one);
  }

  __device__ void fours(const Walk<2>& walk, unsigned i, float4& lefts, float4& rights) const {
    int at[2] = {0, 0};
    walk.advance(i, 0, walk.rank, at);
    lefts = four(left, at[0], walk.stride[0][0]);
    rights = four(right, at[1], walk.stride[1][0]);
  }

  __device__ void one(const Walk<2>& walk, bool isTail, unsigned i, float& l, float& r) const {
    int at[2] = {0, 0};
    if (isTail) {
      at[0] = walk.stride[0][0] == 0 ? 0 : i;
      at[1] = walk.stride[1][0] == 0 ? 0 : i;
    } else {
      walk.advance(i, 0, walk.rank, at);
    }
    l = left[at[0]];
    r = right[at[1]];
  }
};

template <typename F>
__device__ void binary_forward(Arguments arguments, float* y, int wide, int n, const Walk<2>& walk) {
  if (F::wide) {
    for (unsigned i = first_index(); i < wide; i += index_step()) {
      float4 l;
      float4 r;
      arguments.fours(walk, i, l, r);
      ((float4*)y)[i] = make_float4(F::value(l.x, r.x), F::value(l.y, r.y), F::value(l.z, r.z), F::value(l.w, r.w));
    }
  }
  for (unsigned i = 4 * wide + first_index(); i < n; i += index_step()) {
    float l;
    float r;
    arguments.one(walk, wide > 0, i, l, r);
    y[i] = F::value(l, r);
  }
}

// The gradients of arguments that are not broadcast, which lie as y does; null where not wanted.
template <typename F>
__device__ void binary_backward(Arguments arguments, const float* gradY, float* gradLeft, float* gradRight, int wide,
    int n, const Walk<2>& walk) {
  if (F::wide) {
    for (unsigned i = first_index(); i < wide; i += index_step()) {
      float4 l = make_float4(0, 0, 0, 0);
      float4 r = l;
      if (F::reads) {
        arguments.fours(walk, i, l, r);
      }
      float4 g = ((const float4*)gradY)[i];
      if (gradLeft != 0) {
        ((float4*)gradLeft)[i] = make_float4(F::left(l.x, r.x, g.x), F::left(l.y, r.y, g.y), F::left(l.z, r.z, g.z),
            F::left(l.w, r.w, g.w));
      }
      if (gradRight != 0) {
        ((float4*)gradRight)[i] = make_float4(F::right(l.x, r.x, g.x), F::right(l.y, r.y, g.y),
            F::right(l.z, r.z, g.z), F::right(l.w, r.w, g.w));
      }
    }
  }
  for (unsigned i = 4 * wide + first_index(); i < n; i += index_step()) {
    float l = 0.0f;
    float r = 0.0f;
    if (F::reads) {
      arguments.one(walk, wide > 0, i, l, r);
    }
    float g = gradY[i];
    if (gradLeft != 0) {
      gradLeft[i] = F::left(l, r, g);
    }
    if (gradRight != 0) {
      gradRight[i] = F::right(l, r, g);
    }
  }
}

// The gradient of an argument that is broadcast: result k is its element k, whose terms are the elements of y that read
// it. The walk goes over gradY, left and right; its first `kept` dimensions number the results, the others the terms.
template <typename F>
struct BroadcastSum {
  typedef Sum Op;
  typedef float Value;
  struct Place {
    int at[3];
  };
  static const int unroll = F::reads ? 1 : 4;

  const float* gradY;
  const float* left;
  const float* right;
  float* gradient;
  bool isLeft;
  int kept;
  const Walk<3>* walk;

  __device__ Place place(int k) const {
    Place place = {{0, 0, 0}};
    walk->advance(k, 0, kept, place.at);
    return place;
  }

  __device__ float term(Place place, unsigned r) const {
    walk->advance(r, kept, walk->rank, place.at);
    float g = gradY[place.at[0]];
    float l = F::reads ? left[place.at[1]] : 0.0f;
    float r2 = F::reads ? right[place.at[2]] : 0.0f;
    return isLeft ? F::left(l, r2, g) : F::right(l, r2, g);
  }

  __device__ void store(int k, float value) const {
    gradient[k] = value;
  }
};

#define BINARY(name, function) \
  extern "C" __global__ void binary_##name##_forward(const float* left, const float* right, float* y, int wide, int n, \
      const __grid_constant__ Walk<2> walk) { \
    binary_forward<function>({left, right}, y, wide, n, walk); \
  } \
  extern "C" __global__ void binary_##name##_backward(const float* left, const float* right, const float* gradY, \
      float* gradLeft, float* gradRight, int wide, int n, const __grid_constant__ Walk<2> walk) { \
    binary_backward<function>({left, right}, gradY, gradLeft, gradRight, wide, n, walk); \
  } \
  extern "C" __global__ void binary_##name##_sum_along(const float* left, const float* right, const float* gradY, \
      float* gradient, int isLeft, int kept, int terms, int results, int segment, float* partials, \
      const __grid_constant__ Walk<3> walk) { \
    fold_along(BroadcastSum<function>{gradY, left, right, gradient, isLeft != 0, kept, &walk}, results, terms, \
        segment, partials); \
  } \
  extern "C" __global__ void binary_##name##_sum_across(const float* left, const float* right, const float* gradY, \
      float* gradient, int isLeft, int kept, int terms, int results, int segment, float* partials, \
      const __grid_constant__ Walk<3> walk) { \
    fold_across(BroadcastSum<function>{gradY, left, right, gradient, isLeft != 0, kept, &walk}, results, terms, \
        segment, partials); \
  }

BINARY(add, Add)
BINARY(subtract, Subtract)
BINARY(multiply, Multiply)
BINARY(divide, Divide)
BINARY(maximum, Maximum)
BINARY(minimum, Minimum)
BINARY(power, Power)
