// What lanes of a warp do together: shuffles, votes, matches, reductions, and waiting for each other.
#include "checker.h"
#include "decoder.h"

namespace softgpu {
namespace {

using ptx::Type;

// Whether all lanes that take part are here. If not, the lanes wait at this instruction until the others come
// (Block::releaseWarp then runs it for all of them).
bool together(Warp& w, const Instruction& in, Mask mask, std::int32_t members) {
  const auto* wanted = w.source<std::uint32_t>(members);
  Mask needed = 0;
  for (int i = 0; i < LANES; ++i) needed |= mask >> i & 1 ? wanted[i] : 0;
  needed &= w.alive;
  if ((needed & ~mask) == 0) return true;
  (void)in;
  w.leave(Wait::Warp, needed, mask);
  return false;
}

// A lane whose own mask does not name it does what no device defines.
Mask membersOf(const Warp& w, const Instruction& in, int lane, std::int32_t members) {
  (void)in;
  return w.source<std::uint32_t>(members)[lane];
}

enum ShuffleMode { UP, DOWN, BUTTERFLY, INDEX };

template <ShuffleMode MODE>
void shuffle(Warp& w, const Instruction& in, Mask mask) {
  if (!together(w, in, mask, in.e)) return;
  std::uint32_t a[LANES], result[LANES];
  std::memcpy(a, w.source<std::uint32_t>(in.a), sizeof a);
  const auto* b = w.source<std::uint32_t>(in.b);
  const auto* c = w.source<std::uint32_t>(in.c);
  Mask valid = 0;
  for (int lane = 0; lane < LANES; ++lane) {
    int value = static_cast<int>(b[lane] & 31), clamp = static_cast<int>(c[lane] & 31),
        segment = static_cast<int>(c[lane] >> 8 & 31);
    int maxLane = (lane & segment) | (clamp & ~segment), minLane = lane & segment;
    int from;
    bool ok;
    switch (MODE) {
      case UP: from = lane - value; ok = from >= maxLane; break;
      case DOWN: from = lane + value; ok = from <= maxLane; break;
      case BUTTERFLY: from = lane ^ value; ok = from <= maxLane; break;
      default: from = minLane | (value & ~segment); ok = from <= maxLane; break;
    }
    if (!ok) from = lane;
    result[lane] = a[from & 31];
    valid |= static_cast<Mask>(ok) << lane;
    if (w.launch->checker && (mask >> lane & 1)
        && !(membersOf(w, in, lane, in.e) & w.alive & mask & (Mask{1} << (from & 31)))) {
      addReport(w.launch->reportAt(
                    "shuffle", w, in, lane, "reads lane " + std::to_string(from & 31) + ", which takes no part"),
          *w.launch->options);
    }
  }
  store(w.row<std::uint32_t>(in.d), mask, [&](int i) { return result[i]; });
  if (in.info) {
    Mask& p = w.predicate(static_cast<std::int32_t>(in.imm));
    p = (p & ~mask) | (valid & mask);
  }
}

void buildShfl(Builder& b) {
  if (!b.take("sync")) b.fail("only shfl.sync exists on these devices");
  b.operands(5);
  const ptx::Operand& to = b.operand(0);
  if (b.isPair(0)) {
    b.out.d = b.destination(to.parts[0], Type::B32);
    b.out.imm = b.predicateDestination(to.parts[1]);
    b.out.info = 1;
  } else {
    b.out.d = b.destination(to, Type::B32);
  }
  b.out.a = b.source(1, Type::B32);
  b.out.b = b.source(2, Type::B32);
  b.out.c = b.source(3, Type::B32);
  b.out.e = b.source(4, Type::B32);
  switch (b.takeOneOf({"up", "down", "bfly", "idx"})) {
    case UP: b.out.run = shuffle<UP>; break;
    case DOWN: b.out.run = shuffle<DOWN>; break;
    case BUTTERFLY: b.out.run = shuffle<BUTTERFLY>; break;
    case INDEX: b.out.run = shuffle<INDEX>; break;
    default: b.fail("wanted .up, .down, .bfly or .idx");
  }
}

enum Vote { ALL, ANY, UNIFORM, BALLOT };

template <Vote VOTE>
void vote(Warp& w, const Instruction& in, Mask mask) {
  if (!together(w, in, mask, in.e)) return;
  Mask p = w.predicateSource(in.a) ^ (in.info ? FULL : 0);
  const auto* members = w.source<std::uint32_t>(in.e);
  Mask result = 0;
  std::uint32_t ballots[LANES];
  for (int i = 0; i < LANES; ++i) {
    Mask all = members[i] & mask;
    Mask yes = p & all;
    ballots[i] = yes;
    bool holds = VOTE == ALL ? yes == all : VOTE == ANY ? yes != 0 : yes == all || yes == 0;
    result |= static_cast<Mask>(holds) << i;
  }
  if (VOTE == BALLOT) {
    store(w.row<std::uint32_t>(in.d), mask, [&](int i) { return ballots[i]; });
  } else {
    Mask& d = w.predicate(in.d);
    d = (d & ~mask) | (result & mask);
  }
}

void buildVote(Builder& b) {
  if (!b.take("sync")) b.fail("only vote.sync exists on these devices");
  b.operands(3);
  bool negated;
  b.out.a = b.predicateSource(b.operand(1), negated);
  b.out.info = negated;
  b.out.e = b.source(2, Type::B32);
  int which = b.takeOneOf({"all", "any", "uni", "ballot"});
  if (which < 0 || (which == BALLOT) != (b.type() == Type::B32))
    b.fail("wanted .all, .any, .uni or .ballot with its type");
  b.out.d = which == BALLOT ? b.destination(0, Type::B32) : b.predicateDestination(b.operand(0));
  b.out.run = which == ALL ? vote<ALL> : which == ANY ? vote<ANY> : which == UNIFORM ? vote<UNIFORM> : vote<BALLOT>;
}

template <class T, bool ALL_EQUAL>
void match(Warp& w, const Instruction& in, Mask mask) {
  if (!together(w, in, mask, in.e)) return;
  T a[LANES];
  std::memcpy(a, w.source<T>(in.a), sizeof a);
  const auto* members = w.source<std::uint32_t>(in.e);
  std::uint32_t result[LANES] = {};
  Mask equal = 0;
  for (int i = 0; i < LANES; ++i) {
    Mask all = members[i] & mask;
    for (Mask m = all; m; m &= m - 1) {
      int other = __builtin_ctz(m);
      if (a[other] == a[i]) result[i] |= Mask{1} << other;
    }
    if (ALL_EQUAL) {
      bool same = result[i] == all;
      equal |= static_cast<Mask>(same) << i;
      result[i] = same ? all : 0;
    }
  }
  store(w.row<std::uint32_t>(in.d), mask, [&](int i) { return result[i]; });
  if (in.info) {
    Mask& p = w.predicate(static_cast<std::int32_t>(in.imm));
    p = (p & ~mask) | (equal & mask);
  }
}

void buildMatch(Builder& b) {
  if (!b.take("sync")) b.fail("only match.sync exists");
  b.operands(3);
  bool all = b.take("all");
  if (!all && !b.take("any")) b.fail("wanted .any or .all");
  if (b.isPair(0)) {
    b.out.d = b.destination(b.operand(0).parts[0], Type::B32);
    b.out.imm = b.predicateDestination(b.operand(0).parts[1]);
    b.out.info = 1;
  } else {
    b.out.d = b.destination(0, Type::B32);
  }
  b.out.a = b.source(1, b.type());
  b.out.e = b.source(2, Type::B32);
  if (b.type() == Type::B64) {
    b.out.run = all ? match<std::uint64_t, true> : match<std::uint64_t, false>;
  } else {
    b.out.run = all ? match<std::uint32_t, true> : match<std::uint32_t, false>;
  }
}

template <int OP, class T>
void reduce(Warp& w, const Instruction& in, Mask mask) {
  if (!together(w, in, mask, in.e)) return;
  std::uint32_t a[LANES], result[LANES];
  std::memcpy(a, w.source<std::uint32_t>(in.a), sizeof a);
  const auto* members = w.source<std::uint32_t>(in.e);
  for (int i = 0; i < LANES; ++i) {
    bool first = true;
    T sum = 0;
    for (Mask m = members[i] & mask; m; m &= m - 1) {
      T x = static_cast<T>(a[__builtin_ctz(m)]);
      if (first) {
        sum = x;
      } else {
        switch (OP) {
          case 0: sum = static_cast<T>(static_cast<std::uint32_t>(sum) + static_cast<std::uint32_t>(x)); break;
          case 1: sum = std::min(sum, x); break;
          case 2: sum = std::max(sum, x); break;
          case 3: sum &= x; break;
          case 4: sum |= x; break;
          default: sum ^= x; break;
        }
      }
      first = false;
    }
    result[i] = static_cast<std::uint32_t>(sum);
  }
  store(w.row<std::uint32_t>(in.d), mask, [&](int i) { return result[i]; });
}

void buildRedux(Builder& b) {
  if (!b.take("sync")) b.fail("wanted .sync");
  b.operands(3);
  b.out.d = b.destination(0, Type::B32);
  b.out.a = b.source(1, Type::B32);
  b.out.e = b.source(2, Type::B32);
  bool isSigned = b.type() == Type::S32;
  switch (b.takeOneOf({"add", "min", "max", "and", "or", "xor"})) {
    case 0: b.out.run = reduce<0, std::uint32_t>; break;
    case 1: b.out.run = isSigned ? reduce<1, std::int32_t> : reduce<1, std::uint32_t>; break;
    case 2: b.out.run = isSigned ? reduce<2, std::int32_t> : reduce<2, std::uint32_t>; break;
    case 3: b.out.run = reduce<3, std::uint32_t>; break;
    case 4: b.out.run = reduce<4, std::uint32_t>; break;
    case 5: b.out.run = reduce<5, std::uint32_t>; break;
    default: b.fail("wanted an operation");
  }
}

void activeMask(Warp& w, const Instruction& in, Mask mask) {
  store(w.row<std::uint32_t>(in.d), mask, [=](int) { return mask; });
}

void buildActiveMask(Builder& b) {
  b.operands(1);
  b.out.d = b.destination(0, Type::B32);
  b.out.run = activeMask;
}

// __syncwarp: lanes may wait at different instructions of this kind.
void warpSync(Warp& w, const Instruction& in, Mask mask) {
  if (!together(w, in, mask, in.e)) return;
  if (w.launch->checker) w.launch->checker->warpSync(w, mask);
}

void buildBarWarpSync(Builder& b) {
  b.take("sync");
  b.operands(1);
  b.out.e = b.source(0, Type::B32);
  b.out.run = warpSync;
}

} // namespace

void addWarpOpcodes(std::vector<Opcode>& table) {
  table.insert(table.end(), {{"shfl", {Type::B32}, buildShfl}, {"vote", {Type::Pred, Type::B32}, buildVote},
      {"match", {Type::B32, Type::B64}, buildMatch}, {"redux", {Type::B32, Type::U32, Type::S32}, buildRedux},
      {"activemask", {Type::B32}, buildActiveMask}, {"bar.warp", {}, buildBarWarpSync}});
}

} // namespace softgpu
