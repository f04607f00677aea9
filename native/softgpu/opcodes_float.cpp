// IEEE arithmetic of f16, f16x2, f32 and f64: exact results in every rounding mode, subnormals flushed where .ftz says
// so.
#include "float_math.h"

#include "decoder.h"

namespace softgpu {
namespace {

using ptx::Type;

template <class T>
using Wider =
    std::conditional_t<sizeof(T) == 2, float, T>; // sums, products and quotients of halves round the same through float

template <class T> struct AddOp { static T apply(T a, T b) { return static_cast<T>(Wider<T>(a) + Wider<T>(b)); } };
template <class T> struct SubOp { static T apply(T a, T b) { return static_cast<T>(Wider<T>(a) - Wider<T>(b)); } };
template <class T> struct MulOp { static T apply(T a, T b) { return static_cast<T>(Wider<T>(a) * Wider<T>(b)); } };
template <class T> struct DivOp { static T apply(T a, T b) { return a / b; } };
template <class T> struct RcpOp { static T apply(T a) { return T(1) / a; } };
template <class T> struct SqrtOp { static T apply(T a) { return std::sqrt(a); } };
template <class T> struct FmaOp {
  static T apply(T a, T b, T c) {
    if constexpr (sizeof(T) == 2) {
      return static_cast<T>(static_cast<double>(a) * static_cast<double>(b) + static_cast<double>(c));
    } else {
      return std::fma(a, b, c);
    }
  }
};
template <class T> struct AbsOp {
  static T apply(T a) {
    if constexpr (sizeof(T) == 2) {
      return bits<T>(static_cast<std::uint16_t>(bits<std::uint16_t>(a) & 0x7fff));
    } else {
      return std::fabs(a);
    }
  }
};
template <class T> struct NegOp { static T apply(T a) { return -a; } };
// Of a NaN and a number the number is taken, unless NAN_WINS; -0 is below +0.
template <class T, bool MAX, bool NAN_WINS> struct Extreme {
  static T apply(T a, T b) {
    T quiet = static_cast<T>(std::numeric_limits<float>::quiet_NaN());
    bool first = MAX ? a > b : a < b;
    T result = first ? a : b;
    if constexpr (sizeof(T) == 2) {
      auto x = bits<std::uint16_t>(a), y = bits<std::uint16_t>(b);
      result = a == b ? bits<T>(static_cast<std::uint16_t>(MAX ? x & y : x | y)) : result;
    } else {
      auto x = bits<Slot<T>>(a), y = bits<Slot<T>>(b);
      result = a == b ? bits<T>(MAX ? x & y : x | y) : result;
    }
    if (NAN_WINS) return a != a || b != b ? quiet : result;
    result = a != a ? b : b != b ? a : result;
    return result != result ? quiet : result;
  }
};
template <class T> struct MinOp : Extreme<T, false, false> {};
template <class T> struct MaxOp : Extreme<T, true, false> {};
template <class T> struct MinNanOp : Extreme<T, false, true> {};
template <class T> struct MaxNanOp : Extreme<T, true, true> {};
// The sign of the first with the size of the second.
template <class T> struct CopysignOp { static T apply(T a, T b) { return std::copysign(b, a); } };

template <template <class> class F, class T, bool FTZ, bool SAT>
struct One {
  static T apply(T a) { return saturate<SAT>(flush<FTZ>(F<T>::apply(flush<FTZ>(a)))); }
};
template <template <class> class F, class T, bool FTZ, bool SAT>
struct Two {
  static T apply(T a, T b) { return saturate<SAT>(flush<FTZ>(F<T>::apply(flush<FTZ>(a), flush<FTZ>(b)))); }
};
template <template <class> class F, class T, bool FTZ, bool SAT>
struct Three {
  static T apply(T a, T b, T c) {
    return saturate<SAT>(flush<FTZ>(F<T>::apply(flush<FTZ>(a), flush<FTZ>(b), flush<FTZ>(c))));
  }
};

// Two halves in one slot.
template <template <class> class F, bool SAT>
struct Packed {
  static Half low(std::uint32_t x) { return bits<Half>(static_cast<std::uint16_t>(x)); }
  static Half high(std::uint32_t x) { return bits<Half>(static_cast<std::uint16_t>(x >> 16)); }
  static std::uint32_t join(Half l, Half h) {
    return bits<std::uint16_t>(saturate<SAT>(l))
        | static_cast<std::uint32_t>(bits<std::uint16_t>(saturate<SAT>(h))) << 16;
  }
  static std::uint32_t apply(std::uint32_t a) { return join(F<Half>::apply(low(a)), F<Half>::apply(high(a))); }
  static std::uint32_t apply(std::uint32_t a, std::uint32_t b) {
    return join(F<Half>::apply(low(a), low(b)), F<Half>::apply(high(a), high(b)));
  }
  static std::uint32_t apply(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
    return join(F<Half>::apply(low(a), low(b), low(c)), F<Half>::apply(high(a), high(b), high(c)));
  }
};

template <template <class> class F, class T, bool FTZ, bool SAT>
Handler arity(int operands) {
  if constexpr (std::is_same_v<F<T>, FmaOp<T>>) {
    (void)operands;
    return ternary<Three<F, T, FTZ, SAT>, T, T>;
  } else if constexpr (std::is_same_v<F<T>, RcpOp<T>> || std::is_same_v<F<T>, SqrtOp<T>>
      || std::is_same_v<F<T>, AbsOp<T>> || std::is_same_v<F<T>, NegOp<T>>) {
    return unary<One<F, T, FTZ, SAT>, T, T>;
  } else {
    return binary<Two<F, T, FTZ, SAT>, T, T>;
  }
}

template <template <class> class F>
Handler packed(int operands, bool sat) {
  using W = std::uint32_t;
  if constexpr (std::is_same_v<F<float>, FmaOp<float>>) {
    return sat ? ternary<Packed<F, true>, W, W> : ternary<Packed<F, false>, W, W>;
  } else if constexpr (std::is_same_v<F<float>, AbsOp<float>> || std::is_same_v<F<float>, NegOp<float>>) {
    return unary<Packed<F, false>, W, W>;
  } else {
    (void)operands;
    return sat ? binary<Packed<F, true>, W, W> : binary<Packed<F, false>, W, W>;
  }
}

// operands: 1, 2 or 3 sources. HALVES: whether f16 and f16x2 exist.
template <template <class> class F, bool HALVES>
Handler choose(Type type, int operands, bool ftz, bool sat) {
  if (type == Type::F64) return sat || ftz ? nullptr : arity<F, double, false, false>(operands);
  if (type == Type::F32) {
    return ftz ? (sat ? arity<F, float, true, true>(operands) : arity<F, float, true, false>(operands))
               : (sat ? arity<F, float, false, true>(operands) : arity<F, float, false, false>(operands));
  }
  if constexpr (HALVES) {
    if (type == Type::F16) return sat ? arity<F, Half, false, true>(operands) : arity<F, Half, false, false>(operands);
    if (type == Type::F16x2) return packed<F>(operands, sat);
  }
  return nullptr;
}

void sources(Builder& b, int count) {
  b.operands(static_cast<std::size_t>(count) + 1);
  b.out.d = b.destination(0, b.type());
  b.out.a = b.source(1, b.type());
  if (count > 1) b.out.b = b.source(2, b.type());
  if (count > 2) b.out.c = b.source(3, b.type());
}

// rn, rm, rp, rz are MXCSR's order.
template <template <class> class F, int OPERANDS, bool HALVES, int COST, bool ROUNDED>
void buildArithmetic(Builder& b) {
  sources(b, OPERANDS);
  int mode = ROUNDED ? b.takeOneOf({"rn", "rm", "rp", "rz"}) : 0;
  bool ftz = b.take("ftz");
  bool sat = b.take("sat");
  b.floatOperations = COST * (b.type() == Type::F16x2 ? 2 : 1);
  b.out.run = choose<F, HALVES>(b.type(), OPERANDS, ftz, sat);
  if (mode > 0 && b.out.run) {
    if (b.type() == Type::F16 || b.type() == Type::F16x2) b.fail("halves round to nearest only");
    b.out.imm = reinterpret_cast<std::int64_t>(b.out.run);
    b.out.info = roundingBits(mode);
    b.out.run = directed;
  }
}

template <template <class> class F, template <class> class NAN_WINS>
void buildExtreme(Builder& b) {
  if (b.take("NaN")) {
    buildArithmetic<NAN_WINS, 2, true, 1, false>(b);
  } else {
    buildArithmetic<F, 2, true, 1, false>(b);
  }
}

void buildCopysign(Builder& b) {
  sources(b, 2);
  b.out.run = b.type() == Type::F64 ? Handler(binary<CopysignOp<double>, double, double>)
                                    : Handler(binary<CopysignOp<float>, float, float>);
}

template <class T>
bool isClass(T x, std::uint32_t which) {
  T size = std::fabs(x);
  T infinity = std::numeric_limits<T>::infinity();
  switch (which) {
    case 0: return size < infinity;
    case 1: return size == infinity;
    case 2: return x == x;
    case 3: return x != x;
    case 4: return size >= std::numeric_limits<T>::min() && size < infinity;
    default: return size < std::numeric_limits<T>::min() && size > 0;
  }
}

template <class T>
void testp(Warp& w, const Instruction& in, Mask mask) {
  const auto* a = w.source<Slot<T>>(in.a);
  Mask result = gather([=](int i) { return isClass(get<T>(a[i]), in.info); });
  Mask& d = w.predicate(in.d);
  d = (d & ~mask) | (result & mask);
}

void buildTestp(Builder& b) {
  b.operands(2);
  b.out.d = b.predicateDestination(b.operand(0));
  b.out.a = b.source(1, b.type());
  int which = b.takeOneOf({"finite", "infinite", "number", "notanumber", "normal", "subnormal"});
  if (which < 0) b.fail("wanted a class of numbers");
  b.out.info = static_cast<std::uint32_t>(which);
  b.out.run = b.type() == Type::F64 ? testp<double> : testp<float>;
}

} // namespace

void addFloatOpcodes(std::vector<Opcode>& table) {
  const std::vector<Type> both = {Type::F32, Type::F64};
  const std::vector<Type> all = {Type::F16, Type::F16x2, Type::F32, Type::F64};
  table.insert(table.end(),
      {{"add", all, buildArithmetic<AddOp, 2, true, 1, true>}, {"sub", all, buildArithmetic<SubOp, 2, true, 1, true>},
          {"mul", all, buildArithmetic<MulOp, 2, true, 1, true>},
          {"fma", all, buildArithmetic<FmaOp, 3, true, 2, true>},
          {"mad", both, buildArithmetic<FmaOp, 3, false, 2, true>},
          {"div", both, buildArithmetic<DivOp, 2, false, 1, true>},
          {"rcp", both, buildArithmetic<RcpOp, 1, false, 1, true>},
          {"sqrt", both, buildArithmetic<SqrtOp, 1, false, 1, true>},
          {"abs", all, buildArithmetic<AbsOp, 1, true, 1, false>},
          {"neg", all, buildArithmetic<NegOp, 1, true, 1, false>}, {"min", all, buildExtreme<MinOp, MinNanOp>},
          {"max", all, buildExtreme<MaxOp, MaxNanOp>}, {"copysign", both, buildCopysign}, {"testp", both, buildTestp}});
}

} // namespace softgpu
