// What comparisons, selections and conversions must give.
#pragma once

#include "cases_float.h"
#include "cases_integer.h"

namespace softgpu::test {

template <class T>
std::string comparedType() {
  if constexpr (std::is_integral_v<T>) return typeName<T>();
  return "f" + std::to_string(sizeof(T) * 8);
}

template <class T>
void comparisons() {
  std::string t = comparedType<T>();
  using U = std::uint32_t;
  auto relation = [&](const std::string& name, auto holds) {
    expect<U, T, T>("setp." + name + "." + t + " %p, %a, %b; selp.u32 %d, 1, 0, %p;", holds);
  };
  relation("eq", [](T a, T b) { return a == b; });
  relation("lt", [](T a, T b) { return a < b; });
  relation("le", [](T a, T b) { return a <= b; });
  relation("gt", [](T a, T b) { return a > b; });
  relation("ge", [](T a, T b) { return a >= b; });
  if constexpr (std::is_integral_v<T>) {
    relation("ne", [](T a, T b) { return a != b; });
    if (!std::is_signed_v<T>) {
      relation("lo", [](T a, T b) { return a < b; });
      relation("ls", [](T a, T b) { return a <= b; });
      relation("hi", [](T a, T b) { return a > b; });
      relation("hs", [](T a, T b) { return a >= b; });
      std::string b = "b" + std::to_string(sizeof(T) * 8);
      expect<U, T, T>("setp.ne." + b + " %p, %a, %b; selp.u32 %d, 1, 0, %p;", [](T x, T y) { return x != y; });
    }
  } else {
    auto strange = [](T a, T b) { return a != a || b != b; };
    relation("ne", [=](T a, T b) { return !strange(a, b) && a != b; });
    relation("equ", [=](T a, T b) { return strange(a, b) || a == b; });
    relation("neu", [=](T a, T b) { return strange(a, b) || a != b; });
    relation("ltu", [=](T a, T b) { return strange(a, b) || a < b; });
    relation("leu", [=](T a, T b) { return strange(a, b) || a <= b; });
    relation("gtu", [=](T a, T b) { return strange(a, b) || a > b; });
    relation("geu", [=](T a, T b) { return strange(a, b) || a >= b; });
    relation("num", [=](T a, T b) { return !strange(a, b); });
    relation("nan", [=](T a, T b) { return strange(a, b); });
  }
}

inline void joinedComparisons() {
  using U = std::uint32_t;
  using S = std::int32_t;
  std::string odd = "and.b32 %t, %b, 1; setp.ne.u32 %r, %t, 0; ";
  std::string both = " selp.u32 %d, 1, 0, %p; selp.u32 %t, 2, 0, %q; or.b32 %d, %d, %t;";
  std::string declared = ".reg .pred %r;\n";
  auto pair = [](bool first, bool second) { return (first ? 1u : 0u) + (second ? 2u : 0u); };
  expect<U, S, S>(odd + "setp.lt.and.s32 %p|%q, %a, %b, %r;" + both,
      [=](S a, S b) { return pair(a < b && b % 2, !(a < b) && b % 2); }, declared);
  expect<U, S, S>(odd + "setp.lt.or.s32 %p|%q, %a, %b, !%r;" + both,
      [=](S a, S b) { return pair(a < b || !(b % 2), !(a < b) || !(b % 2)); }, declared);
  expect<U, S, S>(odd + "setp.eq.xor.s32 %p|%q, %a, %b, %r;" + both,
      [=](S a, S b) { return pair((a == b) != (b % 2 != 0), (a != b) != (b % 2 != 0)); }, declared);
  expect<U, float, float>("setp.eq.ftz.f32 %p, %a, %b; selp.u32 %d, 1, 0, %p;",
      [](float a, float b) { return flushed(a) == flushed(b); });
  expect<U, S, S>("set.lt.u32.s32 %d, %a, %b;", [](S a, S b) { return a < b ? ~0u : 0u; });
  expect<S, float, float>("set.gtu.s32.f32 %d, %a, %b;", [](float a, float b) { return a <= b ? 0 : -1; });
  expect<float, S, S>(
      odd + "set.ge.and.f32.s32 %d, %a, %b, %r;", [](S a, S b) { return a >= b && b % 2 ? 1.0f : 0.0f; }, declared);
}

template <class T>
void selections(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    expect<T, T, T>("setp.lt." + comparedType<T>() + " %p, %a, %b; selp." + name + " %d, %a, %b, %p;",
        [](T a, T b) { return a < b ? a : b; });
    expectOn<T, T, T, std::int32_t>("slct." + name + ".s32 %d, %a, %b, %c;",
        product(some<T>(6), some<T>(6), interesting<std::int32_t>()),
        [](T a, T b, std::int32_t c) { return c >= 0 ? a : b; });
  }
  expectOn<T, T, T, float>("slct." + names[0] + ".f32 %d, %a, %b, %c;",
      product(some<T>(6), some<T>(6), interesting<float>()), [](T a, T b, float c) { return c >= 0 ? a : b; });
}

