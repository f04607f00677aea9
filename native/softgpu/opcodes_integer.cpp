// Integer arithmetic.
#include "integer_forms.h"

#include <algorithm>

namespace softgpu {
namespace {

using ptx::Type;

template <class T>
struct Add {
  static T apply(T a, T b) { return static_cast<T>(static_cast<U<T>>(a) + static_cast<U<T>>(b)); }
};
template <class T>
struct Sub {
  static T apply(T a, T b) { return static_cast<T>(static_cast<U<T>>(a) - static_cast<U<T>>(b)); }
};
template <class T> struct MulLow {
  static T apply(T a, T b) { return static_cast<T>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b)); }
};
template <class T> struct MulHigh {
  static T apply(T a, T b) {
    return static_cast<T>((static_cast<Double<T>>(a) * static_cast<Double<T>>(b)) >> WIDTH<T>);
  }
};
template <class T> struct MadLow { static T apply(T a, T b, T c) { return Add<T>::apply(MulLow<T>::apply(a, b), c); } };
template <class T>
struct MadHigh {
  static T apply(T a, T b, T c) { return Add<T>::apply(MulHigh<T>::apply(a, b), c); }
};
template <class T> struct MulWide {
  static Double<T> apply(T a, T b) {
    return static_cast<Double<T>>(static_cast<Double<T>>(a) * static_cast<Double<T>>(b));
  }
};
template <class T> struct MadWide {
  static Double<T> apply(T a, T b, Double<T> c) { return Add<Double<T>>::apply(MulWide<T>::apply(a, b), c); }
};
template <class T> struct Mul24 {
  static std::int64_t product(T a, T b) {
    auto low = [](T x) {
      return std::is_signed_v<T>
          ? static_cast<std::int64_t>(static_cast<std::int32_t>(static_cast<std::uint32_t>(x) << 8) >> 8)
          : static_cast<std::int64_t>(static_cast<std::uint32_t>(x) & 0xffffff);
    };
    return low(a) * low(b);
  }
  static T apply(T a, T b) { return static_cast<T>(product(a, b)); }
};
template <class T>
struct Mul24High {
  static T apply(T a, T b) { return static_cast<T>(Mul24<T>::product(a, b) >> 16); }
};
template <class T> struct Sad {
  static T apply(T a, T b, T c) { return Add<T>::apply(c, a < b ? Sub<T>::apply(b, a) : Sub<T>::apply(a, b)); }
};
// Division by zero gives what devices give: all ones, and the dividend as the remainder.
template <class T> struct Div {
  static T apply(T a, T b) {
    if (b == 0) return static_cast<T>(-1);
    if constexpr (std::is_signed_v<T>) {
      if (b == -1) return Sub<T>::apply(0, a);
    }
    return static_cast<T>(a / b);
  }
};
template <class T> struct Rem {
  static T apply(T a, T b) {
    if (b == 0) return a;
    if constexpr (std::is_signed_v<T>) {
      if (b == -1) return 0;
    }
    return static_cast<T>(a % b);
  }
};
template <class T> struct Abs { static T apply(T a) { return a < T{0} ? Sub<T>::apply(0, a) : a; } };
template <class T> struct Neg { static T apply(T a) { return Sub<T>::apply(0, a); } };
template <class T> struct Min { static T apply(T a, T b) { return a < b ? a : b; } };
template <class T> struct Max { static T apply(T a, T b) { return a > b ? a : b; } };

template <class T>
struct MulWideRun {
  static constexpr Handler run = binary<MulWide<T>, Double<T>, T>;
};
template <class T>
struct MadWideRun {
  static constexpr Handler run = ternary<MadWide<T>, Double<T>, T, T, Double<T>>;
};

template <bool SUBTRACT>
struct Saturated {
  static std::int32_t apply(std::int32_t a, std::int32_t b) {
    std::int64_t exact = SUBTRACT ? std::int64_t{a} - b : std::int64_t{a} + b;
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(exact, INT32_MIN, INT32_MAX));
  }
};

// Sums with carry: the carry bits of the lanes stand in a predicate of their own (in.e).
template <class T, bool SUBTRACT, bool CARRY_IN>
void carried(Warp& w, const Instruction& in, Mask mask) {
  const auto* a = w.source<Slot<T>>(in.a);
  const auto* b = w.source<Slot<T>>(in.b);
  auto* d = w.row<Slot<T>>(in.d);
  Mask& carry = w.predicate(in.e);
  bool writes = in.info != 0;
  for (int i = 0; i < LANES; ++i) {
    if (!(mask >> i & 1)) continue;
    T x = get<T>(a[i]), y = get<T>(b[i]);
    T c = CARRY_IN ? carry >> i & 1 : 0;
    T result;
    bool over;
    if (SUBTRACT) {
      result = static_cast<T>(x - y - c);
      over = x < y || (x == y && c);
    } else {
      result = static_cast<T>(x + y + c);
      over = result < x || (result == x && c);
    }
    d[i] = put<T>(result);
    if (writes) carry = (carry & ~(Mask{1} << i)) | static_cast<Mask>(over) << i;
  }
}

