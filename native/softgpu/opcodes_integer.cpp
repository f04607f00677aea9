// Integer arithmetic, bit operations and moves.
#include "decoder.h"

#include <algorithm>
#include <chrono>

namespace softgpu {
namespace {

using ptx::Type;

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

template <class T> struct Add { static T apply(T a, T b) { return static_cast<T>(static_cast<U<T>>(a) + static_cast<U<T>>(b)); } };
template <class T> struct Sub { static T apply(T a, T b) { return static_cast<T>(static_cast<U<T>>(a) - static_cast<U<T>>(b)); } };
template <class T> struct MulLow {
  static T apply(T a, T b) { return static_cast<T>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b)); }
};
template <class T> struct MulHigh {
  static T apply(T a, T b) { return static_cast<T>((static_cast<Double<T>>(a) * static_cast<Double<T>>(b)) >> WIDTH<T>); }
};
template <class T> struct MadLow { static T apply(T a, T b, T c) { return Add<T>::apply(MulLow<T>::apply(a, b), c); } };
template <class T> struct MadHigh { static T apply(T a, T b, T c) { return Add<T>::apply(MulHigh<T>::apply(a, b), c); } };
template <class T> struct MulWide {
  static Double<T> apply(T a, T b) { return static_cast<Double<T>>(static_cast<Double<T>>(a) * static_cast<Double<T>>(b)); }
};
template <class T> struct MadWide {
  static Double<T> apply(T a, T b, Double<T> c) { return Add<Double<T>>::apply(MulWide<T>::apply(a, b), c); }
};
template <class T> struct Mul24 {
  static std::int64_t product(T a, T b) {
    auto low = [](T x) { return std::is_signed_v<T> ? static_cast<std::int64_t>(static_cast<std::int32_t>(static_cast<std::uint32_t>(x) << 8) >> 8)
                                                    : static_cast<std::int64_t>(static_cast<std::uint32_t>(x) & 0xffffff); };
    return low(a) * low(b);
  }
  static T apply(T a, T b) { return static_cast<T>(product(a, b)); }
};
template <class T> struct Mul24High { static T apply(T a, T b) { return static_cast<T>(Mul24<T>::product(a, b) >> 16); } };
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
template <class T> struct And { static T apply(T a, T b) { return static_cast<T>(a & b); } };
template <class T> struct Or { static T apply(T a, T b) { return static_cast<T>(a | b); } };
template <class T> struct Xor { static T apply(T a, T b) { return static_cast<T>(a ^ b); } };
template <class T> struct Not { static T apply(T a) { return static_cast<T>(~a); } };
template <class T> struct Cnot { static T apply(T a) { return a == 0 ? T{1} : T{0}; } };
template <class T> struct Shl {
  static T apply(T a, std::uint32_t n) { return n >= WIDTH<T> ? T{0} : static_cast<T>(static_cast<U<T>>(a) << n); }
};
template <class T> struct Shr {
  static T apply(T a, std::uint32_t n) {
    if (n >= WIDTH<T>) return static_cast<T>(a < T{0} ? -1 : 0);
    return static_cast<T>(a >> n);
  }
};
template <class T> struct Popc { static std::uint32_t apply(T a) { return static_cast<std::uint32_t>(__builtin_popcountll(a)); } };
template <class T> struct Clz {
  static std::uint32_t apply(T a) { return a == 0 ? WIDTH<T> : static_cast<std::uint32_t>(__builtin_clzll(a)) - (64 - WIDTH<T>); }
};
template <class T> struct Brev {
  static T apply(T a) {
    T result = 0;
    for (int i = 0; i < WIDTH<T>; ++i) result = static_cast<T>(result | ((a >> i & 1) << (WIDTH<T> - 1 - i)));
    return result;
  }
};
template <class T, bool SHIFT> struct Bfind {
  static std::uint32_t apply(T a) {
    auto u = static_cast<U<T>>(a < T{0} ? ~a : a);
    if (u == 0) return 0xffffffffu;
    std::uint32_t at = 63 - static_cast<std::uint32_t>(__builtin_clzll(u));
    return SHIFT ? WIDTH<T> - 1 - at : at;
  }
};
template <class T> struct BfindAt : Bfind<T, false> {};
template <class T> struct BfindShift : Bfind<T, true> {};
template <class T>
constexpr U<T> ones(std::uint32_t count) { return count >= WIDTH<T> ? static_cast<U<T>>(~U<T>{0}) : static_cast<U<T>>((U<T>{1} << count) - 1); }