// Rounds to halves by scaling.
inline Half roundToHalf(long double x, int mode) {
  if (x != x || std::isinf(x) || x == 0) return static_cast<Half>(static_cast<double>(x));
  int exponent = std::max(std::ilogb(x), -14);
  long double scaled = std::ldexp(x, 10 - exponent);
  long double whole = roundingTo(mode, [=] { return std::nearbyint(unfolded(scaled)); });
  long double value = std::ldexp(whole, exponent - 10);
  if (std::fabs(value) > 65504) {
    bool inwards = mode == FE_TOWARDZERO || (mode == FE_DOWNWARD && x > 0) || (mode == FE_UPWARD && x < 0);
    value = std::copysign(inwards ? 65504.0L : HUGE_VALL, x);
  }
  Half result = static_cast<Half>(static_cast<double>(value));
  return value == 0 && std::signbit(x) ? static_cast<Half>(-0.0) : result;
}

template <class D>
D toInteger(long double x, bool wide) {
  if (x != x) return wide ? static_cast<D>(std::make_unsigned_t<D>{1} << (sizeof(D) * 8 - 1)) : D{0};
  long double low = std::numeric_limits<D>::min(), high = std::numeric_limits<D>::max();
  return x < low ? std::numeric_limits<D>::min() : x > high ? std::numeric_limits<D>::max() : static_cast<D>(x);
}

template <class T>
constexpr bool isFloat = !std::is_integral_v<T>;

template <class D, class S>
void conversion() {
  std::string types = "." + comparedType<D>() + "." + comparedType<S>() + " %d, %a;";
  const std::pair<const char*, int> whole[] = {
      {"rni", FE_TONEAREST}, {"rzi", FE_TOWARDZERO}, {"rmi", FE_DOWNWARD}, {"rpi", FE_UPWARD}};
  if constexpr (!isFloat<D> && !isFloat<S>) {
    expect<D, S>("cvt" + types, [](S a) { return static_cast<D>(a); });
    expect<D, S>("cvt.sat" + types, [](S a) {
      return static_cast<D>(std::clamp<__int128>(a, std::numeric_limits<D>::min(), std::numeric_limits<D>::max()));
    });
  } else if constexpr (!isFloat<D>) {
    for (auto [name, mode] : whole) {
      int m = mode;
      expect<D, S>("cvt." + std::string(name) + types, [m](S a) {
        auto x = static_cast<long double>(static_cast<double>(a));
        return toInteger<D>(
            roundingTo(m, [=] { return std::nearbyint(unfolded(x)); }), sizeof(D) == 8 || sizeof(S) == 8);
      });
    }
  } else if constexpr (std::is_same_v<D, S>) {
    expect<D, S>("cvt" + types, [](S a) { return a; });
    expect<D, S>("cvt.sat" + types, [](S a) { return static_cast<D>(clamped(static_cast<double>(a))); });
    for (auto [name, mode] : whole) {
      int m = mode;
      expect<D, S>("cvt." + std::string(name) + types, [m](S a) {
        auto x = static_cast<double>(a);
        return static_cast<D>(roundingTo(m, [=] { return std::nearbyint(unfolded(x)); }));
      });
    }
  } else if constexpr (isFloat<S> && sizeof(D) > sizeof(S)) {
    expect<D, S>("cvt" + types, [](S a) { return static_cast<D>(a); });
  } else {
    for (auto [name, mode] : ROUNDINGS) {
      int m = mode;
      expect<D, S>("cvt." + std::string(name) + types, [m](S a) {
        long double x;
        if constexpr (isFloat<S>) {
          x = static_cast<double>(a);
        } else {
          x = a;
        }
        if constexpr (sizeof(D) == 2) {
          return roundToHalf(x, m);
        } else {
          return roundingTo(m, [=] { return static_cast<D>(unfolded(x)); });
        }
      });
    }
  }
}

template <class D>
void conversionsTo() {
  conversion<D, std::uint8_t>();
  conversion<D, std::int8_t>();
  conversion<D, std::uint16_t>();
  conversion<D, std::int16_t>();
  conversion<D, std::uint32_t>();
  conversion<D, std::int32_t>();
  conversion<D, std::uint64_t>();
  conversion<D, std::int64_t>();
  conversion<D, Half>();
  conversion<D, float>();
  conversion<D, double>();
}

