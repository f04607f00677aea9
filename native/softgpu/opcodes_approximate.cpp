// Approximate functions. They are computed nearly exactly; checking mode with a seed moves each result within the bound
// that the PTX manual gives, always in the same way for the same argument and seed. Results that its tables of special
// arguments state stay as they are.
#include "float_math.h"

#include "decoder.h"

namespace softgpu {
namespace {

using ptx::Type;

// How far a result may be moved: by RELATIVE times itself plus ABSOLUTE.
struct Bound {
  double relative;
  double absolute;
};

constexpr Bound STATED{0, 0};

constexpr double ULP = 0x1p-24; // half a last place at the top of a binade: the smallest relative size of one unit

// 0 and what is smaller than any normal number; the manual's tables speak of both alike.
inline bool isTiny(double x) { return std::fabs(x) < std::numeric_limits<float>::min(); }

struct Ex2 {
  static double apply(double x) { return exp2Wide(x); }
  static Bound bound(double x) { return isTiny(x) ? STATED : Bound{2 * ULP, 0}; } // 1
};
struct Lg2 {
  static double apply(double x) { return log2Wide(x); }
  // The manual: absolute 2^-22 for arguments in (0.5, 2), relative 2^-22 elsewhere.
  static Bound bound(double x) { return x > 0.5 && x < 2 ? Bound{0, 0x1p-22} : Bound{0x1p-22, 0}; }
};

// Of sine and cosine: within a turn and beyond.
inline double angleError(double x) { return std::fabs(x) <= 6.2832 ? 0x1p-20 * 0.7 : 0x1p-15 * 1.2; }
struct Sine {
  static double apply(double x) { return std::sin(x); }
  static Bound bound(double x) { return x == 0 ? STATED : Bound{0, angleError(x)}; } // the same zero
};
struct Cosine {
  static double apply(double x) { return std::cos(x); }
  static Bound bound(double x) { return isTiny(x) ? STATED : Bound{0, angleError(x)}; } // 1
};
struct Tanh {
  static double apply(double x) { return std::tanh(x); }
  static Bound bound(double x) { return isTiny(x) || std::isinf(x) ? STATED : Bound{0x1p-11, 0}; } // itself; 1 or -1
};
struct Rcp {
  static double apply(double x) { return 1.0 / x; }
  static Bound bound(double) { return {0x1p-23, 0}; }
};
struct Sqrt {
  static double apply(double x) { return std::sqrt(x); }
  static Bound bound(double) { return {0x1p-23, 0}; }
};
struct Rsqrt {
  static double apply(double x) { return 1.0 / std::sqrt(x); }
  static Bound bound(double) { return {0x1p-23 * 1.07, 0}; }
};

inline double moved(double exact, Bound bound, std::uint64_t seed, std::uint64_t argument) {
  double most = std::fabs(exact) * bound.relative + bound.absolute;
  return std::isfinite(exact) && most != 0 ? exact + noise(seed, argument) * most : exact;
}

template <class F, bool FTZ>
void approximate(Warp& w, const Instruction& in, Mask mask) {
  const auto* a = w.source<std::uint32_t>(in.a);
  auto* d = w.row<std::uint32_t>(in.d);
  if (w.perturb == 0) {
    store(d, mask, [=](int i) {
      return put<float>(flush<FTZ>(static_cast<float>(F::apply(static_cast<double>(flush<FTZ>(get<float>(a[i])))))));
    });
    return;
  }
  std::uint64_t seed = w.perturb;
  store(d, mask, [=](int i) {
    auto x = static_cast<double>(flush<FTZ>(get<float>(a[i])));
    return put<float>(flush<FTZ>(static_cast<float>(moved(F::apply(x), F::bound(x), seed, a[i]))));
  });
}

// div.approx and div.full: two units in the last place.
template <bool FTZ>
void divide(Warp& w, const Instruction& in, Mask mask) {
  const auto* a = w.source<std::uint32_t>(in.a);
  const auto* b = w.source<std::uint32_t>(in.b);
  auto* d = w.row<std::uint32_t>(in.d);
  if (w.perturb == 0) {
    store(d, mask,
        [=](int i) { return put<float>(flush<FTZ>(flush<FTZ>(get<float>(a[i])) / flush<FTZ>(get<float>(b[i])))); });
    return;
  }
  std::uint64_t seed = w.perturb;
  store(d, mask, [=](int i) {
    double exact =
        static_cast<double>(flush<FTZ>(get<float>(a[i]))) / static_cast<double>(flush<FTZ>(get<float>(b[i])));
    return put<float>(flush<FTZ>(
        static_cast<float>(moved(exact, {2 * ULP, 0}, seed, a[i] | static_cast<std::uint64_t>(b[i]) << 32))));
  });
}

// The upper words only, lower words zero; subnormals are flushed.
template <class F>
struct HighWord {
  static double apply(double x) {
    double top = bits<double>(bits<std::uint64_t>(x) & 0xffffffff00000000ull);
    if (std::fabs(top) < std::numeric_limits<double>::min()) top = std::copysign(0.0, top);
    double exact = top == 0 ? 1.0 / top : F::apply(top);
    if (std::fabs(exact) < std::numeric_limits<double>::min()) exact = std::copysign(0.0, exact);
    return bits<double>(bits<std::uint64_t>(exact) & 0xffffffff00000000ull);
  }
};

struct RsqrtDouble {
  static double apply(double x) { return 1.0 / std::sqrt(x); }
};

struct Ex2Half {
  static Half apply(Half x) { return static_cast<Half>(exp2Wide(static_cast<double>(x))); }
};
struct TanhHalf {
  static Half apply(Half x) { return static_cast<Half>(std::tanh(static_cast<double>(x))); }
};
template <class F>
struct BothHalves {
  static std::uint32_t apply(std::uint32_t x) {
    Half low = F::apply(bits<Half>(static_cast<std::uint16_t>(x)));
    Half high = F::apply(bits<Half>(static_cast<std::uint16_t>(x >> 16)));
    return bits<std::uint16_t>(low) | static_cast<std::uint32_t>(bits<std::uint16_t>(high)) << 16;
  }
};

void operandsOf(Builder& b, int count) {
  b.operands(static_cast<std::size_t>(count) + 1);
  b.out.d = b.destination(0, b.type());
  b.out.a = b.source(1, b.type());
  if (count > 1) b.out.b = b.source(2, b.type());
  b.floatOperations = 1;
}

template <class F>
void build(Builder& b) {
  operandsOf(b, 1);
  b.out.run = b.take("ftz") ? approximate<F, true> : approximate<F, false>;
}

template <class F, class HALF>
void buildWithHalves(Builder& b) {
  if (b.type() == Type::F32) {
    build<F>(b);
  } else {
    operandsOf(b, 1);
    b.out.run = b.type() == Type::F16 ? Handler(unary<HALF, Half, Half>)
                                      : Handler(unary<BothHalves<HALF>, std::uint32_t, std::uint32_t>);
  }
}

template <class F>
void buildWithDouble(Builder& b) {
  if (b.type() == Type::F32) {
    build<F>(b);
  } else if (b.take("ftz")) {
    operandsOf(b, 1);
    b.out.run = unary<HighWord<F>, double, double>;
  } else {
    operandsOf(b, 1);
    if (!std::is_same_v<F, Rsqrt>) b.fail("wanted .ftz");
    b.out.run = unary<RsqrtDouble, double, double>;
  }
}

void buildDivide(Builder& b) {
  operandsOf(b, 2);
  b.out.run = b.take("ftz") ? divide<true> : divide<false>;
}

} // namespace

void addApproximateOpcodes(std::vector<Opcode>& table) {
  const std::vector<Type> single = {Type::F32};
  const std::vector<Type> both = {Type::F32, Type::F64};
  const std::vector<Type> halves = {Type::F16, Type::F16x2, Type::F32};
  table.insert(table.end(),
      {{"ex2.approx", halves, buildWithHalves<Ex2, Ex2Half>}, {"tanh.approx", halves, buildWithHalves<Tanh, TanhHalf>},
          {"lg2.approx", single, build<Lg2>}, {"sin.approx", single, build<Sine>},
          {"cos.approx", single, build<Cosine>}, {"sqrt.approx", single, build<Sqrt>},
          {"rcp.approx", both, buildWithDouble<Rcp>}, {"rsqrt.approx", both, buildWithDouble<Rsqrt>},
          {"div.approx", single, buildDivide}, {"div.full", single, buildDivide}});
}

} // namespace softgpu
