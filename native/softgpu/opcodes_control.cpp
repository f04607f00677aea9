// Branches, returns, barriers of a block, fences, traps.
#include "checker.h"
#include "decoder.h"

#include <cstdio>

namespace softgpu {
namespace {

using ptx::Type;

void branch(Warp& w, const Instruction& in, Mask mask) {
  auto target = static_cast<std::uint32_t>(in.imm);
  if (mask == w.active) {
    w.pc = target;
  } else {
    w.diverge(target, mask);
  }
}

void branchTable(Warp& w, const Instruction& in, Mask mask) {
  const auto* index = w.source<std::uint32_t>(in.a);
  Mask fallThrough = w.active & ~mask;
  for (Mask m = mask; m;) {
    std::uint32_t value = index[__builtin_ctz(m)];
    Mask same = m & gather([=](int i) { return index[i] == value; });
    if (value >= in.info) {
      w.launch->fail(Status::Trap, "index of brx.idx outside its table", w, in, __builtin_ctz(m));
      w.stop = true;
      return;
    }
    m &= ~same;
    auto target = static_cast<std::uint32_t>(w.program().lists[static_cast<std::size_t>(in.b) + value]);
    if (m == 0 && fallThrough == 0) {
      w.active = same;
      w.pc = target;
      w.findNext();
    } else {
      w.diverge(target, same);
    }
  }
}

void leaveKernel(Warp& w, const Instruction&, Mask mask) { w.exit(mask); }

void buildBra(Builder& b) {
  b.operands(1);
  b.take("uni");
  b.out.imm = b.label(b.operand(0).name);
  b.out.run = branch;
}

void buildBrx(Builder& b) {
  b.take("idx");
  b.take("uni");
  b.out.a = b.source(0, Type::B32);
  std::vector<std::int32_t> targets;
  for (const std::string& target : b.statement().targets) targets.push_back(static_cast<std::int32_t>(b.label(target)));
  b.out.info = static_cast<std::uint32_t>(targets.size());
  b.out.b = b.list(targets);
  b.out.run = branchTable;
}

void buildReturn(Builder& b) {
  b.operands(0);
  b.take("uni");
  b.out.run = leaveKernel;
}

// Lanes arrive and, but for .arrive, wait. a: the number, b: the count, c: the predicate of a reduction, d: its result.
void barrier(Warp& w, const Instruction& in, Mask mask) {
  std::uint32_t number = w.source<std::uint32_t>(in.a)[__builtin_ctz(mask)];
  if (number >= Block::BARRIERS) {
    w.launch->fail(Status::Trap, "barrier number " + std::to_string(number), w, in, __builtin_ctz(mask));
    w.stop = true;
    return;
  }
  BarrierState& state = w.block->barriers[number];
  Mask arriving = mask;
  if ((in.info & COUNTED) && (in.info & ALIGNED)) {
    // A counted barrier counts whole warps.
    state.expected = w.source<std::uint32_t>(in.b)[__builtin_ctz(mask)];
    state.arrived += LANES;
    arriving = 0;
  } else if (in.info & COUNTED) {
    state.expected = w.source<std::uint32_t>(in.b)[__builtin_ctz(mask)];
  }
  state.arrived += static_cast<std::uint32_t>(__builtin_popcount(arriving));
  state.warps |= Mask{1} << w.index;
  state.touched = true;
  if (in.info & REDUCES) {
    Mask p = w.predicateSource(in.c) ^ (in.info & NEGATED ? FULL : 0);
    state.all &= (p & mask) == mask;
    state.any |= (p & mask) != 0;
    state.count += static_cast<std::uint32_t>(__builtin_popcount(p & mask));
  }
  if (in.info & ARRIVES) return;
  w.leave(Wait::Barrier, number, mask);
}

void buildBarrier(Builder& b) {
  bool aligned = b.take("aligned") || b.statement().opcode == "bar";
  b.take("cta");
  bool arrives = b.take("arrive");
  bool reduces = b.take("red");
  if (!arrives && !reduces) b.take("sync");
  b.out.info = (arrives ? std::uint32_t{ARRIVES} : 0u) | (aligned ? std::uint32_t{ALIGNED} : 0u)
      | (reduces ? std::uint32_t{REDUCES} : 0u);
  std::size_t at = 0;
  if (reduces) {
    int operation = b.takeOneOf({"popc", "and", "or"});
    if (operation < 0) b.fail("wanted an operation");
    b.out.info |= static_cast<std::uint32_t>(operation) << OPERATION;
    b.out.d = operation == 0 ? b.destination(0, Type::U32) : b.predicateDestination(b.operand(0));
    bool negated;
    b.out.c = b.predicateSource(b.operand(b.operandCount() - 1), negated);
    if (negated) b.out.info |= NEGATED;
    at = 1;
  }
  std::size_t last = b.operandCount() - (reduces ? 1 : 0);
  b.out.a = b.source(at, Type::U32);
  if (at + 1 < last) {
    b.out.b = b.source(at + 1, Type::U32);
    b.out.info |= COUNTED;
  } else if (arrives) {
    b.fail("wanted a count");
  }
  b.out.run = barrier;
}

void fence(Warp& w, const Instruction&, Mask) {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (w.launch->checker) w.launch->checker->fence(w);
}

void buildFence(Builder& b) {
  for (const char* word :
      {"cta", "gl", "sys", "gpu", "cluster", "sc", "acq_rel", "acquire", "release", "proxy", "alias"})
    b.take(word);
  b.out.run = fence;
}

void trap(Warp& w, const Instruction& in, Mask mask) {
  w.launch->fail(
      in.info ? Status::Assert : Status::Trap, in.info ? "assertion failed" : "trap", w, in, __builtin_ctz(mask));
  w.stop = true;
}

void buildTrap(Builder& b) {
  b.out.run = trap;
}

void buildAssert(Builder& b) {
  b.out.info = 1;
  b.out.run = trap;
}

void sleep(Warp& w, const Instruction&, Mask) { w.stop = true; }

void buildSleep(Builder& b) {
  b.operands(1);
  b.source(0, Type::U32);
  b.out.run = sleep;
}

} // namespace

void addControlOpcodes(std::vector<Opcode>& table) {
  table.insert(table.end(),
      {{"bra", {}, buildBra}, {"brx", {}, buildBrx}, {"ret", {}, buildReturn}, {"exit", {}, buildReturn},
          {"bar", {}, buildBarrier}, {"barrier", {}, buildBarrier}, {"membar", {}, buildFence},
          {"fence", {}, buildFence}, {"trap", {}, buildTrap}, {"__assertfail", {}, buildAssert},
          {"nanosleep", {Type::U32}, buildSleep}});
}

} // namespace softgpu