struct Dp4aUnsigned {
  static std::uint32_t apply(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
    for (int k = 0; k < 32; k += 8) c += (a >> k & 0xff) * (b >> k & 0xff);
    return c;
  }
};
struct Dp4aSigned {
  static std::uint32_t apply(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
    for (int k = 0; k < 32; k += 8) {
      c += static_cast<std::uint32_t>(static_cast<std::int8_t>(a >> k) * static_cast<std::int8_t>(b >> k));
    }
    return c;
  }
};

template <bool SUBTRACT>
void buildSum(Builder& b) {
  integerSources(b, 2);
  if (b.take("sat")) {
    if (b.type() != Type::S32) b.fail(".sat is for .s32");
    b.out.run = binary<Saturated<SUBTRACT>, std::int32_t, std::int32_t>;
  } else if (b.take("cc")) {
    b.out.e = b.carry();
    b.out.info = 1;
    b.out.run =
        ptx::bytesOf(b.type()) == 8 ? carried<std::uint64_t, SUBTRACT, false> : carried<std::uint32_t, SUBTRACT, false>;
  } else {
    b.out.run = SUBTRACT ? pickInteger<As<Sub>::Binary>(b.type()) : pickInteger<As<Add>::Binary>(b.type());
  }
}

template <bool SUBTRACT>
void buildCarried(Builder& b) {
  integerSources(b, 2);
  b.out.e = b.carry();
  b.out.info = b.take("cc") ? 1 : 0;
  b.out.run =
      ptx::bytesOf(b.type()) == 8 ? carried<std::uint64_t, SUBTRACT, true> : carried<std::uint32_t, SUBTRACT, true>;
}

Type doubled(Type type) {
  switch (type) {
    case Type::U16: return Type::U32;
    case Type::S16: return Type::S32;
    case Type::U32: return Type::U64;
    default: return Type::S64;
  }
}

void buildMulWide(Builder& b) {
  b.operands(3);
  b.out.d = b.destination(0, doubled(b.type()));
  b.out.a = b.source(1, b.type());
  b.out.b = b.source(2, b.type());
  switch (b.type()) {
    case Type::U16: b.out.run = MulWideRun<std::uint16_t>::run; break;
    case Type::S16: b.out.run = MulWideRun<std::int16_t>::run; break;
    case Type::U32: b.out.run = MulWideRun<std::uint32_t>::run; break;
    default: b.out.run = MulWideRun<std::int32_t>::run; break;
  }
}

void buildMadWide(Builder& b) {
  b.operands(4);
  b.out.d = b.destination(0, doubled(b.type()));
  b.out.a = b.source(1, b.type());
  b.out.b = b.source(2, b.type());
  b.out.c = b.source(3, doubled(b.type()));
  switch (b.type()) {
    case Type::U16: b.out.run = MadWideRun<std::uint16_t>::run; break;
    case Type::S16: b.out.run = MadWideRun<std::int16_t>::run; break;
    case Type::U32: b.out.run = MadWideRun<std::uint32_t>::run; break;
    default: b.out.run = MadWideRun<std::int32_t>::run; break;
  }
}

template <template <class> class F>
void build24(Builder& b) {
  integerSources(b, 2);
  b.out.run = b.type() == Type::S32 ? Handler(binary<F<std::int32_t>, std::int32_t, std::int32_t>)
                                    : Handler(binary<F<std::uint32_t>, std::uint32_t, std::uint32_t>);
}

void buildDp4a(Builder& b) {
  if (b.typeCount() != 2 || b.type() != b.secondType()) b.fail("both types must be the same");
  integerSources(b, 3);
  using T = std::uint32_t;
  b.out.run = b.type() == Type::S32 ? ternary<Dp4aSigned, T, T> : ternary<Dp4aUnsigned, T, T>;
}

} // namespace

void addIntegerOpcodes(std::vector<Opcode>& table) {
  const std::vector<Type> all = {Type::U16, Type::S16, Type::U32, Type::S32, Type::U64, Type::S64};
  const std::vector<Type> words = {Type::U32, Type::S32, Type::U64, Type::S64};
  const std::vector<Type> narrow = {Type::U16, Type::S16, Type::U32, Type::S32};
  const std::vector<Type> single = {Type::U32, Type::S32};
  const std::vector<Type> signedTypes = {Type::S16, Type::S32, Type::S64};
  table.insert(table.end(), {{"add", all, buildSum<false>}, {"sub", all, buildSum<true>},
      {"addc", words, buildCarried<false>}, {"subc", words, buildCarried<true>}, {"mul.lo", all, buildBinary<MulLow>},
      {"mul.hi", all, buildBinary<MulHigh>}, {"mul.wide", narrow, buildMulWide}, {"mad.lo", all, buildTernary<MadLow>},
      {"mad.hi", all, buildTernary<MadHigh>}, {"mad.wide", narrow, buildMadWide}, {"mul24.lo", single, build24<Mul24>},
      {"mul24.hi", single, build24<Mul24High>}, {"sad", all, buildTernary<Sad>}, {"div", all, buildBinary<Div>},
      {"rem", all, buildBinary<Rem>}, {"abs", signedTypes, buildUnary<Abs>}, {"neg", signedTypes, buildUnary<Neg>},
      {"min", all, buildBinary<Min>}, {"max", all, buildBinary<Max>}, {"dp4a", single, buildDp4a}});
}

} // namespace softgpu
