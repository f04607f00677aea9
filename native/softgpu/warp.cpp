// A warp's lanes: which of them run, where the others stand, and how they meet again. The group with the lowest program
// counter runs first; a running group takes in those that it reaches.
#include "checker.h"
#include "program.h"

#include <algorithm>

namespace softgpu {

void Warp::diverge(std::uint32_t target, Mask mask, Wait wait, std::uint32_t detail) {
  others.push_back({target, mask, wait, detail});
  active &= ~mask;
  if (wait == Wait::Ready) nextPc = std::min(nextPc, target);
}

void Warp::leave(Wait wait, std::uint32_t detail, Mask mask) {
  diverge(pc - 1, mask, wait, detail);
  if (active == 0 && !choose()) stop = true;
}

void Warp::exit(Mask mask) {
  alive &= ~mask;
  active &= ~mask;
  block->exitedThreads += static_cast<std::uint32_t>(__builtin_popcount(mask));
  if (active == 0 && !choose()) stop = true;
}

void Warp::findNext() {
  nextPc = NOWHERE;
  for (const Group& group : others) {
    if (group.wait == Wait::Ready) nextPc = std::min(nextPc, group.pc);
  }
}

bool Warp::ready() const {
  return active != 0
      || std::any_of(others.begin(), others.end(), [](const Group& group) { return group.wait == Wait::Ready; });
}

bool Warp::choose() {
  findNext();
  if (nextPc == NOWHERE) return false;
  pc = nextPc;
  active = 0;
  reconverge();
  return true;
}

void Warp::reconverge() {
  if (pc > nextPc) {
    others.push_back({pc, active, Wait::Ready, 0});
    choose();
    return;
  }
  auto joins = [this](const Group& group) {
    bool here = group.wait == Wait::Ready && group.pc == pc;
    if (here) active |= group.mask;
    return here;
  };
  others.erase(std::remove_if(others.begin(), others.end(), joins), others.end());
  findNext();
}

// Runs a warp's instructions until it stops or the budget is spent. COUNT: active lanes and float operations are
// summed.
namespace {

template <bool COUNT>
std::uint64_t execute(Warp& w, std::uint64_t budget) {
  std::uint64_t left = budget;
  const Instruction* code = w.code;
  w.stop = false;
  while (left != 0) {
    if (w.pc >= w.nextPc) w.reconverge();
    const Instruction& in = code[w.pc];
    Mask mask = w.active & (w.predicate(in.guard) ^ in.flip);
    if (COUNT) {
      auto lanes = static_cast<std::uint64_t>(__builtin_popcount(mask));
      w.lanes += lanes;
      w.floatOperations += lanes * static_cast<std::uint64_t>(w.program().floatOperations[w.pc]);
    }
    ++w.pc;
    --left;
    if (mask != 0) {
      in.run(w, in, mask);
      if (w.stop) break;
    }
  }
  w.executed += budget - left;
  return budget - left;
}

} // namespace

// Groups that wait for lanes which by now wait at the same instruction, or have exited, go on. A __syncwarp may be met
// at different instructions.
bool Block::releaseWarp(Warp& w) {
  const Program& program = w.program();
  auto isSync = [&](const Group& group) { return program.texts[group.pc].rfind("bar.warp", 0) == 0; };
  for (std::size_t g = 0; g < w.others.size(); ++g) {
    Group group = w.others[g];
    if (group.wait != Wait::Warp) continue;
    Mask needed = group.detail & w.alive;
    bool sync = isSync(group);
    auto meets = [&](const Group& other) {
      return other.wait == Wait::Warp && (other.pc == group.pc || (sync && isSync(other)));
    };
    Mask here = 0;
    for (const Group& other : w.others) here |= meets(other) ? other.mask : 0;
    if ((needed & ~here) != 0) continue;
    std::vector<Group> rest;
    for (const Group& other : w.others) {
      if (!meets(other)) {
        rest.push_back(other);
        continue;
      }
      if (Mask stays = other.mask & ~needed) rest.push_back({other.pc, stays, Wait::Warp, other.detail});
      Mask goes = other.mask & needed;
      if (sync && goes != 0) rest.push_back({other.pc + 1, goes, Wait::Ready, 0});
    }
    w.others = std::move(rest);
    if (sync) {
      if (launch->checker) launch->checker->warpSync(w, needed);
      return w.choose();
    }
    w.active = needed;
    w.pc = group.pc + 1;
    w.findNext();
    const Instruction& in = w.code[group.pc];
    in.run(w, in, needed);
    return w.active != 0;
  }
  return false;
}

bool Block::runWarp(Warp& w, std::uint64_t budget) {
  bool progress = false;
  while (budget != 0 && !launch->failed.load(std::memory_order_relaxed)) {
    if (w.active == 0 && !w.choose() && !releaseWarp(w)) break;
    progress = true;
    budget -= launch->instrumented ? execute<true>(w, budget) : execute<false>(w, budget);
    if (w.active != 0) {
      // The turn is over in the middle of the code. Where lanes at a lower place wait in a loop for others, those come
      // first the next time.
      if (!w.others.empty()) {
        auto first = std::find_if(
            w.others.begin(), w.others.end(), [](const Group& group) { return group.wait == Wait::Ready; });
        if (first != w.others.end()) {
          Group next = *first;
          w.others.erase(first);
          w.others.push_back({w.pc, w.active, Wait::Ready, 0});
          w.pc = next.pc;
          w.active = next.mask;
          w.nextPc = Warp::NOWHERE;
        }
      }
      break;
    }
  }
  return progress;
}

} // namespace softgpu