template <class T> struct Bfe {
  static T apply(T a, std::uint32_t pos, std::uint32_t len) {
    pos &= 0xff;
    len &= 0xff;
    auto u = static_cast<U<T>>(a);
    std::uint32_t real = pos >= WIDTH<T> ? 0 : std::min<std::uint32_t>(len, WIDTH<T> - pos);
    std::uint32_t top = std::min<std::uint32_t>(pos + len - 1, WIDTH<T> - 1);
    bool sign = std::is_signed_v<T> && len != 0 && (u >> top & 1);
    U<T> value = real == 0 ? U<T>{0} : static_cast<U<T>>(u >> pos & ones<T>(real));
    return static_cast<T>(sign ? value | static_cast<U<T>>(~ones<T>(real)) : value);
  }
};
template <class T> struct Bfi {
  static T apply(T a, T b, std::uint32_t pos, std::uint32_t len) {
    pos &= 0xff;
    len &= 0xff;
    if (pos >= WIDTH<T> || len == 0) return b;
    T field = static_cast<T>(ones<T>(len) << pos);
    return static_cast<T>((b & ~field) | ((a << pos) & field));
  }
};

template <class T>
struct BfeRun {
  static constexpr Handler run = ternary<Bfe<T>, T, T, std::uint32_t, std::uint32_t>;
};

template <class T>
struct BfiRun {
  static void run(Warp& w, const Instruction& in, Mask mask) {
    const auto* a = w.source<Slot<T>>(in.a);
    const auto* b = w.source<Slot<T>>(in.b);
    const auto* c = w.source<std::uint32_t>(in.c);
    const auto* e = w.source<std::uint32_t>(in.e);
    store(w.row<Slot<T>>(in.d), mask, [=](int i) { return put<T>(Bfi<T>::apply(get<T>(a[i]), get<T>(b[i]), c[i], e[i])); });
  }
};

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

void prmt(Warp& w, const Instruction& in, Mask mask) {
  const auto* a = w.source<std::uint32_t>(in.a);
  const auto* b = w.source<std::uint32_t>(in.b);
  const auto* c = w.source<std::uint32_t>(in.c);
  store(w.row<std::uint32_t>(in.d), mask, [=](int i) {
    std::uint64_t both = a[i] | static_cast<std::uint64_t>(b[i]) << 32;
    std::uint32_t result = 0;
    for (int k = 0; k < 4; ++k) {
      std::uint32_t selector = c[i] >> (4 * k) & 15;
      std::uint32_t byte = static_cast<std::uint32_t>(both >> (8 * (selector & 7))) & 0xff;
      if (selector & 8) byte = byte & 0x80 ? 0xff : 0;
      result |= byte << (8 * k);
    }
    return result;
  });
}

// prmt.f4e and so on: the selector's low two bits name a row of bytes.
void prmtMode(Warp& w, const Instruction& in, Mask mask) {
  static const std::uint16_t ROWS[6][4] = {{0x3210, 0x4321, 0x5432, 0x6543}, {0x5670, 0x6701, 0x7012, 0x0123},
      {0x0000, 0x1111, 0x2222, 0x3333}, {0x3210, 0x3211, 0x3222, 0x3333}, {0x0000, 0x1110, 0x2210, 0x3210},
      {0x1010, 0x3232, 0x1010, 0x3232}};
  const auto* a = w.source<std::uint32_t>(in.a);
  const auto* b = w.source<std::uint32_t>(in.b);
  const auto* c = w.source<std::uint32_t>(in.c);
  const std::uint16_t* rows = ROWS[in.info];
  store(w.row<std::uint32_t>(in.d), mask, [=](int i) {
    std::uint64_t both = a[i] | static_cast<std::uint64_t>(b[i]) << 32;
    std::uint32_t selectors = rows[c[i] & 3], result = 0;
    for (int k = 0; k < 4; ++k) result |= (static_cast<std::uint32_t>(both >> (8 * (selectors >> (4 * k) & 7))) & 0xff) << (8 * k);
    return result;
  });
}

