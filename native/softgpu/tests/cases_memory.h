// What loads, stores and atomics of all spaces must give.
#pragma once

#include "cases_compare.h"

namespace softgpu::test {

// T through memory of each space, from a register of type R into one.
template <class T, class R>
void throughMemory(const std::string& type) {
  struct Place {
    const char* space;
    const char* address;
  };
  std::string declared =
      ".local .align 8 .b8 depot[64];\n.shared .align 8 .b8 tile[4096];\n.reg .b32 %s;\n.reg .b64 %l, %g;\n";
  std::string addresses =
      "mov.u32 %t, %tid.x; shl.b32 %t, %t, 3; mov.u32 %s, tile; add.u32 %s, %s, %t; mov.u64 %l, depot; "
      "cvta.shared.u64 %w, tile; mul.wide.u32 %g, %t, 1; add.s64 %w, %w, %g; cvta.local.u64 %g, %l; ";
  for (Place place : {Place{"global", "[%at]"}, Place{"shared", "[%s]"}, Place{"shared", "[tile+8]"},
           Place{"local", "[%l+16]"}, Place{"local", "[depot+8]"}, Place{"", "[%w]"}, Place{"", "[%g+24]"},
           Place{"volatile.global", "[%at]"}, Place{"relaxed.gpu.global", "[%at]"}}) {
    std::string space = place.space[0] ? std::string(".") + place.space : "";
    bool uniform = std::string(place.address) == "[tile+8]"; // all threads write the same place: the values must agree
    std::string value = uniform ? "mov." + std::string(registerType<R>()) + " %x, 7;"
                                : "mov." + std::string(registerType<R>()) + " %x, %a;";
    if (std::is_floating_point_v<R>)
      value = "mov." + std::string(registerType<R>())
          + (uniform ? (sizeof(R) == 8 ? " %x, 0d401C000000000000;" : " %x, 0f40E00000;") : " %x, %a;");
    expect<R, R>(
        addresses + value + " st" + space + "." + type + " " + place.address + ", %x; ld" + space + "." + type + " %d, "
            + place.address + ";",
        [uniform](R a) { return static_cast<R>(static_cast<T>(uniform ? R{7} : a)); },
        declared + ".reg ." + registerType<R>() + " %x;\n");
  }
  expect<R, R>("st.global.wb." + type + " [%at], %a; prefetch.global.L1 [%at]; ld.global.ca." + type + " %d, [%at];",
      [](R a) { return static_cast<R>(static_cast<T>(a)); });
}

inline void vectors() {
  using U = std::uint32_t;
  using W = std::uint64_t;
  std::string declared =
      ".local .align 16 .b8 depot[64];\n.shared .align 16 .b8 tile[8192];\n.reg .b32 %x, %y, %z, %s;\n.reg .b64 %g, "
      "%h;\n"
      ".reg .b16 %k, %m;\n.reg .f32 %f, %e;\n";
  std::string tile = "mov.u32 %t, %tid.x; shl.b32 %t, %t, 5; mov.u32 %s, tile; add.u32 %s, %s, %t; ";
  auto mix = [](U a, U b) { return a - b * 3; };
  std::string sum = " mul.lo.u32 %x, %x, 3; sub.u32 %d, %y, %x;";
  expect<U, U, U>(tile + "st.shared.v2.u32 [%s], {%b, %a}; ld.shared.v2.b32 {%x, %y}, [%s];" + sum, mix, declared);
  expect<U, U, U>(tile + "st.shared.v4.b32 [%s+16], {%b, 5, %a, %b}; ld.shared.v4.u32 {%x, %z, %y, %z}, [%s+16];" + sum,
      mix, declared);
  expect<U, U, U>(
      "st.local.v4.b32 [depot], {%b, 5, %a, %b}; ld.local.v2.b32 {%y, %x}, [depot+8];" + sum, mix, declared);
  expect<U, U, U>("st.local.v4.u8 [depot], {%b, %a, %a, %b}; ld.local.v2.u16 {%k, %m}, [depot]; mov.b32 %d, {%k, %m};",
      [](U a, U b) { return (b & 255) | (a & 255) << 8 | (a & 255) << 16 | b << 24; }, declared);
  expect<W, W, W>("st.local.v2.u64 [depot+16], {%b, %a}; ld.local.v2.b64 {%g, %h}, [depot+16]; sub.u64 %d, %h, %g;",
      [](W a, W b) { return a - b; }, declared);
  expect<float, float, float>(
      "st.local.v2.f32 [depot+16], {%b, %a}; ld.local.v2.f32 {%f, %e}, [depot+16]; sub.f32 %d, %e, %f;",
      [](float a, float b) { return a - b; }, declared);
  // Neighbouring lanes next to each other, in all lanes at once and not: the fast ways and the slow one.
  expect<U, U>(
      "mov.u32 %t, %tid.x; shl.b32 %t, %t, 2; mov.u32 %s, tile; add.u32 %s, %s, %t; st.shared.u32 [%s], %a; "
      "ld.shared.u32 %d, [%s];",
      [](U a) { return a; }, declared);
}

inline void addresses() {
  using U = std::uint32_t;
  using W = std::uint64_t;
  std::string declared =
      ".local .align 8 .b8 depot[64];\n.shared .align 8 .b8 tile[64];\n.reg .b64 %g, %l;\n.reg .pred %r;\n";
  expect<W, W>(
      "cvta.shared.u64 %g, %a; cvta.to.shared.u64 %g, %g; cvta.local.u64 %l, %g; cvta.to.local.u64 %l, %l; "
      "cvta.global.u64 %l, %l; "
      "cvta.to.global.u64 %l, %l; cvta.const.u64 %l, %l; cvta.to.const.u64 %d, %l;",
      [](W a) { return a; }, declared);
  std::string bits = "mov.u32 %d, 0; ";
  auto test = [](const std::string& space, const std::string& address, int bit) {
    return "isspacep." + space + " %r, " + address + "; selp.u32 %t, " + std::to_string(1 << bit)
        + ", 0, %r; or.b32 %d, %d, %t; ";
  };
  std::string all = bits + "mov.u64 %g, tile; cvta.shared.u64 %g, %g; mov.u64 %l, depot; cvta.local.u64 %l, %l; ";
  expect<U, U>(
      all + test("shared", "%g", 0) + test("local", "%g", 1) + test("global", "%g", 2) + test("local", "%l", 3)
          + test("shared", "%l", 4) + test("global", "%at", 5) + test("shared", "%at", 6),
      [](U) { return 1u + 8u + 32u; }, declared);
}

template <class T, class F>
void atomicCase(const std::string& operation, const std::string& type, F combined) {
  std::string declared =
      ".shared .align 8 .b8 tile[2048];\n.reg .b32 %s;\n.reg ." + std::string(registerType<T>()) + " %x;\n";
  std::string b = ".b" + std::to_string(sizeof(T) * 8);
  std::string tile = "mov.u32 %t, %tid.x; shl.b32 %t, %t, 3; mov.u32 %s, tile; add.u32 %s, %s, %t; ";
  bool reducible = operation != "exch" && operation != "cas";
  std::string third = operation == "cas" ? ", %c" : "";
  auto both = [&](const std::string& space, const std::string& address, auto wanted) {
    std::string start = tile + "st" + space + b + " " + address + ", %a; ";
    std::string end = " ld" + space + b + " %d, " + address + ";";
    std::string atom = "atom" + space + "." + operation + "." + type;
    auto old = [](T a, auto...) { return a; };
    if (operation == "cas") {
      expect<T, T, T, T>(start + atom + " %d, " + address + ", %b, %c;", old, declared);
      expect<T, T, T, T>(start + atom + " %x, " + address + ", %b, %c;" + end, wanted, declared);
      expect<T, T, T, T>(start + atom + " %x, " + address + ", %a, %c;" + end, [](T, T, T c) { return c; }, declared);
    } else {
      auto two = [wanted](T a, T b) { return wanted(a, b, b); };
      expect<T, T, T>(start + atom + " %d, " + address + ", %b;", old, declared);
      expect<T, T, T>(start + atom + " _, " + address + ", %b;" + end, two, declared);
      if (reducible)
        expect<T, T, T>(
            start + "red" + space + "." + operation + "." + type + " " + address + ", %b;" + end, two, declared);
    }
  };
  both(".shared", "[%s]", combined);
  both(".global", "[%at]", [combined](T a, T b, T c) {
    T result = combined(a, b, c);
    if constexpr (std::is_same_v<T, float>) result = flushed(combined(flushed(a), flushed(b), flushed(c)));
    return result;
  });
  both("", "[%at]", [combined](T a, T b, T c) {
    T result = combined(a, b, c);
    if constexpr (std::is_same_v<T, float>) result = flushed(combined(flushed(a), flushed(b), flushed(c)));
    return result;
  });
}

template <class T>
void atomicBits() {
  std::string t = "b" + std::to_string(sizeof(T) * 8);
  atomicCase<T>("and", t, [](T a, T b, T) { return a & b; });
  atomicCase<T>("or", t, [](T a, T b, T) { return a | b; });
  atomicCase<T>("xor", t, [](T a, T b, T) { return a ^ b; });
  atomicCase<T>("exch", t, [](T, T b, T) { return b; });
  atomicCase<T>("cas", t, [](T a, T b, T c) { return a == b ? c : a; });
}

template <class T>
void atomicOrder() {
  atomicCase<T>("min", typeName<T>(), [](T a, T b, T) { return std::min(a, b); });
  atomicCase<T>("max", typeName<T>(), [](T a, T b, T) { return std::max(a, b); });
}

inline void atomics() {
  using U = std::uint32_t;
  atomicBits<std::uint32_t>();
  atomicBits<std::uint64_t>();
  atomicCase<std::uint16_t>(
      "cas", "b16", [](std::uint16_t a, std::uint16_t b, std::uint16_t c) { return a == b ? c : a; });
  atomicOrder<std::uint32_t>();
  atomicOrder<std::int32_t>();
  atomicOrder<std::uint64_t>();
  atomicOrder<std::int64_t>();
  atomicCase<U>("add", "u32", [](U a, U b, U) { return a + b; });
  atomicCase<U>("add", "s32", [](U a, U b, U) { return a + b; });
  atomicCase<std::uint64_t>("add", "u64", [](std::uint64_t a, std::uint64_t b, std::uint64_t) { return a + b; });
  atomicCase<float>("add", "f32", [](float a, float b, float) { return a + b; });
  atomicCase<double>("add", "f64", [](double a, double b, double) { return a + b; });
  atomicCase<U>("inc", "u32", [](U a, U b, U) { return a >= b ? 0 : a + 1; });
  atomicCase<U>("dec", "u32", [](U a, U b, U) { return a == 0 || a > b ? b : a - 1; });
}

inline void memoryCases() {
  throughMemory<std::uint8_t, std::uint32_t>("u8");
  throughMemory<std::uint8_t, std::uint32_t>("b8");
  throughMemory<std::int8_t, std::uint32_t>("s8");
  throughMemory<std::uint16_t, std::uint32_t>("u16");
  throughMemory<std::uint16_t, std::uint16_t>("b16");
  throughMemory<std::int16_t, std::uint32_t>("s16");
  throughMemory<std::uint32_t, std::uint32_t>("u32");
  throughMemory<std::uint32_t, std::uint32_t>("b32");
  throughMemory<std::int32_t, std::uint32_t>("s32");
  throughMemory<std::int32_t, std::int64_t>("s32");
  throughMemory<std::uint32_t, std::uint64_t>("u32");
  throughMemory<std::uint8_t, std::uint64_t>("u8");
  throughMemory<std::int16_t, std::int64_t>("s16");
  throughMemory<float, float>("f32");
  throughMemory<std::uint64_t, std::uint64_t>("u64");
  throughMemory<std::uint64_t, std::uint64_t>("b64");
  throughMemory<std::int64_t, std::int64_t>("s64");
  throughMemory<double, double>("f64");
  vectors();
  addresses();
  atomics();
}

} // namespace softgpu::test
