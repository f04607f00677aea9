// Runs one instruction (or a few) on many arguments at once and compares each result with what a function of the
// arguments says; once for all lanes, and once for odd threads only, where the others must keep what they had.
#pragma once

#include "harness.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <set>
#include <tuple>
#include <type_traits>

namespace softgpu::test {

using Half = _Float16;

inline std::set<std::string> covered; // names of the opcode table that ran

template <class T>
const char* registerType() {
  if (std::is_same_v<T, float>) return "f32";
  if (std::is_same_v<T, double>) return "f64";
  return sizeof(T) == 8 ? "b64" : sizeof(T) == 4 ? "b32" : "b16";
}

template <class T>
std::string loadType() {
  return sizeof(T) == 1 ? (std::is_signed_v<T> ? "s8" : "u8") : std::string("b") + std::to_string(sizeof(T) * 8);
}

// Values at which instructions tend to go wrong.
template <class T>
std::vector<T> interesting() {
  if constexpr (std::is_integral_v<T>) {
    using L = std::numeric_limits<T>;
    std::vector<T> values = {0, 1, 2, 3, 5, 7, 8, 15, 16, 31, 32, 33, 63, 64, 100, L::max(), L::min(),
        static_cast<T>(L::max() - 1), static_cast<T>(L::min() + 1), static_cast<T>(-1), static_cast<T>(-2),
        static_cast<T>(-7), static_cast<T>(0x123456789abcdef0ll), static_cast<T>(0x5555555555555555ll),
        static_cast<T>(L::max() / 2 + 1)};
    return values;
  } else {
    double tiny = sizeof(T) == 2 ? 6e-8 : sizeof(T) == 4 ? 1e-45 : 5e-324;
    double least = sizeof(T) == 2 ? 0x1p-14 : sizeof(T) == 4 ? 0x1p-126 : 0x1p-1022;
    double most = sizeof(T) == 2 ? 65504 : sizeof(T) == 4 ? 3.402823466e38 : 1.797693134862315708e308;
    std::vector<T> values;
    for (double x : {0.0, 1.0, 0.5, 1.5, 2.5, 3.0, 0.1, 7.75, 1.0 / 3, 100.7, 1023.5, 12345.678, tiny, least,
             least * 0.75, most, HUGE_VAL}) {
      values.push_back(static_cast<T>(x));
      values.push_back(static_cast<T>(-x));
    }
    values.push_back(static_cast<T>(NAN));
    return values;
  }
}

template <class T>
std::vector<T> some(std::size_t count) { // fewer, where products of three lists would be many
  std::vector<T> all = interesting<T>(), values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(all[i * all.size() / count]);
  return values;
}

template <class T>
bool sameValue(T got, T wanted) {
  if constexpr (!std::is_integral_v<T>) {
    if (wanted != wanted) return got != got;
  }
  return std::memcmp(&got, &wanted, sizeof(T)) == 0;
}

template <class T>
std::string show(T value) {
  std::ostringstream text;
  text.precision(17);
  if constexpr (std::is_integral_v<T>) {
    text << static_cast<long long>(value);
  } else {
    text << static_cast<double>(value);
  }
  return text.str();
}

// A kernel that loads %a, %b, %c of the types A, runs `code` and stores %d of type D.
template <class D, class... A>
std::string kernelText(const std::string& code, const std::string& declarations) {
  const char* names = "abc";
  std::string text =
      ".version 8.0\n.target sm_90\n.address_size 64\n.visible .entry snippet(.param .u64 out, .param .u32 n, .param "
      ".u32 half";
  for (std::size_t i = 0; i < sizeof...(A); ++i) text += std::string(", .param .u64 in") + names[i];
  text += ")\n{\n.reg .pred %p, %q, %in, %odd;\n.reg .b32 %i, %n, %half, %t, %u;\n.reg .b64 %at, %base, %w;\n"
      + declarations;
  text += std::string(".reg .") + registerType<D>() + " %d;\n";
  const char* types[] = {registerType<A>()..., ""};
  for (std::size_t i = 0; i < sizeof...(A); ++i) text += std::string(".reg .") + types[i] + " %" + names[i] + ";\n";
  text +=
      "mov.u32 %i, %tid.x;\nmov.u32 %t, %ctaid.x;\nmov.u32 %u, %ntid.x;\nmad.lo.s32 %i, %t, %u, %i;\nld.param.u32 %n, "
      "[n];\n"
      "ld.param.u32 %half, [half];\nsetp.ge.u32 %in, %i, %n;\n@%in ret;\n";
  std::string loads[] = {loadType<A>()..., ""};
  std::size_t sizes[] = {sizeof(A)..., 0};
  for (std::size_t i = 0; i < sizeof...(A); ++i) {
    text += std::string("ld.param.u64 %base, [in") + names[i] + "];\nmul.wide.u32 %at, %i, " + std::to_string(sizes[i])
        + ";\nadd.s64 %at, %at, %base;\nld.global." + loads[i] + " %" + names[i] + ", [%at];\n";
  }
  text += "ld.param.u64 %base, [out];\nmul.wide.u32 %at, %i, " + std::to_string(sizeof(D))
      + ";\nadd.s64 %at, %at, %base;\n";
  text += "ld.global." + loadType<D>() + " %d, [%at];\nand.b32 %t, %i, 1;\nxor.b32 %t, %t, 1;\nand.b32 %t, %t, %half;\n"
      "setp.ne.u32 %odd, %t, 0;\n@%odd bra skip;\n" + code + "\nskip:\nst.global."
      + loadType<D>() + " [%at], %d;\nret;\n}\n";
  return text;
}

template <class D, class... A, class Compare>
void runSnippet(const std::string& code, const std::vector<std::tuple<A...>>& arguments,
    const std::string& declarations, Compare compare, const Options& options = Options()) {
  Device device(options, kernelText<D, A...>(code, declarations));
  covered.insert(device.module().opcodes().begin(), device.module().opcodes().end());
  std::size_t count = arguments.size();
  D untouched{};
  std::memset(&untouched, 0x5a, sizeof untouched);
  for (int half = 0; half < 2; ++half) {
    Address out = device.upload(std::vector<D>(count, untouched));
    auto launch = [&](auto... index) {
      auto column = [&](auto i) {
        using T = std::tuple_element_t<decltype(i)::value, std::tuple<A...>>;
        std::vector<T> values;
        for (const auto& row : arguments) values.push_back(std::get<decltype(i)::value>(row));
        return device.upload(values);
      };
      return device.launch("snippet", static_cast<unsigned>((count + 255) / 256), 256, 0, false, out,
          static_cast<std::uint32_t>(count), static_cast<std::uint32_t>(half), column(index)...);
    };
    Result result;
    if constexpr (sizeof...(A) == 1) {
      result = launch(std::integral_constant<std::size_t, 0>{});
    } else if constexpr (sizeof...(A) == 2) {
      result = launch(std::integral_constant<std::size_t, 0>{}, std::integral_constant<std::size_t, 1>{});
    } else {
      result = launch(std::integral_constant<std::size_t, 0>{}, std::integral_constant<std::size_t, 1>{},
          std::integral_constant<std::size_t, 2>{});
    }
    check(result.status == Status::Ok, code + ": " + result.text);
    std::vector<D> got = device.download<D>(out, count);
    int shown = 0;
    for (std::size_t i = 0; i < count; ++i) {
      bool skipped = half == 1 && i % 2 == 0;
      std::string wanted;
      bool right = skipped ? sameValue(got[i], untouched) : compare(got[i], arguments[i], wanted);
      if (right || ++shown > 3) continue;
      std::string text = code + (skipped ? " touched a lane that was elsewhere" : "") + ":";
      std::apply([&](auto... a) { ((text += " " + show(a)), ...); }, arguments[i]);
      check(false, text + " gave " + show(got[i]) + ", wanted " + wanted);
    }
  }
}

template <class... A>
std::vector<std::tuple<A...>> product(const std::vector<A>&... lists) {
  std::vector<std::tuple<A...>> rows;
  auto extend = [&](auto self, auto tuple, const auto& first, const auto&... rest) -> void {
    for (auto value : first) {
      auto longer = std::tuple_cat(tuple, std::make_tuple(value));
      if constexpr (sizeof...(rest) == 0) {
        rows.push_back(longer);
      } else {
        self(self, longer, rest...);
      }
    }
  };
  extend(extend, std::tuple<>{}, lists...);
  return rows;
}

// Results must be the same to the bit; any NaN is a NaN.
template <class D, class... A, class F>
void expectOn(const std::string& code, const std::vector<std::tuple<A...>>& arguments, F wanted,
    const std::string& declarations = "") {
  runSnippet<D, A...>(code, arguments, declarations, [&](D got, const std::tuple<A...>& row, std::string& text) {
    D value = static_cast<D>(std::apply(wanted, row));
    text = show(value);
    return sameValue(got, value);
  });
}

template <class D, class... A, class F>
void expect(const std::string& code, F wanted, const std::string& declarations = "") {
  if constexpr (sizeof...(A) == 3) {
    expectOn<D, A...>(code, product(some<A>(13)...), wanted, declarations);
  } else {
    expectOn<D, A...>(code, product(interesting<A>()...), wanted, declarations);
  }
}

} // namespace softgpu::test