void lop3(Warp& w, const Instruction& in, Mask mask) {
  const auto* a = w.source<std::uint32_t>(in.a);
  const auto* b = w.source<std::uint32_t>(in.b);
  const auto* c = w.source<std::uint32_t>(in.c);
  std::uint32_t table[8];
  for (int k = 0; k < 8; ++k) table[k] = in.info >> k & 1 ? FULL : 0;
  store(w.row<std::uint32_t>(in.d), mask, [&, a, b, c](int i) {
    std::uint32_t x = a[i], y = b[i], z = c[i];
    return (table[0] & ~x & ~y & ~z) | (table[1] & ~x & ~y & z) | (table[2] & ~x & y & ~z) | (table[3] & ~x & y & z)
        | (table[4] & x & ~y & ~z) | (table[5] & x & ~y & z) | (table[6] & x & y & ~z) | (table[7] & x & y & z);
  });
}

template <bool LEFT, bool WRAP>
struct FunnelShift {
  static std::uint32_t apply(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
    std::uint32_t n = WRAP ? c & 31 : std::min(c, 32u);
    std::uint64_t both = a | static_cast<std::uint64_t>(b) << 32;
    return static_cast<std::uint32_t>(LEFT ? (both << n) >> 32 : both >> n);
  }
};

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

template <class T>
struct Same {
  static T apply(T a) { return a; }
};

// Predicate logic: whole masks at once. info: bits 0 and 1 negate the operands.
template <int OP>
void predicateLogic(Warp& w, const Instruction& in, Mask mask) {
  Mask a = w.predicateSource(in.a) ^ (in.info & 1 ? FULL : 0);
  Mask b = w.predicateSource(in.b) ^ (in.info & 2 ? FULL : 0);
  Mask result = OP == 0 ? a & b : OP == 1 ? a | b : OP == 2 ? a ^ b : OP == 3 ? ~a : a;
  Mask& d = w.predicate(in.d);
  d = (d & ~mask) | (result & mask);
}

void clock(Warp& w, const Instruction& in, Mask mask) {
  auto now = static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  if (in.info) {
    store(w.row<std::uint64_t>(in.d), mask, [=](int) { return now; });
  } else {
    store(w.row<std::uint32_t>(in.d), mask, [=](int) { return static_cast<std::uint32_t>(now); });
  }
}

// mov between one wide row and parts of it. info: the part's bits.
template <class W>
void pack(Warp& w, const Instruction& in, Mask mask) {
  const auto* rows = &w.program().lists[static_cast<std::size_t>(in.a)];
  int parts = static_cast<int>(sizeof(W) * 8 / in.info);
  auto* d = w.row<W>(in.d);
  W limit = static_cast<W>((std::uint64_t{1} << in.info) - 1);
  W packed[LANES] = {};
  for (int k = 0; k < parts; ++k) {
    const auto* part = w.source<std::uint32_t>(rows[k]);
    for (int i = 0; i < LANES; ++i) packed[i] |= (static_cast<W>(part[i]) & limit) << (in.info * static_cast<std::uint32_t>(k));
  }
  store(d, mask, [&](int i) { return packed[i]; });
}

template <class W>
void unpack(Warp& w, const Instruction& in, Mask mask) {
  const auto* rows = &w.program().lists[static_cast<std::size_t>(in.d)];
  int parts = static_cast<int>(sizeof(W) * 8 / in.info);
  W limit = static_cast<W>((std::uint64_t{1} << in.info) - 1);
  W whole[LANES];
  std::memcpy(whole, w.source<W>(in.a), sizeof whole);
  for (int k = 0; k < parts; ++k) {
    store(w.row<std::uint32_t>(rows[k]), mask,
        [&](int i) { return static_cast<std::uint32_t>(whole[i] >> (in.info * static_cast<std::uint32_t>(k)) & limit); });
  }
}

