// cvt: between all integer and float types, with the integer and the float rounding modes, saturation and flushing.
#include "float_math.h"

#include "decoder.h"

#include <algorithm>

namespace softgpu {
namespace {

using ptx::Type;

enum Rounding { NONE = -1, NEAREST = 0, DOWN = 1, UP = 2, ZERO = 3 }; // MXCSR's order

template <class T>
constexpr bool IS_FLOAT = !std::is_integral_v<T>;
template <class T>
using Computed = std::conditional_t<sizeof(T) == 2 && IS_FLOAT<T>, float, T>;

template <int R, class T>
inline T toIntegral(T x) {
  if constexpr (R == NEAREST) return std::nearbyint(x);
  if constexpr (R == DOWN) return std::floor(x);
  if constexpr (R == UP) return std::ceil(x);
  if constexpr (R == ZERO) return std::trunc(x);
  return x;
}

// Floats beyond the integers' range give the nearest end of it; NaN gives 0, or the highest bit alone where f64 or 64
// bits take part.
template <class D, class S>
inline D clampToInteger(S x) {
  constexpr S low = static_cast<S>(std::numeric_limits<D>::min());
  constexpr S high = static_cast<S>(std::numeric_limits<D>::max() / 2 + 1) * 2; // one more than the largest
  bool below = x < low, above = x >= high, strange = x != x;
  D result = static_cast<D>(below || above || strange ? S(0) : x);
  result = below ? std::numeric_limits<D>::min() : result;
  result = above ? std::numeric_limits<D>::max() : result;
  constexpr bool wide = sizeof(S) == 8 || sizeof(D) == 8;
  constexpr D odd = wide ? static_cast<D>(std::make_unsigned_t<D>{1} << (sizeof(D) * 8 - 1)) : D{0};
  return strange ? odd : result;
}

template <class D, class S>
inline D clampInteger(S x) {
  using Wide = __int128;
  Wide limited = std::clamp<Wide>(x, std::numeric_limits<D>::min(), std::numeric_limits<D>::max());
  return static_cast<D>(limited);
}

// A half nearest to x, or the one before it in the direction of R.
template <int R, class S>
inline Half toHalf(S x) {
  Half nearest = static_cast<Half>(x);
  if (R == NEAREST || R == NONE) return nearest;
  auto exact = static_cast<double>(x), got = static_cast<double>(nearest);
  auto raw = bits<std::uint16_t>(nearest);
  bool tooHigh = got > exact, tooLow = got < exact;
  bool down = tooHigh && (R == DOWN || (R == ZERO && exact > 0));
  bool up = tooLow && (R == UP || (R == ZERO && exact < 0));
  bool negative = raw >> 15;
  if (down) raw = static_cast<std::uint16_t>(raw == 0 ? 0x8001 : negative ? raw + 1 : raw - 1);
  if (up) raw = static_cast<std::uint16_t>(raw == 0x8000 ? 0x0001 : negative ? raw - 1 : raw + 1);
  return bits<Half>(raw);
}

template <class D, class S, int R, bool FTZ, bool SAT>
struct Convert {
  static D apply(S source) {
    if constexpr (!IS_FLOAT<S> && !IS_FLOAT<D>) {
      if constexpr (SAT) return clampInteger<D>(source);
      return static_cast<D>(source);
    } else if constexpr (!IS_FLOAT<S>) {
      if constexpr (sizeof(D) == 2) return toHalf<R>(static_cast<double>(source));
      else return static_cast<D>(source);
    } else if constexpr (!IS_FLOAT<D>) {
      return clampToInteger<D>(toIntegral<R>(flush<FTZ>(static_cast<Computed<S>>(source))));
    } else {
      auto x = flush<FTZ>(static_cast<Computed<S>>(source));
      if constexpr (sizeof(D) == sizeof(S)) x = toIntegral<R>(x);
      x = saturate<SAT>(x);
      if constexpr (sizeof(D) == 2) return toHalf<sizeof(S) == 2 ? NEAREST : R>(x);
      else return flush<FTZ>(static_cast<D>(x));
    }
  }
};

template <class D, class S, int R>
Handler flagged(bool ftz, bool sat) {
  constexpr bool singles = std::is_same_v<S, float> || std::is_same_v<D, float>;
  constexpr bool floats = IS_FLOAT<S> && IS_FLOAT<D>;
  constexpr bool integers = !IS_FLOAT<S> && !IS_FLOAT<D>;
  if (!IS_FLOAT<D>) sat = sat && integers;
  if constexpr (singles) {
    if (ftz) {
      if constexpr (floats) {
        if (sat) return unary<Convert<D, S, R, true, true>, D, S>;
      }
      return unary<Convert<D, S, R, true, false>, D, S>;
    }
  }
  if constexpr (floats || integers) {
    if (sat) return unary<Convert<D, S, R, false, true>, D, S>;
  }
  return ftz && !singles ? nullptr : Handler(unary<Convert<D, S, R, false, false>, D, S>);
}

// Where the rounding is the host's (directed), the nearest form is the handler.
template <class D, class S>
Handler rounded(int rounding, bool ftz, bool sat) {
  constexpr bool own = (IS_FLOAT<S> && (!IS_FLOAT<D> || sizeof(D) == sizeof(S))) || (IS_FLOAT<D> && sizeof(D) == 2);
  if constexpr (own) {
    switch (rounding) {
      case NEAREST: return flagged<D, S, NEAREST>(ftz, sat);
      case DOWN: return flagged<D, S, DOWN>(ftz, sat);
      case UP: return flagged<D, S, UP>(ftz, sat);
      case ZERO: return flagged<D, S, ZERO>(ftz, sat);
      default: return flagged<D, S, NONE>(ftz, sat);
    }
  } else {
    return flagged<D, S, NONE>(ftz, sat);
  }
}

template <class D>
Handler fromType(Type source, int rounding, bool ftz, bool sat) {
  switch (source) {
    case Type::U8: return rounded<D, std::uint8_t>(rounding, ftz, sat);
    case Type::S8: return rounded<D, std::int8_t>(rounding, ftz, sat);
    case Type::U16: return rounded<D, std::uint16_t>(rounding, ftz, sat);
    case Type::S16: return rounded<D, std::int16_t>(rounding, ftz, sat);
    case Type::U32: return rounded<D, std::uint32_t>(rounding, ftz, sat);
    case Type::S32: return rounded<D, std::int32_t>(rounding, ftz, sat);
    case Type::U64: return rounded<D, std::uint64_t>(rounding, ftz, sat);
    case Type::S64: return rounded<D, std::int64_t>(rounding, ftz, sat);
    case Type::F16: return rounded<D, Half>(rounding, ftz, sat);
    case Type::F32: return rounded<D, float>(rounding, ftz, sat);
    case Type::F64: return rounded<D, double>(rounding, ftz, sat);
    default: return nullptr;
  }
}

Handler between(Type to, Type from, int rounding, bool ftz, bool sat) {
  switch (to) {
    case Type::U8: return fromType<std::uint8_t>(from, rounding, ftz, sat);
    case Type::S8: return fromType<std::int8_t>(from, rounding, ftz, sat);
    case Type::U16: return fromType<std::uint16_t>(from, rounding, ftz, sat);
    case Type::S16: return fromType<std::int16_t>(from, rounding, ftz, sat);
    case Type::U32: return fromType<std::uint32_t>(from, rounding, ftz, sat);
    case Type::S32: return fromType<std::int32_t>(from, rounding, ftz, sat);
    case Type::U64: return fromType<std::uint64_t>(from, rounding, ftz, sat);
    case Type::S64: return fromType<std::int64_t>(from, rounding, ftz, sat);
    case Type::F16: return fromType<Half>(from, rounding, ftz, sat);
    case Type::F32: return fromType<float>(from, rounding, ftz, sat);
    case Type::F64: return fromType<double>(from, rounding, ftz, sat);
    default: return nullptr;
  }
}

// bf16 is the upper half of a float.
inline std::uint32_t toBf16(std::uint32_t raw, bool nearest) {
  if ((raw & 0x7fffffffu) > 0x7f800000u) return 0x7fff;
  if (nearest) raw += 0x7fff + (raw >> 16 & 1);
  return raw >> 16;
}

template <bool NEAR>
struct FloatToBf16 {
  static std::uint32_t apply(std::uint32_t raw) { return toBf16(raw, NEAR); }
};
struct Bf16ToFloat {
  static std::uint32_t apply(std::uint32_t raw) { return raw << 16; }
};
// The first operand goes to the upper half.
template <bool NEAR>
struct PackBf16 {
  static std::uint32_t apply(std::uint32_t a, std::uint32_t b) { return toBf16(a, NEAR) << 16 | toBf16(b, NEAR); }
};
template <int R>
struct PackHalf {
  static std::uint32_t apply(std::uint32_t a, std::uint32_t b) {
    return static_cast<std::uint32_t>(bits<std::uint16_t>(toHalf<R>(bits<float>(a)))) << 16
        | bits<std::uint16_t>(toHalf<R>(bits<float>(b)));
  }
};
// tf32 keeps 10 bits of the mantissa; rna: halves away from zero, rn: to even.
template <bool AWAY>
struct ToTf32 {
  static std::uint32_t apply(std::uint32_t raw) {
    if ((raw & 0x7f800000u) == 0x7f800000u) return raw;
    raw += AWAY ? 0x1000 : 0xfff + (raw >> 13 & 1);
    return raw & ~0x1fffu;
  }
};

// A source or destination register that is wider than its type: in.e and in.c are narrow rows in between. info: bit 0:
// the source, bit 1: the destination, bit 2: the destination's type is signed.
void adapted(Warp& w, const Instruction& in, Mask mask) {
  Instruction inner = in;
  if (in.info & 1) {
    const auto* wide = w.source<std::uint64_t>(in.a);
    auto* narrow = w.row<std::uint32_t>(in.e);
    for (int i = 0; i < LANES; ++i) narrow[i] = static_cast<std::uint32_t>(wide[i]);
    inner.a = in.e;
  }
  if (in.info & 2) inner.d = in.c;
  reinterpret_cast<Handler>(in.imm)(w, inner, mask);
  if (in.info & 2) {
    const auto* narrow = w.row<std::uint32_t>(in.c);
    bool isSigned = in.info & 4;
    store(w.row<std::uint64_t>(in.d), mask, [=](int i) {
      return isSigned ? static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<std::int32_t>(narrow[i])))
                      : narrow[i];
    });
  }
}

