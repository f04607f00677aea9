// Functions of two elements with broadcasting, whose gradients are summed over the dimensions along which an argument
// was broadcast.
//
// Cheap functions move four elements at a time: `wide` counts such fours, and elements after them move one by one. With
// wide 0 all elements do.
#include "fold.cuh"

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
