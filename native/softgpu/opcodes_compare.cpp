// Comparison and selection: setp with its logic forms, set, selp, slct.
#include "float_math.h"

#include "decoder.h"

namespace softgpu {
namespace {

using ptx::Type;

enum Relation { EQ, NE, LT, LE, GT, GE, EQU, NEU, LTU, LEU, GTU, GEU, NUM, NAN_ };

const std::initializer_list<const char*> RELATIONS = {
    "eq", "ne", "lt", "le", "gt", "ge", "equ", "neu", "ltu", "leu", "gtu", "geu", "num", "nan", "lo", "ls", "hi", "hs"};

// Ordered relations are false on NaN, and so is ne; those with u are true.
template <int R, class T>
inline bool holds(T a, T b) {
  switch (R) {
    case EQ: return a == b;
    case NE: return std::is_integral_v<T> ? a != b : (a < b || a > b);
    case LT: return a < b;
    case LE: return a <= b;
    case GT: return a > b;
    case GE: return a >= b;
    case EQU: return !(a < b || a > b);
    case NEU: return a != b;
    case LTU: return !(a >= b);
    case LEU: return !(a > b);
    case GTU: return !(a <= b);
    case GEU: return !(a < b);
    case NUM: return a == a && b == b;
    default: return a != a || b != b;
  }
}

// How the comparison joins the third operand, and whether that is negated: bits of info.
enum Join : std::uint32_t { ALONE = 0, AND = 1, OR = 2, XOR = 3, NEGATED = 4, SECOND = 8 };

inline Mask joined(Mask compared, Mask other, std::uint32_t how) {
  switch (how & 3) {
    case AND: return compared & other;
    case OR: return compared | other;
    case XOR: return compared ^ other;
    default: return compared;
  }
}

template <int R, class T, bool FTZ>
Mask compare(Warp& w, const Instruction& in) {
  const auto* a = w.source<Slot<T>>(in.a);
  const auto* b = w.source<Slot<T>>(in.b);
  return gather([=](int i) { return holds<R>(flush<FTZ>(get<T>(a[i])), flush<FTZ>(get<T>(b[i]))); });
}

template <int R, class T, bool FTZ>
void setp(Warp& w, const Instruction& in, Mask mask) {
  Mask compared = compare<R, T, FTZ>(w, in);
  Mask other = in.info & 3 ? w.predicateSource(in.c) ^ (in.info & NEGATED ? FULL : 0) : 0;
  Mask& d = w.predicate(in.d);
  Mask first = joined(compared, other, in.info), second = joined(~compared, other, in.info);
  d = (d & ~mask) | (first & mask);
  if (in.info & SECOND) {
    Mask& q = w.predicate(in.e);
    q = (q & ~mask) | (second & mask);
  }
}

// imm: the value of true.
template <int R, class T, bool FTZ>
void set(Warp& w, const Instruction& in, Mask mask) {
  Mask compared = compare<R, T, FTZ>(w, in);
  Mask other = in.info & 3 ? w.predicateSource(in.c) ^ (in.info & NEGATED ? FULL : 0) : 0;
  Mask result = joined(compared, other, in.info);
  auto yes = static_cast<std::uint32_t>(in.imm);
  store(w.row<std::uint32_t>(in.d), mask, [=](int i) { return result >> i & 1 ? yes : 0u; });
}

template <class T, bool FTZ, template <int, class, bool> class F>
Handler pickRelation(int relation) {
  switch (relation) {
    case EQ: return F<EQ, T, FTZ>::run;
    case NE: return F<NE, T, FTZ>::run;
    case LT: return F<LT, T, FTZ>::run;
    case LE: return F<LE, T, FTZ>::run;
    case GT: return F<GT, T, FTZ>::run;
    case GE: return F<GE, T, FTZ>::run;
    default: break;
  }
  if constexpr (!std::is_integral_v<T>) {
    switch (relation) {
      case EQU: return F<EQU, T, FTZ>::run;
      case NEU: return F<NEU, T, FTZ>::run;
      case LTU: return F<LTU, T, FTZ>::run;
      case LEU: return F<LEU, T, FTZ>::run;
      case GTU: return F<GTU, T, FTZ>::run;
      case GEU: return F<GEU, T, FTZ>::run;
      case NUM: return F<NUM, T, FTZ>::run;
      case NAN_: return F<NAN_, T, FTZ>::run;
      default: break;
    }
  }
  return nullptr;
}

template <int R, class T, bool FTZ>
struct SetpRun {
  static constexpr Handler run = setp<R, T, FTZ>;
};
template <int R, class T, bool FTZ>
struct SetRun {
  static constexpr Handler run = set<R, T, FTZ>;
};

template <template <int, class, bool> class F>
Handler pick(Type type, int relation, bool ftz) {
  switch (type) {
    case Type::B16: case Type::U16: return pickRelation<std::uint16_t, false, F>(relation);
    case Type::S16: return pickRelation<std::int16_t, false, F>(relation);
    case Type::B32: case Type::U32: return pickRelation<std::uint32_t, false, F>(relation);
    case Type::S32: return pickRelation<std::int32_t, false, F>(relation);
    case Type::B64: case Type::U64: return pickRelation<std::uint64_t, false, F>(relation);
    case Type::S64: return pickRelation<std::int64_t, false, F>(relation);
    case Type::F16: return pickRelation<Half, false, F>(relation);
    case Type::F32: return ftz ? pickRelation<float, true, F>(relation) : pickRelation<float, false, F>(relation);
    case Type::F64: return pickRelation<double, false, F>(relation);
    default: return nullptr;
  }
}

// lo, ls, hi, hs are lt, le, gt, ge of unsigned numbers.
int takeRelation(Builder& b) {
  int relation = b.takeOneOf(RELATIONS);
  if (relation < 0) b.fail("wanted a relation");
  return relation > NAN_ ? LT + (relation - NAN_ - 1) : relation;
}

void takeJoin(Builder& b, std::size_t operandIndex) {
  int join = b.takeOneOf({"and", "or", "xor"});
  b.operands(operandIndex + (join < 0 ? 0 : 1));
  if (join < 0) return;
  bool negated;
  b.out.c = b.predicateSource(b.operand(operandIndex), negated);
  b.out.info |= static_cast<std::uint32_t>(join + 1) | (negated ? std::uint32_t{NEGATED} : 0u);
}

void buildSetp(Builder& b) {
  int relation = takeRelation(b);
  if (b.isPair(0)) {
    b.out.d = b.predicateDestination(b.operand(0).parts[0]);
    b.out.e = b.predicateDestination(b.operand(0).parts[1]);
    b.out.info |= SECOND;
  } else {
    b.out.d = b.predicateDestination(b.operand(0));
  }
  b.out.a = b.source(1, b.type());
  b.out.b = b.source(2, b.type());
  takeJoin(b, 3);
  b.out.run = pick<SetpRun>(b.type(), relation, b.take("ftz"));
}

// set.<relation>.dtype.stype: all ones, or 1.0.
void buildSet(Builder& b) {
  if (b.typeCount() != 2) b.fail("wanted two types");
  int relation = takeRelation(b);
  b.out.d = b.destination(0, b.type());
  b.out.a = b.source(1, b.secondType());
  b.out.b = b.source(2, b.secondType());
  takeJoin(b, 3);
  b.out.imm = b.type() == Type::F32 ? 0x3f800000 : 0xffffffff;
  b.out.run = pick<SetRun>(b.secondType(), relation, b.take("ftz"));
}

template <class W>
void selp(Warp& w, const Instruction& in, Mask mask) {
  const auto* a = w.source<W>(in.a);
  const auto* b = w.source<W>(in.b);
  Mask choice = w.predicateSource(in.c) ^ (in.info ? FULL : 0);
  store(w.row<W>(in.d), mask, [=](int i) { return choice >> i & 1 ? a[i] : b[i]; });
}

void buildSelp(Builder& b) {
  b.operands(4);
  b.out.d = b.destination(0, b.type());
  b.out.a = b.source(1, b.type());
  b.out.b = b.source(2, b.type());
  bool negated;
  b.out.c = b.predicateSource(b.operand(3), negated);
  b.out.info = negated;
  b.out.run = ptx::bytesOf(b.type()) == 8 ? selp<std::uint64_t> : selp<std::uint32_t>;
}

// The first where the third is not negative; of a NaN the second.
template <class W, class C, bool FTZ>
void slct(Warp& w, const Instruction& in, Mask mask) {
  const auto* a = w.source<W>(in.a);
  const auto* b = w.source<W>(in.b);
  const auto* c = w.source<std::uint32_t>(in.c);
  store(w.row<W>(in.d), mask, [=](int i) { return flush<FTZ>(get<C>(c[i])) >= C{0} ? a[i] : b[i]; });
}

template <class W>
Handler pickSlct(Type third, bool ftz) {
  if (third == Type::S32) return slct<W, std::int32_t, false>;
  return ftz ? slct<W, float, true> : slct<W, float, false>;
}

void buildSlct(Builder& b) {
  b.operands(4);
  if (b.typeCount() != 2 || (b.secondType() != Type::S32 && b.secondType() != Type::F32))
    b.fail("the second type must be s32 or f32");
  b.out.d = b.destination(0, b.type());
  b.out.a = b.source(1, b.type());
  b.out.b = b.source(2, b.type());
  b.out.c = b.source(3, b.secondType());
  bool ftz = b.take("ftz");
  b.out.run = ptx::bytesOf(b.type()) == 8 ? pickSlct<std::uint64_t>(b.secondType(), ftz)
                                          : pickSlct<std::uint32_t>(b.secondType(), ftz);
}

} // namespace

void addCompareOpcodes(std::vector<Opcode>& table) {
  const std::vector<Type> values = {Type::B16, Type::U16, Type::S16, Type::B32, Type::U32, Type::S32, Type::F32,
      Type::B64, Type::U64, Type::S64, Type::F64};
  std::vector<Type> compared = values;
  compared.push_back(Type::F16);
  table.insert(table.end(), {{"setp", compared, buildSetp}, {"set", {Type::U32, Type::S32, Type::F32}, buildSet},
      {"selp", values, buildSelp}, {"slct", values, buildSlct}});
}

} // namespace softgpu