void buildSpecialForms(Builder& b) {
  Type to = b.type(), from = b.secondType();
  int rounding = b.takeOneOf({"rn", "rz", "rna"});
  auto narrow = [&](std::size_t count) {
    b.operands(count + 1);
    b.out.d = b.destination(0, Type::B32);
    b.out.a = b.source(1, Type::B32);
    if (count > 1) b.out.b = b.source(2, Type::B32);
  };
  using W = std::uint32_t;
  if (to == Type::F32 && from == Type::BF16) {
    narrow(1);
    b.out.run = unary<Bf16ToFloat, W, W>;
  } else if (from != Type::F32) {
    b.fail("this conversion is not supported");
  } else if (to == Type::TF32) {
    narrow(1);
    b.out.run = rounding == 2 ? unary<ToTf32<true>, W, W> : rounding == 0 ? unary<ToTf32<false>, W, W> : nullptr;
  } else if (rounding != 0 && rounding != 1) {
    b.fail("wanted .rn or .rz");
  } else if (to == Type::BF16) {
    narrow(1);
    b.out.run = rounding == 0 ? unary<FloatToBf16<true>, W, W> : unary<FloatToBf16<false>, W, W>;
  } else if (to == Type::BF16x2) {
    narrow(2);
    b.out.run = rounding == 0 ? binary<PackBf16<true>, W, W> : binary<PackBf16<false>, W, W>;
  } else {
    narrow(2);
    b.out.run = rounding == 0 ? binary<PackHalf<NEAREST>, W, W> : binary<PackHalf<ZERO>, W, W>;
  }
}