void sources(Builder& b, std::size_t count) {
  b.operands(count + 1);
  b.out.d = b.destination(0, b.type());
  b.out.a = b.source(1, b.type());
  if (count > 1) b.out.b = b.source(2, b.type());
  if (count > 2) b.out.c = b.source(3, b.type());
}

template <template <class> class F>
void buildUnary(Builder& b) {
  sources(b, 1);
  b.out.run = pickInteger<As<F>::template Unary>(b.type());
}

template <template <class> class F>
void buildBinary(Builder& b) {
  sources(b, 2);
  b.out.run = pickInteger<As<F>::template Binary>(b.type());
}

template <template <class> class F>
void buildTernary(Builder& b) {
  sources(b, 3);
  b.out.run = pickInteger<As<F>::template Ternary>(b.type());
}

template <bool SUBTRACT>
void buildSum(Builder& b) {
  sources(b, 2);
  if (b.take("sat")) {
    if (b.type() != Type::S32) b.fail(".sat is for .s32");
    b.out.run = binary<Saturated<SUBTRACT>, std::int32_t, std::int32_t>;
  } else if (b.take("cc")) {
    b.out.e = b.carry();
    b.out.info = 1;
    b.out.run = ptx::bytesOf(b.type()) == 8 ? carried<std::uint64_t, SUBTRACT, false> : carried<std::uint32_t, SUBTRACT, false>;
  } else {
    b.out.run = SUBTRACT ? pickInteger<As<Sub>::Binary>(b.type()) : pickInteger<As<Add>::Binary>(b.type());
  }
}

template <bool SUBTRACT>
void buildCarried(Builder& b) {
  sources(b, 2);
  b.out.e = b.carry();
  b.out.info = b.take("cc") ? 1 : 0;
  b.out.run = ptx::bytesOf(b.type()) == 8 ? carried<std::uint64_t, SUBTRACT, true> : carried<std::uint32_t, SUBTRACT, true>;
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
  sources(b, 2);
  b.out.run = b.type() == Type::S32 ? Handler(binary<F<std::int32_t>, std::int32_t, std::int32_t>)
                                    : Handler(binary<F<std::uint32_t>, std::uint32_t, std::uint32_t>);
}

template <template <class> class F, int OP>
void buildLogic(Builder& b) {
  if (b.type() != Type::Pred) {
    buildBinary<F>(b);
    return;
  }
  b.operands(3);
  bool first, second;
  b.out.d = b.predicateDestination(b.operand(0));
  b.out.a = b.predicateSource(b.operand(1), first);
  b.out.b = b.predicateSource(b.operand(2), second);
  b.out.info = (first ? 1 : 0) | (second ? 2 : 0);
  b.out.run = predicateLogic<OP>;
}

void buildPredicateCopy(Builder& b, Handler run) {
  b.operands(2);
  bool negated;
  b.out.d = b.predicateDestination(b.operand(0));
  b.out.a = b.out.b = b.predicateSource(b.operand(1), negated);
  b.out.info = negated ? 1 : 0;
  b.out.run = run;
}

void buildNot(Builder& b) {
  if (b.type() == Type::Pred) {
    buildPredicateCopy(b, predicateLogic<3>);
  } else {
    buildUnary<Not>(b);
  }
}

template <template <class> class F>
void buildShift(Builder& b) {
  b.operands(3);
  b.out.d = b.destination(0, b.type());
  b.out.a = b.source(1, b.type());
  b.out.b = b.source(2, Type::U32);
  b.out.run = pickInteger<As<F>::template Counted>(b.type());
}

template <template <class> class F>
void buildCount(Builder& b) {
  b.operands(2);
  b.out.d = b.destination(0, Type::U32);
  b.out.a = b.source(1, b.type());
  b.out.run = ptx::bytesOf(b.type()) == 8 ? Handler(unary<F<std::uint64_t>, std::uint32_t, std::uint64_t>)
                                          : Handler(unary<F<std::uint32_t>, std::uint32_t, std::uint32_t>);
}

