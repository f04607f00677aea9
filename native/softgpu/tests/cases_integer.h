// What integer instructions must give.
#pragma once

#include "snippets.h"

namespace softgpu::test {

template <class T>
std::string typeName() {
  return (std::is_signed_v<T> ? "s" : "u") + std::to_string(sizeof(T) * 8);
}

template <class T>
using Wide = std::conditional_t<std::is_signed_v<T>, __int128, unsigned __int128>;

template <class T>
void arithmetic() {
  std::string t = typeName<T>();
  constexpr int bits = sizeof(T) * 8;
  expect<T, T, T>("add." + t + " %d, %a, %b;", [](T a, T b) { return static_cast<T>(Wide<T>(a) + b); });
  expect<T, T, T>("sub." + t + " %d, %a, %b;", [](T a, T b) { return static_cast<T>(Wide<T>(a) - b); });
  expect<T, T, T>("mul.lo." + t + " %d, %a, %b;", [](T a, T b) { return static_cast<T>(Wide<T>(a) * Wide<T>(b)); });
  expect<T, T, T>(
      "mul.hi." + t + " %d, %a, %b;", [](T a, T b) { return static_cast<T>(Wide<T>(a) * Wide<T>(b) >> bits); });
  expect<T, T, T, T>(
      "mad.lo." + t + " %d, %a, %b, %c;", [](T a, T b, T c) { return static_cast<T>(Wide<T>(a) * Wide<T>(b) + c); });
  expect<T, T, T, T>("mad.hi." + t + " %d, %a, %b, %c;",
      [](T a, T b, T c) { return static_cast<T>((Wide<T>(a) * Wide<T>(b) >> bits) + c); });
  expect<T, T, T, T>("sad." + t + " %d, %a, %b, %c;",
      [](T a, T b, T c) { return static_cast<T>(Wide<T>(c) + (a > b ? Wide<T>(a) - b : Wide<T>(b) - a)); });
  std::vector<T> divisors = interesting<T>();
  divisors.erase(std::remove(divisors.begin(), divisors.end(), T{0}), divisors.end());
  expectOn<T, T, T>("div." + t + " %d, %a, %b;", product(interesting<T>(), divisors),
      [](T a, T b) { return static_cast<T>(Wide<T>(a) / b); });
  expectOn<T, T, T>("rem." + t + " %d, %a, %b;", product(interesting<T>(), divisors),
      [](T a, T b) { return static_cast<T>(Wide<T>(a) % b); });
  expect<T, T, T>("min." + t + " %d, %a, %b;", [](T a, T b) { return std::min(a, b); });
  expect<T, T, T>("max." + t + " %d, %a, %b;", [](T a, T b) { return std::max(a, b); });
  if constexpr (std::is_signed_v<T>) {
    expect<T, T>("abs." + t + " %d, %a;", [](T a) { return static_cast<T>(a < 0 ? -Wide<T>(a) : Wide<T>(a)); });
    expect<T, T>("neg." + t + " %d, %a;", [](T a) { return static_cast<T>(-Wide<T>(a)); });
  }
  auto shifted = [](T a, std::uint32_t n) {
    return n >= bits ? static_cast<T>(a < T{0} ? -1 : 0) : static_cast<T>(a >> n);
  };
  expect<T, T, std::uint32_t>("shr." + t + " %d, %a, %b;", shifted);
  if (!std::is_signed_v<T>) expect<T, T, std::uint32_t>("shr.b" + std::to_string(bits) + " %d, %a, %b;", shifted);
  if constexpr (sizeof(T) <= 4) {
    using D = std::conditional_t<std::is_signed_v<T>, std::conditional_t<sizeof(T) == 2, std::int32_t, std::int64_t>,
        std::conditional_t<sizeof(T) == 2, std::uint32_t, std::uint64_t>>;
    expect<D, T, T>("mul.wide." + t + " %d, %a, %b;",
        [](T a, T b) { return static_cast<D>(static_cast<D>(a) * static_cast<D>(b)); });
    expect<D, T, T, D>("mad.wide." + t + " %d, %a, %b, %c;",
        [](T a, T b, D c) { return static_cast<D>(Wide<T>(a) * b + Wide<T>(c)); });
  }
  if constexpr (sizeof(T) >= 4) {
    expect<std::uint32_t, T>("bfind." + t + " %d, %a;", [](T a) {
      for (int i = bits - 1; i >= 0; --i) {
        if ((a >> i & 1) != (a < T{0} ? 1 : 0)) return i;
      }
      return -1;
    });
    expect<std::uint32_t, T>("bfind.shiftamt." + t + " %d, %a;", [](T a) {
      for (int i = bits - 1; i >= 0; --i) {
        if ((a >> i & 1) != (a < T{0} ? 1 : 0)) return bits - 1 - i;
      }
      return -1;
    });
    expectOn<T, T, std::uint32_t, std::uint32_t>("bfe." + t + " %d, %a, %b, %c;",
        product(interesting<T>(), std::vector<std::uint32_t>{0, 1, 7, 31, 32, 63, 64, 255},
            std::vector<std::uint32_t>{0, 1, 5, 31, 32, 64, 200}),
        [](T a, std::uint32_t pos, std::uint32_t len) {
          // The manual's loop, bit by bit.
          std::uint32_t top = bits - 1;
          bool sign = std::is_signed_v<T> && len != 0 && (a >> std::min(pos + len - 1, top) & 1);
          std::make_unsigned_t<T> d = 0;
          for (std::uint32_t i = 0; i <= top; ++i) {
            bool bit = i < len && pos + i <= top ? a >> (pos + i) & 1 : sign;
            d |= static_cast<std::make_unsigned_t<T>>(bit) << i;
          }
          return static_cast<T>(d);
        });
    using U = std::make_unsigned_t<T>;
    for (bool subtracts : {false, true}) {
      std::string op = subtracts ? "sub" : "add";
      // The sum of two numbers of twice the bits; %a and %b are both halves of each.
      expect<T, T, T>(op + ".cc." + t + " %x, %a, %b; " + op + "c.cc." + t + " %d, %b, %a;", [subtracts](T a, T b) {
        unsigned __int128 x = (static_cast<unsigned __int128>(static_cast<U>(b)) << (bits / 2)) << (bits / 2);
        unsigned __int128 y = (static_cast<unsigned __int128>(static_cast<U>(a)) << (bits / 2)) << (bits / 2);
        x |= static_cast<U>(a);
        y |= static_cast<U>(b);
        return static_cast<T>((subtracts ? x - y : x + y) >> (bits / 2) >> (bits / 2));
      }, std::string(".reg .") + registerType<T>() + " %x;\n");
    }
  }
}

template <class T>
void bitwise() {
  std::string t = "b" + std::to_string(sizeof(T) * 8);
  constexpr std::uint32_t bits = sizeof(T) * 8;
  expect<T, T, T>("and." + t + " %d, %a, %b;", [](T a, T b) { return a & b; });
  expect<T, T, T>("or." + t + " %d, %a, %b;", [](T a, T b) { return a | b; });
  expect<T, T, T>("xor." + t + " %d, %a, %b;", [](T a, T b) { return a ^ b; });
  expect<T, T>("not." + t + " %d, %a;", [](T a) { return ~a; });
  expect<T, T>("cnot." + t + " %d, %a;", [](T a) { return a == 0; });
  expect<T, T, std::uint32_t>(
      "shl." + t + " %d, %a, %b;", [](T a, std::uint32_t n) { return n >= bits ? T{0} : static_cast<T>(a << n); });
  if constexpr (sizeof(T) >= 4) {
    auto count = [](T a) {
      int ones = 0;
      for (; a; a >>= 1) ones += a & 1;
      return ones;
    };
    expect<std::uint32_t, T>("popc." + t + " %d, %a;", count);
    expect<std::uint32_t, T>("clz." + t + " %d, %a;", [](T a) {
      int zeros = 0;
      for (int i = bits - 1; i >= 0 && !(a >> i & 1); --i) ++zeros;
      return zeros;
    });
    expect<T, T>("brev." + t + " %d, %a;", [](T a) {
      T result = 0;
      for (std::uint32_t i = 0; i < bits; ++i) result |= (a >> i & 1) << (bits - 1 - i);
      return result;
    });
    expectOn<T, T, T, std::uint32_t>("shr.u32 %t, %c, 8; bfi." + t + " %d, %a, %b, %c, %t;",
        product(
            some<T>(8), some<T>(8), std::vector<std::uint32_t>{0, 0x100, 0x501, 0x803, 0x2000, 0x4000, 0x1f1f, 0x4520}),
        [](T a, T b, std::uint32_t c) {
          std::uint32_t pos = c & 0xff, len = c >> 8;
          for (std::uint32_t i = 0; i < len && pos + i < bits; ++i) {
            b = static_cast<T>((b & ~(T{1} << (pos + i))) | ((i < bits ? a >> i & 1 : 0) << (pos + i)));
          }
          return b;
        });
  }
}

inline void integerForms() {
  using U = std::uint32_t;
  using S = std::int32_t;
  expect<S, S, S>(
      "add.sat.s32 %d, %a, %b;", [](S a, S b) { return std::clamp<long long>(0ll + a + b, INT32_MIN, INT32_MAX); });
  expect<S, S, S>(
      "sub.sat.s32 %d, %a, %b;", [](S a, S b) { return std::clamp<long long>(0ll + a - b, INT32_MIN, INT32_MAX); });
  auto low = [](S x) { return static_cast<long long>(x << 8 >> 8); };
  expect<S, S, S>("mul24.lo.s32 %d, %a, %b;", [low](S a, S b) { return static_cast<S>(low(a) * low(b)); });
  expect<S, S, S>("mul24.hi.s32 %d, %a, %b;", [low](S a, S b) { return static_cast<S>(low(a) * low(b) >> 16); });
  expect<U, U, U>(
      "mul24.lo.u32 %d, %a, %b;", [](U a, U b) { return static_cast<U>((a & 0xffffffull) * (b & 0xffffffull)); });
  expect<U, U, U>(
      "mul24.hi.u32 %d, %a, %b;", [](U a, U b) { return static_cast<U>((a & 0xffffffull) * (b & 0xffffffull) >> 16); });
  for (int table : {0x80, 0x96, 0xe8, 0xca, 0x1d}) {
    expect<U, U, U, U>("lop3.b32 %d, %a, %b, %c, " + std::to_string(table) + ";", [table](U a, U b, U c) {
      U d = 0;
      for (int i = 0; i < 32; ++i)
        d |= static_cast<U>(table >> ((a >> i & 1) * 4 + (b >> i & 1) * 2 + (c >> i & 1)) & 1) << i;
      return d;
    });
  }
  auto byteOf = [](U a, U b, U k) {
    return static_cast<U>(((static_cast<std::uint64_t>(b) << 32 | a) >> (8 * k)) & 0xff);
  };
  expectOn<U, U, U, U>("prmt.b32 %d, %a, %b, %c;",
      product(some<U>(9), some<U>(9), std::vector<U>{0x3210, 0x7654, 0x0123, 0x8888, 0xfa50, 0x5410, 0x7632}),
      [=](U a, U b, U c) {
        U d = 0;
        for (int i = 0; i < 4; ++i) {
          U s = c >> (4 * i) & 15, byte = byteOf(a, b, s & 7);
          d |= (s & 8 ? (byte & 0x80 ? 0xff : 0) : byte) << (8 * i);
        }
        return d;
      });
  struct Mode {
    const char* name;
    std::function<int(int, int)> source; // of byte i in mode n
  };
  Mode modes[] = {{"f4e", [](int n, int i) { return n + i; }}, {"b4e", [](int n, int i) { return (n - i) & 7; }},
      {"rc8", [](int n, int) { return n; }}, {"ecl", [](int n, int i) { return std::max(n, i); }},
      {"ecr", [](int n, int i) { return std::min(n, i); }}, {"rc16", [](int n, int i) { return (n & 1) * 2 + i % 2; }}};
  for (const Mode& mode : modes) {
    expectOn<U, U, U, U>(std::string("prmt.b32.") + mode.name + " %d, %a, %b, %c;",
        product(some<U>(9), some<U>(9), std::vector<U>{0, 1, 2, 3, 6}), [&](U a, U b, U c) {
          U d = 0;
          for (int i = 0; i < 4; ++i) d |= byteOf(a, b, static_cast<U>(mode.source(c & 3, i))) << (8 * i);
          return d;
        });
  }
  for (bool wraps : {false, true}) {
    std::string kind = wraps ? "wrap" : "clamp";
    auto amount = [wraps](U c) { return wraps ? c & 31 : std::min(c, 32u); };
    expect<U, U, U, U>("shf.l." + kind + ".b32 %d, %a, %b, %c;", [=](U a, U b, U c) {
      return static_cast<U>((static_cast<unsigned __int128>(b) << 32 | a) << amount(c) >> 32);
    });
    expect<U, U, U, U>("shf.r." + kind + ".b32 %d, %a, %b, %c;", [=](U a, U b, U c) {
      return static_cast<U>((static_cast<unsigned __int128>(b) << 32 | a) >> amount(c));
    });
  }
  expect<U, U, U, U>("dp4a.u32.u32 %d, %a, %b, %c;", [](U a, U b, U c) {
    for (int k = 0; k < 4; ++k) c += (a >> 8 * k & 255) * (b >> 8 * k & 255);
    return c;
  });
  expect<S, S, S, S>("dp4a.s32.s32 %d, %a, %b, %c;", [](S a, S b, S c) {
    long long sum = c;
    for (int k = 0; k < 4; ++k) sum += static_cast<std::int8_t>(a >> 8 * k) * static_cast<std::int8_t>(b >> 8 * k);
    return static_cast<S>(sum);
  });
  // Predicates: and, or, xor, not, mov; also negated operands.
  auto bit = [](U x, int i) { return (x >> i & 1) != 0; };
  std::string predicates = "and.b32 %t, %a, 1; setp.ne.u32 %p, %t, 0; and.b32 %t, %b, 1; setp.ne.u32 %q, %t, 0; ";
  std::string result = " selp.u32 %d, 1, 0, %r;";
  std::string declared = ".reg .pred %r;\n";
  expect<U, U, U>(
      predicates + "and.pred %r, %p, %q;" + result, [=](U a, U b) { return bit(a, 0) && bit(b, 0); }, declared);
  expect<U, U, U>(
      predicates + "or.pred %r, %p, !%q;" + result, [=](U a, U b) { return bit(a, 0) || !bit(b, 0); }, declared);
  expect<U, U, U>(
      predicates + "xor.pred %r, %p, %q;" + result, [=](U a, U b) { return bit(a, 0) != bit(b, 0); }, declared);
  expect<U, U, U>(predicates + "not.pred %r, %p;" + result, [=](U a, U) { return !bit(a, 0); }, declared);
  expect<U, U, U>(predicates + "mov.pred %r, %q;" + result, [=](U, U b) { return bit(b, 0); }, declared);
}

inline void moves() {
  using U = std::uint32_t;
  expect<std::uint16_t, std::uint16_t>(
      "mov.b16 %x, %a; mov.u16 %y, %x; mov.s16 %z, %y; mov.f16 %d, %z;", [](std::uint16_t a) { return a; },
      ".reg .b16 %x, %y, %z;\n");
  expect<U, U>("mov.b32 %x, %a; mov.u32 %y, %x; mov.s32 %d, %y;", [](U a) { return a; }, ".reg .b32 %x, %y;\n");
  expect<float, float>("mov.f32 %d, %a;", [](float a) { return a; });
  expect<double, double>("mov.f64 %d, %a;", [](double a) { return a; });
  using W = std::uint64_t;
  expect<W, W>("mov.b64 %x, %a; mov.u64 %y, %x; mov.s64 %d, %y;", [](W a) { return a; }, ".reg .b64 %x, %y;\n");
  expect<W, U, U>("mov.b64 %d, {%a, %b};", [](U a, U b) { return static_cast<W>(b) << 32 | a; });
  expect<W, W>(
      "mov.b64 {%x, %y}, %a; mov.b64 %d, {%y, %x};", [](W a) { return a << 32 | a >> 32; }, ".reg .b32 %x, %y;\n");
  expect<U, U>(
      "mov.b32 {%x, %y}, %a; mov.b32 %d, {%y, %x};", [](U a) { return a << 16 | a >> 16; }, ".reg .b16 %x, %y;\n");
  expect<W, W>(
      "mov.b64 {%x, %y, %z, %s}, %a; mov.b64 %d, {%s, %z, %y, %x};",
      [](W a) { return a << 48 | (a & 0xffff0000) << 16 | (a >> 16 & 0xffff0000) | a >> 48; },
      ".reg .b16 %x, %y, %z, %s;\n");
  expect<U, U>("mov.u32 %d, 0x2A;", [](U) { return 42u; });
  expect<float, float>("mov.f32 %d, 0fC0200000;", [](float) { return -2.5f; });
  expect<double, double>("mov.f64 %d, 0dC004000000000000;", [](double) { return -2.5; });
}

inline void integerCases() {
  arithmetic<std::uint16_t>();
  arithmetic<std::int16_t>();
  arithmetic<std::uint32_t>();
  arithmetic<std::int32_t>();
  arithmetic<std::uint64_t>();
  arithmetic<std::int64_t>();
  bitwise<std::uint16_t>();
  bitwise<std::uint32_t>();
  bitwise<std::uint64_t>();
  integerForms();
  moves();
}

} // namespace softgpu::test
