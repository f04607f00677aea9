// Moves, packing and unpacking of registers, and the logic of predicates.
#include "decoder.h"

#include <chrono>

namespace softgpu {
namespace {

using ptx::Type;

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
    for (int i = 0; i < LANES; ++i)
      packed[i] |= (static_cast<W>(part[i]) & limit) << (in.info * static_cast<std::uint32_t>(k));
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
    store(w.row<std::uint32_t>(rows[k]), mask, [&](int i) {
      return static_cast<std::uint32_t>(whole[i] >> (in.info * static_cast<std::uint32_t>(k)) & limit);
    });
  }
}

template <int OP>
void buildPredicateLogic(Builder& b) {
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

void buildPredicateNot(Builder& b) { buildPredicateCopy(b, predicateLogic<3>); }

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
  } else if (from.kind == ptx::Operand::Special
      && (from.name == "%clock" || from.name == "%clock64" || from.name == "%globaltimer")) {
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

void addMoveOpcodes(std::vector<Opcode>& table) {
  const std::vector<Type> predicate = {Type::Pred};
  const std::vector<Type> all = {Type::Pred, Type::B16, Type::U16, Type::S16, Type::F16, Type::B32, Type::U32,
      Type::S32, Type::F32, Type::B64, Type::U64, Type::S64, Type::F64};
  table.insert(table.end(), {{"mov", all, buildMov}, {"and", predicate, buildPredicateLogic<0>},
      {"or", predicate, buildPredicateLogic<1>}, {"xor", predicate, buildPredicateLogic<2>},
      {"not", predicate, buildPredicateNot}});
}

} // namespace softgpu