void buildBrev(Builder& b) {
  sources(b, 1);
  b.out.run = b.type() == Type::B64 ? Handler(unary<Brev<std::uint64_t>, std::uint64_t, std::uint64_t>)
                                    : Handler(unary<Brev<std::uint32_t>, std::uint32_t, std::uint32_t>);
}

void buildBfind(Builder& b) {
  b.operands(2);
  b.out.d = b.destination(0, Type::U32);
  b.out.a = b.source(1, b.type());
  b.out.run = b.take("shiftamt") ? pickInteger<As<BfindShift>::Short>(b.type()) : pickInteger<As<BfindAt>::Short>(b.type());
}

void buildBfe(Builder& b) {
  b.operands(4);
  b.out.d = b.destination(0, b.type());
  b.out.a = b.source(1, b.type());
  b.out.b = b.source(2, Type::U32);
  b.out.c = b.source(3, Type::U32);
  b.out.run = pickInteger<BfeRun>(b.type());
}

void buildBfi(Builder& b) {
  b.operands(5);
  b.out.d = b.destination(0, b.type());
  b.out.a = b.source(1, b.type());
  b.out.b = b.source(2, b.type());
  b.out.c = b.source(3, Type::U32);
  b.out.e = b.source(4, Type::U32);
  b.out.run = b.type() == Type::B64 ? BfiRun<std::uint64_t>::run : BfiRun<std::uint32_t>::run;
}

void buildPrmt(Builder& b) {
  sources(b, 3);
  int mode = b.takeOneOf({"f4e", "b4e", "rc8", "ecl", "ecr", "rc16"});
  b.out.info = mode < 0 ? 0 : static_cast<std::uint32_t>(mode);
  b.out.run = mode < 0 ? prmt : prmtMode;
}

void buildLop3(Builder& b) {
  b.operands(5);
  b.out.d = b.destination(0, Type::B32);
  b.out.a = b.source(1, Type::B32);
  b.out.b = b.source(2, Type::B32);
  b.out.c = b.source(3, Type::B32);
  b.out.info = static_cast<std::uint32_t>(b.integer(4));
  b.out.run = lop3;
}

void buildFunnel(Builder& b) {
  sources(b, 3);
  bool left = b.take("l");
  if (!left && !b.take("r")) b.fail("wanted .l or .r");
  bool wrap = b.take("wrap");
  if (!wrap && !b.take("clamp")) b.fail("wanted .wrap or .clamp");
  using T = std::uint32_t;
  b.out.run = left ? (wrap ? ternary<FunnelShift<true, true>, T, T> : ternary<FunnelShift<true, false>, T, T>)
                   : (wrap ? ternary<FunnelShift<false, true>, T, T> : ternary<FunnelShift<false, false>, T, T>);
}

void buildDp4a(Builder& b) {
  if (b.typeCount() != 2 || b.type() != b.secondType()) b.fail("both types must be the same");
  sources(b, 3);
  using T = std::uint32_t;
  b.out.run = b.type() == Type::S32 ? ternary<Dp4aSigned, T, T> : ternary<Dp4aUnsigned, T, T>;
}

void buildMov(Builder& b) {
  b.operands(2);
  const ptx::Operand& to = b.operand(0);
  const ptx::Operand& from = b.operand(1);
  int bytes = ptx::bytesOf(b.type());
  if (b.type() == Type::Pred) {
    buildPredicateCopy(b, predicateLogic<4>);
  } else if (to.kind == ptx::Operand::Vector || from.kind == ptx::Operand::Vector) {
    bool packs = from.kind == ptx::Operand::Vector;
    const auto& parts = packs ? from.parts : to.parts;
    if (parts.empty() || bytes % static_cast<int>(parts.size()) != 0 || bytes < 4) b.fail("wrong number of parts");
    b.out.info = static_cast<std::uint32_t>(bytes * 8) / static_cast<std::uint32_t>(parts.size());
    if (b.out.info > 32) b.fail("wrong number of parts");
    std::vector<std::int32_t> rows;
    for (const auto& part : parts) rows.push_back(packs ? b.source(part, Type::B32) : b.destination(part, Type::B32));
    if (packs) {
      b.out.d = b.destination(0, b.type());
      b.out.a = b.list(rows);
      b.out.run = bytes == 8 ? pack<std::uint64_t> : pack<std::uint32_t>;
    } else {
      b.out.a = b.source(1, b.type());
      b.out.d = b.list(rows);
      b.out.run = bytes == 8 ? unpack<std::uint64_t> : unpack<std::uint32_t>;
    }
  } else if (from.kind == ptx::Operand::Special && (from.name == "%clock" || from.name == "%clock64" || from.name == "%globaltimer")) {
    b.out.d = b.destination(0, b.type());
    b.out.info = bytes == 8;
    b.out.run = clock;
  } else {
    b.out.d = b.destination(0, b.type());
    b.out.a = b.source(1, b.type());
    b.out.run = bytes == 8 ? Handler(unary<Same<std::uint64_t>, std::uint64_t, std::uint64_t>)
                           : Handler(unary<Same<std::uint32_t>, std::uint32_t, std::uint32_t>);
  }
}

} // namespace

