// Logic, shifts, fields and permutations of bits.
#include "integer_forms.h"

#include <algorithm>

namespace softgpu {
namespace {

using ptx::Type;

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
template <class T>
struct Popc {
  static std::uint32_t apply(T a) { return static_cast<std::uint32_t>(__builtin_popcountll(a)); }
};
template <class T> struct Clz {
  static std::uint32_t apply(T a) {
    return a == 0 ? WIDTH<T> : static_cast<std::uint32_t>(__builtin_clzll(a)) - (64 - WIDTH<T>);
  }
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
constexpr U<T> ones(std::uint32_t count) {
  return count >= WIDTH<T> ? static_cast<U<T>>(~U<T>{0}) : static_cast<U<T>>((U<T>{1} << count) - 1);
}

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
    store(w.row<Slot<T>>(in.d), mask,
        [=](int i) { return put<T>(Bfi<T>::apply(get<T>(a[i]), get<T>(b[i]), c[i], e[i])); });
  }
};

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
    for (int k = 0; k < 4; ++k)
      result |= (static_cast<std::uint32_t>(both >> (8 * (selectors >> (4 * k) & 7))) & 0xff) << (8 * k);
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
  integerSources(b, 1);
  b.out.run = b.type() == Type::B64 ? Handler(unary<Brev<std::uint64_t>, std::uint64_t, std::uint64_t>)
                                    : Handler(unary<Brev<std::uint32_t>, std::uint32_t, std::uint32_t>);
}

void buildBfind(Builder& b) {
  b.operands(2);
  b.out.d = b.destination(0, Type::U32);
  b.out.a = b.source(1, b.type());
  b.out.run =
      b.take("shiftamt") ? pickInteger<As<BfindShift>::Short>(b.type()) : pickInteger<As<BfindAt>::Short>(b.type());
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
  integerSources(b, 3);
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
  integerSources(b, 3);
  bool left = b.take("l");
  if (!left && !b.take("r")) b.fail("wanted .l or .r");
  bool wrap = b.take("wrap");
  if (!wrap && !b.take("clamp")) b.fail("wanted .wrap or .clamp");
  using T = std::uint32_t;
  b.out.run = left ? (wrap ? ternary<FunnelShift<true, true>, T, T> : ternary<FunnelShift<true, false>, T, T>)
                   : (wrap ? ternary<FunnelShift<false, true>, T, T> : ternary<FunnelShift<false, false>, T, T>);
}

} // namespace

void addBitOpcodes(std::vector<Opcode>& table) {
  const std::vector<Type> words = {Type::U32, Type::S32, Type::U64, Type::S64};
  const std::vector<Type> plain = {Type::B32, Type::B64};
  const std::vector<Type> all = {Type::B16, Type::B32, Type::B64};
  const std::vector<Type> shifted = {Type::B16, Type::U16, Type::S16, Type::B32, Type::U32, Type::S32, Type::B64,
      Type::U64, Type::S64};
  table.insert(table.end(),
      {{"and", all, buildBinary<And>}, {"or", all, buildBinary<Or>}, {"xor", all, buildBinary<Xor>},
          {"not", all, buildUnary<Not>}, {"cnot", all, buildUnary<Cnot>}, {"shl", all, buildShift<Shl>},
          {"shr", shifted, buildShift<Shr>}, {"popc", plain, buildCount<Popc>}, {"clz", plain, buildCount<Clz>},
          {"brev", plain, buildBrev}, {"bfind", words, buildBfind}, {"bfe", words, buildBfe}, {"bfi", plain, buildBfi},
          {"prmt", {Type::B32}, buildPrmt}, {"lop3", {Type::B32}, buildLop3}, {"shf", {Type::B32}, buildFunnel}});
}

} // namespace softgpu
