// Loops over the 32 lanes of a warp instruction: a functor with a static apply() becomes a handler.
#pragma once

#include "program.h"

#include <cstring>
#include <type_traits>

namespace softgpu {

using Half = _Float16;

template <class T>
using Slot = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;

template <class To, class From>
inline To bits(From value) {
  static_assert(sizeof(To) == sizeof(From));
  To result;
  std::memcpy(&result, &value, sizeof result);
  return result;
}

// A slot's value as T: the low bits count.
template <class T>
inline T get(Slot<T> slot) {
  if constexpr (std::is_integral_v<T>) {
    return static_cast<T>(slot);
  } else if constexpr (sizeof(T) == 2) {
    return bits<T>(static_cast<std::uint16_t>(slot));
  } else {
    return bits<T>(slot);
  }
}

template <class T>
inline Slot<T> put(T value) {
  if constexpr (std::is_integral_v<T> && std::is_signed_v<T> && sizeof(T) < 4) {
    return static_cast<std::uint32_t>(
        static_cast<std::int32_t>(value)); // registers may be wider than the type: sign-extended
  } else if constexpr (std::is_integral_v<T>) {
    return static_cast<std::make_unsigned_t<T>>(value);
  } else if constexpr (sizeof(T) == 2) {
    return bits<std::uint16_t>(value);
  } else {
    return bits<Slot<T>>(value);
  }
}

template <class F, class D>
inline void store(D* d, Mask mask, F value) {
  if (mask == FULL) {
#pragma GCC ivdep
    for (int i = 0; i < LANES; ++i) d[i] = value(i);
  } else {
#pragma GCC ivdep
    for (int i = 0; i < LANES; ++i) {
      auto result = value(i);
      d[i] = mask >> i & 1 ? result : d[i];
    }
  }
}

template <class F, class D, class A>
void unary(Warp& w, const Instruction& in, Mask mask) {
  const auto* a = w.source<Slot<A>>(in.a);
  store(w.row<Slot<D>>(in.d), mask, [=](int i) { return put<D>(F::apply(get<A>(a[i]))); });
}

template <class F, class D, class A, class B = A>
void binary(Warp& w, const Instruction& in, Mask mask) {
  const auto* a = w.source<Slot<A>>(in.a);
  const auto* b = w.source<Slot<B>>(in.b);
  store(w.row<Slot<D>>(in.d), mask, [=](int i) { return put<D>(F::apply(get<A>(a[i]), get<B>(b[i]))); });
}

template <class F, class D, class A, class B = A, class C = A>
void ternary(Warp& w, const Instruction& in, Mask mask) {
  const auto* a = w.source<Slot<A>>(in.a);
  const auto* b = w.source<Slot<B>>(in.b);
  const auto* c = w.source<Slot<C>>(in.c);
  store(w.row<Slot<D>>(in.d), mask, [=](int i) { return put<D>(F::apply(get<A>(a[i]), get<B>(b[i]), get<C>(c[i]))); });
}

// Bits of the lanes for which value(i) holds.
template <class F>
inline Mask gather(F value) {
  Mask result = 0;
  for (int i = 0; i < LANES; ++i) result |= static_cast<Mask>(value(i)) << i;
  return result;
}

} // namespace softgpu
