// What float instructions must give: the same bits as exact arithmetic rounded once, which long doubles and the host's
// rounding modes supply; approximate functions within the manual's bounds.
#pragma once

#include "snippets.h"

#include <cfenv>

namespace softgpu::test {

// The result of f while the host rounds so.
template <class F>
auto roundingTo(int mode, F f) {
  std::fesetround(mode);
  volatile auto result = f();
  std::fesetround(FE_TONEAREST);
  return result;
}

template <class T>
T unfolded(T x) { // keeps the compiler from computing with x before the rounding mode is set
  volatile T value = x;
  return value;
}

inline const std::pair<const char*, int> ROUNDINGS[] = {
    {"rn", FE_TONEAREST}, {"rz", FE_TOWARDZERO}, {"rm", FE_DOWNWARD}, {"rp", FE_UPWARD}};

template <class T>
T flushed(T x) {
  return std::fabs(x) < std::numeric_limits<T>::min() ? std::copysign(T{0}, x) : x;
}

template <class T>
T clamped(T x) { return x > T{0} ? (x < T{1} ? x : T{1}) : T{0}; }

template <class T>
T smaller(T a, T b, bool larger) {
  if (a != a) return b;
  if (b != b) return a;
  if (a == 0 && b == 0) return std::signbit(static_cast<double>(a)) != larger ? a : b;
  return (larger ? a > b : a < b) ? a : b;
}

template <class T>
void ieee() {
  std::string t = sizeof(T) == 8 ? "f64" : "f32";
  for (auto [name, mode] : ROUNDINGS) {
    std::string r = std::string(".") + name + "." + t;
    int m = mode;
    auto with = [m](auto f) { return roundingTo(m, f); };
    expect<T, T, T>(
        "add" + r + " %d, %a, %b;", [=](T a, T b) { return with([=] { return unfolded(a) + unfolded(b); }); });
    expect<T, T, T>(
        "sub" + r + " %d, %a, %b;", [=](T a, T b) { return with([=] { return unfolded(a) - unfolded(b); }); });
    expect<T, T, T>(
        "mul" + r + " %d, %a, %b;", [=](T a, T b) { return with([=] { return unfolded(a) * unfolded(b); }); });
    expect<T, T, T>(
        "div" + r + " %d, %a, %b;", [=](T a, T b) { return with([=] { return unfolded(a) / unfolded(b); }); });
    expect<T, T, T, T>("fma" + r + " %d, %a, %b, %c;",
        [=](T a, T b, T c) { return with([=] { return std::fma(unfolded(a), unfolded(b), unfolded(c)); }); });
    expect<T, T, T, T>("mad" + r + " %d, %a, %b, %c;",
        [=](T a, T b, T c) { return with([=] { return std::fma(unfolded(a), unfolded(b), unfolded(c)); }); });
    expect<T, T>("rcp" + r + " %d, %a;", [=](T a) { return with([=] { return T{1} / unfolded(a); }); });
    expect<T, T>("sqrt" + r + " %d, %a;", [=](T a) { return with([=] { return std::sqrt(unfolded(a)); }); });
  }
  expect<T, T, T>("add." + t + " %d, %a, %b;", [](T a, T b) { return a + b; });
  expect<T, T>("abs." + t + " %d, %a;", [](T a) { return std::fabs(a); });
  expect<T, T>("neg." + t + " %d, %a;", [](T a) { return -a; });
  expect<T, T, T>("min." + t + " %d, %a, %b;", [](T a, T b) { return smaller(a, b, false); });
  expect<T, T, T>("max." + t + " %d, %a, %b;", [](T a, T b) { return smaller(a, b, true); });
  expect<T, T, T>("copysign." + t + " %d, %a, %b;", [](T a, T b) { return std::copysign(b, a); });
  std::string chosen = " selp.u32 %d, 1, 0, %p;";
  expect<std::uint32_t, T>("testp.finite." + t + " %p, %a;" + chosen, [](T a) { return std::isfinite(a); });
  expect<std::uint32_t, T>("testp.infinite." + t + " %p, %a;" + chosen, [](T a) { return std::isinf(a); });
  expect<std::uint32_t, T>("testp.number." + t + " %p, %a;" + chosen, [](T a) { return !std::isnan(a); });
  expect<std::uint32_t, T>("testp.notanumber." + t + " %p, %a;" + chosen, [](T a) { return std::isnan(a); });
  expect<std::uint32_t, T>("testp.normal." + t + " %p, %a;" + chosen, [](T a) { return std::isnormal(a); });
  expect<std::uint32_t, T>("testp.subnormal." + t + " %p, %a;" + chosen,
      [](T a) { return std::fpclassify(a) == FP_SUBNORMAL; });
}

inline void flushing() {
  using F = float;
  expect<F, F, F>("add.ftz.f32 %d, %a, %b;", [](F a, F b) { return flushed(flushed(a) + flushed(b)); });
  expect<F, F, F>("mul.rn.ftz.f32 %d, %a, %b;", [](F a, F b) { return flushed(flushed(a) * flushed(b)); });
  expect<F, F, F>("mul.rz.ftz.f32 %d, %a, %b;", [](F a, F b) {
    return flushed(roundingTo(FE_TOWARDZERO, [=] { return unfolded(flushed(a)) * unfolded(flushed(b)); }));
  });
  expect<F, F, F>("add.sat.f32 %d, %a, %b;", [](F a, F b) { return clamped(a + b); });
  expect<F, F, F, F>("fma.rn.ftz.sat.f32 %d, %a, %b, %c;",
      [](F a, F b, F c) { return clamped(flushed(std::fma(flushed(a), flushed(b), flushed(c)))); });
  expect<F, F, F>("div.rn.ftz.f32 %d, %a, %b;", [](F a, F b) { return flushed(flushed(a) / flushed(b)); });
  expect<F, F>("abs.ftz.f32 %d, %a;", [](F a) { return flushed(std::fabs(a)); });
  expect<F, F>("neg.ftz.f32 %d, %a;", [](F a) { return flushed(-a); });
  expect<F, F, F>("min.ftz.f32 %d, %a, %b;", [](F a, F b) { return smaller(flushed(a), flushed(b), false); });
  expect<F, F, F>("max.NaN.f32 %d, %a, %b;", [](F a, F b) { return a != a || b != b ? NAN : smaller(a, b, true); });
  expect<F, F, F>("min.NaN.f32 %d, %a, %b;", [](F a, F b) { return a != a || b != b ? NAN : smaller(a, b, false); });
}

inline void halves() {
  using H = Half;
  using U = std::uint32_t;
  auto narrow = [](double x) { return static_cast<H>(x); };
  expect<H, H, H>("add.f16 %d, %a, %b;", [=](H a, H b) { return narrow(double(a) + double(b)); });
  expect<H, H, H>("sub.rn.f16 %d, %a, %b;", [=](H a, H b) { return narrow(double(a) - double(b)); });
  expect<H, H, H>("mul.f16 %d, %a, %b;", [=](H a, H b) { return narrow(double(a) * double(b)); });
  expect<H, H, H, H>(
      "fma.rn.f16 %d, %a, %b, %c;", [=](H a, H b, H c) { return narrow(double(a) * double(b) + double(c)); });
  expect<H, H, H>("add.sat.f16 %d, %a, %b;", [=](H a, H b) { return narrow(clamped(double(a) + double(b))); });
  expect<H, H>("abs.f16 %d, %a;", [=](H a) { return narrow(std::fabs(double(a))); });
  expect<H, H>("neg.f16 %d, %a;", [=](H a) { return narrow(-double(a)); });
  expect<H, H, H>("min.f16 %d, %a, %b;", [=](H a, H b) { return narrow(smaller(double(a), double(b), false)); });
  expect<H, H, H>("max.f16 %d, %a, %b;", [=](H a, H b) { return narrow(smaller(double(a), double(b), true)); });
  // Packed: %a holds numbers, NaNs left out since their bits are compared.
  std::vector<U> packed;
  for (double low : {0.0, -1.5, 0.1, 100.0, 6e-8, 1000.0}) {
    for (double high : {1.0, -0.0, 3.25, -200.0, 0.333}) {
      Half parts[] = {static_cast<Half>(low), static_cast<Half>(high)};
      U both;
      std::memcpy(&both, parts, 4);
      packed.push_back(both);
    }
  }
  auto each = [](auto f) {
    return [f](auto... x) {
      U result = 0;
      for (int k = 0; k < 2; ++k) {
        auto part = [k](U both) {
          auto raw = static_cast<std::uint16_t>(both >> 16 * k);
          Half value;
          std::memcpy(&value, &raw, 2);
          return double(value);
        };
        Half value = static_cast<Half>(f(part(x)...));
        std::uint16_t raw;
        std::memcpy(&raw, &value, 2);
        result |= static_cast<U>(raw) << 16 * k;
      }
      return result;
    };
  };
  auto pairs = product(packed, packed);
  expectOn<U, U, U>("add.f16x2 %d, %a, %b;", pairs, each([](double a, double b) { return a + b; }));
  expectOn<U, U, U>("sub.f16x2 %d, %a, %b;", pairs, each([](double a, double b) { return a - b; }));
  expectOn<U, U, U>("mul.f16x2 %d, %a, %b;", pairs, each([](double a, double b) { return a * b; }));
  expectOn<U, U, U>("min.f16x2 %d, %a, %b;", pairs, each([](double a, double b) { return smaller(a, b, false); }));
  expectOn<U, U, U>("max.f16x2 %d, %a, %b;", pairs, each([](double a, double b) { return smaller(a, b, true); }));
  expectOn<U, U, U, U>("fma.rn.f16x2 %d, %a, %b, %c;", product(packed, packed, packed),
      each([](double a, double b, double c) { return a * b + c; }));
  expectOn<U, U>("abs.f16x2 %d, %a;", product(packed), each([](double a) { return std::fabs(a); }));
  expectOn<U, U>("neg.f16x2 %d, %a;", product(packed), each([](double a) { return -a; }));
  expectOn<U, U>("ex2.approx.f16x2 %d, %a;", product(packed), each([](double a) { return std::exp2(a); }));
  expectOn<U, U>("tanh.approx.f16x2 %d, %a;", product(packed), each([](double a) { return std::tanh(a); }));
  expect<H, H>("ex2.approx.f16 %d, %a;", [=](H a) { return narrow(std::exp2(double(a))); });
  expect<H, H>("tanh.approx.f16 %d, %a;", [=](H a) { return narrow(std::tanh(double(a))); });
}

// Within relative * |exact| + absolute; infinities and NaNs exactly, and zeros that are not within an absolute bound.
template <class F>
void expectNear(const std::string& code, double relative, double absolute, F exact, std::vector<float> arguments,
    bool flushes = false) {
  for (bool perturbed : {false, true}) {
    Options options;
    options.check = perturbed;
    options.seed = perturbed ? 7 : 0;
    int moved = 0;
    runSnippet<float, float>(
        code, product(arguments), "",
        [&](float got, const std::tuple<float>& row, std::string& text) {
          float x = flushes ? flushed(std::get<0>(row)) : std::get<0>(row);
          double wanted = exact(static_cast<double>(x));
          text = "about " + show(wanted);
          moved += got != static_cast<float>(wanted);
          auto narrow = static_cast<float>(wanted);
          bool isExactZero = narrow == 0 && (x == 0 || absolute == 0);
          if (!(std::fabs(narrow) < HUGE_VALF) || isExactZero) return sameValue(got, narrow);
          if (flushes && flushed(narrow) != narrow) return got == 0;
          double slack = perturbed ? 1.001 : 0; // what is not moved is nearest or beside it
          double halfPlace = std::fabs(narrow) * 0x1p-24 + 0x1p-149;
          return std::fabs(got - wanted) <= slack * (relative * std::fabs(wanted) + absolute) + halfPlace * 1.02;
        },
        options);
    if (perturbed) check(moved * 2 > static_cast<int>(arguments.size()), code + " is not moved by a seed");
  }
}

// What the manual's tables of special arguments say stays so whatever the seed.
inline void statedResults() {
  const float most = HUGE_VALF;
  const float small = std::numeric_limits<float>::denorm_min();
  const float smaller = 1e-39f;
  for (unsigned seed = 1; seed <= 8; ++seed) {
    Options options;
    options.check = true;
    options.seed = seed;
    auto stated = [&](const std::string& code, std::vector<float> arguments, auto wanted) {
      runSnippet<float, float>(
          code, product(arguments), "",
          [&](float got, const std::tuple<float>& row, std::string& text) {
            float value = wanted(std::get<0>(row));
            text = show(value) + " with seed " + std::to_string(seed);
            return sameValue(got, value);
          },
          options);
    };
    auto one = [](float) { return 1.0f; };
    for (std::string f : {".f32 %d, %a;", ".ftz.f32 %d, %a;"}) {
      stated("ex2.approx" + f, {0.0f, -0.0f, small, -small, smaller, -smaller}, one);
      stated("cos.approx" + f, {0.0f, -0.0f, small, -small, smaller, -smaller}, one);
      stated("sin.approx" + f, {0.0f, -0.0f}, [](float x) { return x; });
      stated("sqrt.approx" + f, {0.0f, -0.0f, most}, [](float x) { return x; });
      stated("rsqrt.approx" + f, {0.0f, -0.0f, most}, [](float x) { return 1 / x; });
      stated("rcp.approx" + f, {0.0f, -0.0f, most, -most}, [](float x) { return 1 / x; });
      stated("lg2.approx" + f, {0.0f, -0.0f, most}, [](float x) { return std::log2(x); });
    }
    stated("tanh.approx.f32 %d, %a;", {0.0f, -0.0f, small, -small, smaller, -smaller}, [](float x) { return x; });
    stated("tanh.approx.f32 %d, %a;", {most, -most}, [](float x) { return std::copysign(1.0f, x); });
  }
}

inline void approximations() {
  std::vector<float> all;
  for (float x : numbers(200, 3)) {
    all.push_back(x);
    all.push_back(x * 6);
    all.push_back(std::ldexp(x, static_cast<int>(x * 60)));
  }
  std::vector<float> edges = interesting<float>();
  std::vector<float> angles, large;
  for (float x : numbers(300, 4)) {
    angles.push_back(x * 6.28f);
    large.push_back(x * 314);
  }
  std::vector<float> positive;
  for (float x : all) positive.push_back(std::fabs(x));
  std::vector<float> everything = all;
  everything.insert(everything.end(), edges.begin(), edges.end());
  std::vector<float> roots = positive;
  roots.insert(roots.end(), edges.begin(), edges.end());
  for (bool ftz : {false, true}) {
    std::string f = ftz ? ".ftz.f32 %d, %a;" : ".f32 %d, %a;";
    expectNear("ex2.approx" + f, 0x1p-22, 0, [](double x) { return std::exp2(x); }, everything, ftz);
    expectNear("lg2.approx" + f, 0x1p-22, 0x1p-22, [](double x) { return std::log2(x); }, roots, ftz);
    expectNear("rcp.approx" + f, 0x1p-23, 0, [](double x) { return 1 / x; }, everything, ftz);
    expectNear("sqrt.approx" + f, 0x1p-23, 0, [](double x) { return std::sqrt(x); }, roots, ftz);
    expectNear("rsqrt.approx" + f, 0x1p-22, 0, [](double x) { return 1 / std::sqrt(x); }, roots, ftz);
    expectNear("sin.approx" + f, 0, 0x1p-20 * 0.7072, [](double x) { return std::sin(x); }, angles, ftz);
    expectNear("sin.approx" + f, 0, 0x1p-14 * 0.6156, [](double x) { return std::sin(x); }, large, ftz);
    expectNear("cos.approx" + f, 0, 0x1p-20 * 0.7072, [](double x) { return std::cos(x); }, angles, ftz);
    expectNear("cos.approx" + f, 0, 0x1p-14 * 0.6156, [](double x) { return std::cos(x); }, large, ftz);
    expectNear(
        "div.approx" + std::string(ftz ? ".ftz" : "") + ".f32 %d, 0f40400000, %a;", 0x1p-22, 0,
        [](double x) { return 3 / x; }, everything, ftz);
    expectNear(
        "div.full" + std::string(ftz ? ".ftz" : "") + ".f32 %d, 0f40400000, %a;", 0x1p-22, 0,
        [](double x) { return 3 / x; }, everything, ftz);
  }
  expectNear("tanh.approx.f32 %d, %a;", 0x1p-11, 0, [](double x) { return std::tanh(x); }, everything);
  auto highWord = [](double x) {
    std::uint64_t raw;
    std::memcpy(&raw, &x, 8);
    raw &= 0xffffffff00000000ull;
    std::memcpy(&x, &raw, 8);
    return x;
  };
  expect<double, double>(
      "rcp.approx.ftz.f64 %d, %a;", [=](double a) { return highWord(flushed(1 / flushed(highWord(a)))); });
  expect<double, double>("rsqrt.approx.ftz.f64 %d, %a;", [=](double a) {
    double x = flushed(highWord(a));
    return highWord(x == 0 ? 1 / x : 1 / std::sqrt(x));
  });
  expect<double, double>("rsqrt.approx.f64 %d, %a;", [](double a) { return 1 / std::sqrt(a); });
}

inline void floatCases() {
  ieee<float>();
  ieee<double>();
  flushing();
  halves();
  approximations();
  statedResults();
}

} // namespace softgpu::test