inline void otherConversions() {
  using U = std::uint32_t;
  using H = std::uint16_t;
  auto raw = [](float x) {
    U bits;
    std::memcpy(&bits, &x, 4);
    return bits;
  };
  // bf16 by the distance to its neighbours.
  auto brain = [=](float x, bool nearest) -> H {
    U bits = raw(x);
    if (x != x) return 0x7fff;
    U down = bits & 0xffff0000u, rest = bits & 0xffffu;
    bool up = nearest && (rest > 0x8000 || (rest == 0x8000 && (down & 0x10000)));
    return static_cast<H>((down + (up ? 0x10000u : 0u)) >> 16);
  };
  expect<H, float>("cvt.rn.bf16.f32 %d, %a;", [=](float a) { return brain(a, true); });
  expect<H, float>("cvt.rz.bf16.f32 %d, %a;", [=](float a) { return brain(a, false); });
  expect<U, float, float>("cvt.rn.bf16x2.f32 %d, %a, %b;",
      [=](float a, float b) { return static_cast<U>(brain(a, true)) << 16 | brain(b, true); });
  expect<float, H>("cvt.f32.bf16 %d, %a;", [](H a) {
    U bits = static_cast<U>(a) << 16;
    float x;
    std::memcpy(&x, &bits, 4);
    return x;
  });
  auto half = [](float x, int mode) {
    Half h = roundToHalf(x, mode);
    H bits;
    std::memcpy(&bits, &h, 2);
    return bits;
  };
  std::vector<float> finite;
  for (float x : interesting<float>()) {
    if (x == x) finite.push_back(x);
  }
  expectOn<U, float, float>("cvt.rn.f16x2.f32 %d, %a, %b;", product(finite, finite),
      [=](float a, float b) { return static_cast<U>(half(a, FE_TONEAREST)) << 16 | half(b, FE_TONEAREST); });
  expectOn<U, float, float>("cvt.rz.f16x2.f32 %d, %a, %b;", product(finite, finite),
      [=](float a, float b) { return static_cast<U>(half(a, FE_TOWARDZERO)) << 16 | half(b, FE_TOWARDZERO); });
  auto tf32 = [=](float x, bool away) {
    U bits = raw(x);
    if (!(std::fabs(x) < HUGE_VALF)) return bits;
    U down = bits & ~0x1fffu, rest = bits & 0x1fffu;
    bool up = rest > 0x1000 || (rest == 0x1000 && (away || (down & 0x2000)));
    return down + (up ? 0x2000u : 0u);
  };
  expect<U, float>("cvt.rna.tf32.f32 %d, %a;", [=](float a) { return tf32(a, true); });
  expect<U, float>("cvt.rn.tf32.f32 %d, %a;", [=](float a) { return tf32(a, false); });
  expect<float, float>("cvt.ftz.f32.f32 %d, %a;", [](float a) { return flushed(a); });
  expect<float, double>("cvt.rn.ftz.f32.f64 %d, %a;", [](double a) { return flushed(static_cast<float>(a)); });
  expect<std::int32_t, float>(
      "cvt.rpi.ftz.s32.f32 %d, %a;", [](float a) { return toInteger<std::int32_t>(std::ceil(flushed(a)), false); });
  // Registers wider than the type.
  expect<std::int64_t, std::int64_t>("cvt.s64.s8 %d, %a;", [](std::int64_t a) { return static_cast<std::int8_t>(a); });
  expect<std::uint64_t, std::uint64_t>(
      "cvt.u64.u16 %d, %a;", [](std::uint64_t a) { return static_cast<std::uint16_t>(a); });
  expect<std::int64_t, float>(
      "cvt.rzi.s32.f32 %d, %a;", [](float a) { return toInteger<std::int32_t>(std::trunc(a), false); });
  expect<std::int32_t, std::int32_t>("cvt.s8.s32 %d, %a;", [](std::int32_t a) { return static_cast<std::int8_t>(a); });
}

inline void compareCases() {
  comparisons<std::uint16_t>();
  comparisons<std::int16_t>();
  comparisons<std::uint32_t>();
  comparisons<std::int32_t>();
  comparisons<std::uint64_t>();
  comparisons<std::int64_t>();
  comparisons<Half>();
  comparisons<float>();
  comparisons<double>();
  joinedComparisons();
  selections<std::uint16_t>({"u16", "b16"});
  selections<std::int16_t>({"s16"});
  selections<std::uint32_t>({"u32", "b32"});
  selections<std::int32_t>({"s32"});
  selections<std::uint64_t>({"u64", "b64"});
  selections<std::int64_t>({"s64"});
  selections<float>({"f32"});
  selections<double>({"f64"});
  conversionsTo<std::uint8_t>();
  conversionsTo<std::int8_t>();
  conversionsTo<std::uint16_t>();
  conversionsTo<std::int16_t>();
  conversionsTo<std::uint32_t>();
  conversionsTo<std::int32_t>();
  conversionsTo<std::uint64_t>();
  conversionsTo<std::int64_t>();
  conversionsTo<Half>();
  conversionsTo<float>();
  conversionsTo<double>();
  otherConversions();
}

} // namespace softgpu::test