void addIntegerOpcodes(std::vector<Opcode>& table) {
  const std::vector<Type> all = {Type::U16, Type::S16, Type::U32, Type::S32, Type::U64, Type::S64};
  const std::vector<Type> words = {Type::U32, Type::S32, Type::U64, Type::S64};
  const std::vector<Type> small = {Type::U16, Type::S16, Type::U32, Type::S32};
  const std::vector<Type> bitTypes = {Type::B16, Type::B32, Type::B64};
  const std::vector<Type> logic = {Type::Pred, Type::B16, Type::B32, Type::B64};
  const std::vector<Type> plain = {Type::B32, Type::B64};
  const std::vector<Type> carry = {Type::U32, Type::S32, Type::U64, Type::S64};
  const std::vector<Type> signedTypes = {Type::S16, Type::S32, Type::S64};
  table.insert(table.end(), {{"add", all, buildSum<false>}, {"sub", all, buildSum<true>}, {"addc", carry, buildCarried<false>},
      {"subc", carry, buildCarried<true>}, {"mul.lo", all, buildBinary<MulLow>}, {"mul.hi", all, buildBinary<MulHigh>},
      {"mul.wide", small, buildMulWide}, {"mad.lo", all, buildTernary<MadLow>}, {"mad.hi", all, buildTernary<MadHigh>},
      {"mad.wide", small, buildMadWide}, {"mul24.lo", {Type::U32, Type::S32}, build24<Mul24>},
      {"mul24.hi", {Type::U32, Type::S32}, build24<Mul24High>}, {"sad", all, buildTernary<Sad>}, {"div", all, buildBinary<Div>},
      {"rem", all, buildBinary<Rem>}, {"abs", signedTypes, buildUnary<Abs>}, {"neg", signedTypes, buildUnary<Neg>},
      {"min", all, buildBinary<Min>}, {"max", all, buildBinary<Max>}, {"and", logic, buildLogic<And, 0>},
      {"or", logic, buildLogic<Or, 1>}, {"xor", logic, buildLogic<Xor, 2>}, {"not", logic, buildNot},
      {"cnot", bitTypes, buildUnary<Cnot>}, {"shl", bitTypes, buildShift<Shl>},
      {"shr", {Type::B16, Type::U16, Type::S16, Type::B32, Type::U32, Type::S32, Type::B64, Type::U64, Type::S64}, buildShift<Shr>},
      {"popc", plain, buildCount<Popc>}, {"clz", plain, buildCount<Clz>}, {"brev", plain, buildBrev}, {"bfind", words, buildBfind},
      {"bfe", words, buildBfe}, {"bfi", plain, buildBfi}, {"prmt", {Type::B32}, buildPrmt}, {"lop3", {Type::B32}, buildLop3},
      {"shf", {Type::B32}, buildFunnel}, {"dp4a", {Type::U32, Type::S32}, buildDp4a},
      {"mov", {Type::Pred, Type::B16, Type::U16, Type::S16, Type::F16, Type::B32, Type::U32, Type::S32, Type::F32, Type::B64, Type::U64,
          Type::S64, Type::F64}, buildMov}});
}

} // namespace softgpu
