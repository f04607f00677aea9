// Float helpers that vectorise: flushing of subnormals, saturation, rounding modes, and the base-2 exponential and
// logarithm.
#pragma once

#include "lanes.h"

#include <cmath>
#include <limits>
#include <xmmintrin.h>

namespace softgpu {

template <bool FTZ, class T>
inline T flush(T x) {
  if constexpr (FTZ && sizeof(T) == 4) {
    return std::fabs(x) < std::numeric_limits<float>::min() ? std::copysign(0.0f, x) : x;
  } else {
    return x;
  }
}

// To [0, 1]; NaN becomes 0.
template <bool SAT, class T>
inline T saturate(T x) {
  if constexpr (SAT) {
    T above = x > T(0) ? x : T(0);
    return above < T(1) ? above : T(1);
  } else {
    return x;
  }
}

// The bits of MXCSR for rn, rm, rp, rz in this order.
inline std::uint32_t roundingBits(int mode) { return static_cast<std::uint32_t>(mode) << 13; }

// Runs the handler whose address is in.imm while the host rounds as in.info says. The call cannot be seen through, so
// nothing of it moves out of the region.
inline void directed(Warp& w, const Instruction& in, Mask mask) {
  unsigned before = _mm_getcsr();
  _mm_setcsr((before & ~0x6000u) | in.info);
  reinterpret_cast<Handler>(in.imm)(w, in, mask);
  _mm_setcsr(before);
}

// 2^x, correct to about 1e-11; what is too large or small for a float becomes infinity or 0 when narrowed.
inline double exp2Wide(double x) {
  double limited = x < -1000.0 ? -1000.0 : x > 1000.0 ? 1000.0 : x;
  double whole = std::nearbyint(limited);
  double f = limited - whole;
  double p = 1.01780860092396997e-7;
  p = p * f + 1.32154867901443095e-6;
  p = p * f + 1.52527338040598403e-5;
  p = p * f + 1.54035303933816099e-4;
  p = p * f + 1.33335581464284434e-3;
  p = p * f + 9.61812910762847717e-3;
  p = p * f + 5.55041086648215800e-2;
  p = p * f + 2.40226506959100712e-1;
  p = p * f + 6.93147180559945309e-1;
  p = p * f + 1.0;
  auto exponent = static_cast<std::int64_t>(whole) + 1023;
  double scale = bits<double>(static_cast<std::uint64_t>(exponent) << 52);
  return x != x ? x : p * scale;
}

inline double log2Wide(double x) {
  auto raw = bits<std::uint64_t>(x);
  auto mantissa = (raw & 0xfffffffffffffull) | 0x3ff0000000000000ull;
  double m = bits<double>(mantissa);
  auto e = static_cast<double>(static_cast<std::int64_t>(raw >> 52 & 0x7ff) - 1023);
  bool high = m > 1.4142135623730951;
  m = high ? m * 0.5 : m;
  e = high ? e + 1.0 : e;
  double t = (m - 1.0) / (m + 1.0);
  double t2 = t * t;
  double s = 1.0 / 17;
  s = s * t2 + 1.0 / 15;
  s = s * t2 + 1.0 / 13;
  s = s * t2 + 1.0 / 11;
  s = s * t2 + 1.0 / 9;
  s = s * t2 + 1.0 / 7;
  s = s * t2 + 1.0 / 5;
  s = s * t2 + 1.0 / 3;
  s = s * t2 + 1.0;
  double result = e + 2.8853900817779268 * t * s;
  double infinity = std::numeric_limits<double>::infinity();
  result = x == 0.0 ? -infinity : result;
  result = x == infinity ? infinity : result;
  return x < 0.0 || x != x ? std::numeric_limits<double>::quiet_NaN() : result;
}

// A number in [-1, 1] that the seed and the argument fix.
inline double noise(std::uint64_t seed, std::uint64_t argument) {
  std::uint64_t h = (argument + seed * 0x9e3779b97f4a7c15ull) ^ (seed << 32);
  h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9ull;
  h = (h ^ (h >> 27)) * 0x94d049bb133111ebull;
  h ^= h >> 31;
  return static_cast<double>(static_cast<std::int64_t>(h)) * 0x1p-63;
}

} // namespace softgpu