bool isSpecial(Type type) {
  return type == Type::BF16 || type == Type::TF32 || type == Type::F16x2 || type == Type::BF16x2;
}

void buildCvt(Builder& b) {
  if (b.typeCount() != 2) b.fail("wanted two types");
  Type to = b.type(), from = b.secondType();
  if (isSpecial(to) || isSpecial(from)) {
    buildSpecialForms(b);
    return;
  }
  b.operands(2);
  int integral = b.takeOneOf({"rni", "rmi", "rpi", "rzi"});
  int rounding = integral >= 0 ? integral : b.takeOneOf({"rn", "rm", "rp", "rz"});
  bool ftz = b.take("ftz");
  bool sat = b.take("sat");
  bool toFloat = ptx::isFloat(to), fromFloat = ptx::isFloat(from);
  if (fromFloat && !toFloat && integral < 0) b.fail("wanted an integer rounding");
  Handler run = between(to, from, rounding, ftz, sat);
  if (!run) b.fail("this conversion is not supported");
  // A directed float rounding of what is not exact runs under the host's rounding mode.
  if (integral < 0 && rounding > 0 && toFloat && to != Type::F16
      && (!fromFloat || ptx::bytesOf(to) < ptx::bytesOf(from))) {
    b.out.imm = reinterpret_cast<std::int64_t>(run);
    b.out.info = roundingBits(rounding);
    run = directed;
  }
  const ptx::Operand& target = b.operand(0);
  const ptx::Operand& value = b.operand(1);
  bool wideTarget = ptx::bytesOf(to) < 8 && target.kind == ptx::Operand::Register && b.isWide(target);
  bool wideSource = ptx::bytesOf(from) < 8 && value.kind == ptx::Operand::Register && b.isWide(value);
  b.out.d = b.destination(0, wideTarget ? Type::B64 : to);
  b.out.a = b.source(1, wideSource ? Type::B64 : from);
  b.out.run = run;
  if (wideTarget || wideSource) {
    if (run == Handler(directed)) b.fail("a register is wider than its type");
    b.out.imm = reinterpret_cast<std::int64_t>(run);
    b.out.e = b.scratch(Type::B32);
    b.out.c = b.secondScratch();
    b.out.info = (wideSource ? 1u : 0u) | (wideTarget ? 2u : 0u) | (ptx::isSigned(to) ? 4u : 0u);
    b.out.run = adapted;
  }
}

} // namespace

void addConvertOpcodes(std::vector<Opcode>& table) {
  table.push_back({"cvt",
      {Type::U8, Type::S8, Type::U16, Type::S16, Type::U32, Type::S32, Type::U64, Type::S64, Type::F16, Type::F32,
          Type::F64, Type::BF16, Type::TF32, Type::F16x2, Type::BF16x2},
      buildCvt});
}

} // namespace softgpu
