// Handlers of integer instructions by their operands, for the files that hold the operations.
#pragma once

#include "decoder.h"

namespace softgpu {

template <class T>
using U = std::make_unsigned_t<T>;
template <class T>
constexpr int WIDTH = static_cast<int>(sizeof(T)) * 8;
template <class T>
using Double = std::conditional_t<sizeof(T) == 2, std::conditional_t<std::is_signed_v<T>, std::int32_t, std::uint32_t>,
    std::conditional_t<sizeof(T) == 4, std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>,
        std::conditional_t<std::is_signed_v<T>, __int128, unsigned __int128>>>;

template <template <class> class F>
struct As {
  template <class T>
  struct Unary {
    static constexpr Handler run = unary<F<T>, T, T>;
  };
  template <class T>
  struct Binary {
    static constexpr Handler run = binary<F<T>, T, T>;
  };
  template <class T>
  struct Ternary {
    static constexpr Handler run = ternary<F<T>, T, T>;
  };
  template <class T>
  struct Counted { // the second operand is a shift amount
    static constexpr Handler run = binary<F<T>, T, T, std::uint32_t>;
  };
  template <class T>
  struct Short { // the result has 32 bits
    static constexpr Handler run = unary<F<T>, std::uint32_t, T>;
  };
};

inline void integerSources(Builder& b, std::size_t count) {
  b.operands(count + 1);
  b.out.d = b.destination(0, b.type());
  b.out.a = b.source(1, b.type());
  if (count > 1) b.out.b = b.source(2, b.type());
  if (count > 2) b.out.c = b.source(3, b.type());
}

template <template <class> class F>
void buildUnary(Builder& b) {
  integerSources(b, 1);
  b.out.run = pickInteger<As<F>::template Unary>(b.type());
}

template <template <class> class F>
void buildBinary(Builder& b) {
  integerSources(b, 2);
  b.out.run = pickInteger<As<F>::template Binary>(b.type());
}

template <template <class> class F>
void buildTernary(Builder& b) {
  integerSources(b, 3);
  b.out.run = pickInteger<As<F>::template Ternary>(b.type());
}

} // namespace softgpu
