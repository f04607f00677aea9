// A block: its warps take turns, barriers let them go on together.
#include "checker.h"
#include "program.h"

#include <algorithm>
#include <numeric>

namespace softgpu {
namespace {

std::size_t rounded(std::size_t bytes) { return (bytes + 63) / 64 * 64; }

char* aligned(std::vector<char>& storage, std::size_t bytes) {
  if (storage.size() < bytes + 64) storage.resize(bytes + 64);
  auto address = reinterpret_cast<std::uintptr_t>(storage.data());
  return storage.data() + (64 - address % 64) % 64;
}

} // namespace

void Block::prepare(LaunchState& state) {
  launch = &state;
  const Launch& what = *state.launch;
  const Program& program = *state.program;
  threads = what.block[0] * what.block[1] * what.block[2];
  std::size_t count = (threads + LANES - 1) / LANES;
  std::size_t registerBytes = rounded(program.registerBytes), localBytes = rounded(program.localBytes * LANES);
  char* base = aligned(storage, count * (registerBytes + localBytes));
  sharedBytes = program.sharedBytes + what.dynamicSharedBytes;
  shared = aligned(sharedStorage, sharedBytes);
  warps.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    Warp& w = warps[i];
    w.registers = base + i * (registerBytes + localBytes);
    w.local = w.registers + registerBytes;
    w.constants = program.constants.data() - 64;
    w.code = program.code.data();
    w.block = this;
    w.launch = launch;
    w.instrumented = state.instrumented;
    w.perturb = state.options->check ? state.options->seed : 0;
    w.index = static_cast<std::uint32_t>(i);
    w.executed = w.lanes = w.floatOperations = 0;
    *w.row<Mask>(0) = FULL;
    setThreadRows(w);
  }
  barrierCount = 0;
}

void Block::setUniform(std::int32_t row, std::uint32_t value, Warp& w) {
  std::fill_n(w.row<std::uint32_t>(row), LANES, value);
}

void Block::thread(const Warp& w, int lane, std::uint32_t out[3]) const {
  const std::uint32_t* size = launch->launch->block;
  std::uint32_t linear = w.index * LANES + static_cast<std::uint32_t>(lane);
  out[0] = linear % size[0];
  out[1] = linear / size[0] % size[1];
  out[2] = linear / size[0] / size[1];
}

void Block::setThreadRows(Warp& w) {
  using S = SpecialRegister;
  const Launch& what = *launch->launch;
  for (auto [which, row] : launch->program->specials) {
    auto lanes = [&](auto value) {
      for (int i = 0; i < LANES; ++i) w.row<std::uint32_t>(row)[i] = value(i);
    };
    switch (which) {
      case S::TidX: case S::TidY: case S::TidZ:
        lanes([&](int i) {
          std::uint32_t tid[3];
          thread(w, i, tid);
          return tid[static_cast<int>(which) - static_cast<int>(S::TidX)];
        });
        break;
      case S::NtidX: setUniform(row, what.block[0], w); break;
      case S::NtidY: setUniform(row, what.block[1], w); break;
      case S::NtidZ: setUniform(row, what.block[2], w); break;
      case S::NctaidX: setUniform(row, what.grid[0], w); break;
      case S::NctaidY: setUniform(row, what.grid[1], w); break;
      case S::NctaidZ: setUniform(row, what.grid[2], w); break;
      case S::LaneId: lanes([](int i) { return static_cast<std::uint32_t>(i); }); break;
      case S::WarpId: setUniform(row, w.index, w); break;
      case S::NwarpId: setUniform(row, static_cast<std::uint32_t>(warps.size()), w); break;
      case S::NsmId: setUniform(row, 1, w); break;
      case S::LanemaskEq: lanes([](int i) { return Mask{1} << i; }); break;
      case S::LanemaskLt: lanes([](int i) { return (Mask{1} << i) - 1; }); break;
      case S::LanemaskLe: lanes([](int i) { return (Mask{2} << i) - 1; }); break;
      case S::LanemaskGt: lanes([](int i) { return ~((Mask{2} << i) - 1); }); break;
      case S::LanemaskGe: lanes([](int i) { return ~((Mask{1} << i) - 1); }); break;
      case S::DynamicSharedBytes: setUniform(row, static_cast<std::uint32_t>(what.dynamicSharedBytes), w); break;
      case S::TotalSharedBytes: setUniform(row, static_cast<std::uint32_t>(sharedBytes), w); break;
      case S::GridId: std::fill_n(w.row<std::uint64_t>(row), LANES, 1); break;
      case S::SmId: setUniform(row, 0, w); break;
      default: break; // CtaidX and so on: of each block
    }
  }
}

void Block::start(std::uint32_t linear) {
  const Launch& what = *launch->launch;
  index = linear;
  ctaid[0] = linear % what.grid[0];
  ctaid[1] = linear / what.grid[0] % what.grid[1];
  ctaid[2] = linear / what.grid[0] / what.grid[1];
  exitedThreads = 0;
  std::fill(std::begin(barriers), std::end(barriers), BarrierState{});
  random.seed(launch->options->seed * 1000003 + linear);
  for (Warp& w : warps) {
    std::uint32_t left = threads - w.index * LANES;
    w.alive = w.active = left >= LANES ? FULL : (Mask{1} << left) - 1;
    w.pc = 0;
    w.nextPc = Warp::NOWHERE;
    w.others.clear();
    for (auto [which, row] : launch->program->specials) {
      int axis = static_cast<int>(which) - static_cast<int>(SpecialRegister::CtaidX);
      if (axis >= 0 && axis < 3) setUniform(row, ctaid[axis], w);
    }
    if (launch->checker) std::memset(w.local, 0xff, launch->program->localBytes * LANES);
  }
  if (launch->checker) {
    std::memset(shared, 0xff, sharedBytes); // floats that nobody wrote are NaN
    launch->checker->startBlock(*this);
  }
}

std::uint64_t Block::executed() const {
  return std::accumulate(
      warps.begin(), warps.end(), std::uint64_t{0}, [](std::uint64_t sum, const Warp& w) { return sum + w.executed; });
}

// All threads of a block must meet at one and the same barrier.
void Block::checkMeeting(const Warp& w, const Group& group, std::uint32_t& first) {
  const Instruction& in = w.code[group.pc];
  int lane = __builtin_ctz(group.mask);
  if (first == Warp::NOWHERE) {
    first = group.pc;
    if (exitedThreads == 0) return;
    addReport(launch->reportAt("barrier", w, in, lane, std::to_string(exitedThreads) + " of " + std::to_string(threads)
        + " threads exited before this barrier"), *launch->options);
  } else if (first != group.pc) {
    addReport(launch->reportAt("barrier", w, in, lane, "meets threads that wait at the barrier of line "
        + std::to_string(launch->program->lines[first].line)), *launch->options);
  }
}

void Block::release(int number) {
  BarrierState& state = barriers[number];
  Mask met = 0;
  std::uint32_t first = Warp::NOWHERE;
  for (Warp& w : warps) {
    for (Group& group : w.others) {
      if (group.wait != Wait::Barrier || group.detail != static_cast<std::uint32_t>(number)) continue;
      const Instruction& in = w.code[group.pc];
      if (launch->checker && state.expected == 0) checkMeeting(w, group, first);
      if (in.info & REDUCES) {
        int operation = in.info >> OPERATION & 3;
        if (operation == 0) {
          for (Mask m = group.mask; m; m &= m - 1) w.row<std::uint32_t>(in.d)[__builtin_ctz(m)] = state.count;
        } else {
          Mask& d = w.predicate(in.d);
          d = (d & ~group.mask) | ((operation == 1 ? state.all : state.any) ? group.mask : 0);
        }
      }
      group.wait = Wait::Ready;
      ++group.pc;
      met |= Mask{1} << w.index;
    }
    if (w.active != 0) w.findNext();
  }
  if (launch->checker) launch->checker->barrier(*this, state.warps, met);
  ++barrierCount;
  state = BarrierState{};
}

bool Block::releaseBarriers() {
  bool any = false;
  for (int i = 0; i < BARRIERS; ++i) {
    BarrierState& state = barriers[i];
    if (!state.touched) continue;
    std::uint32_t expected = state.expected != 0 ? state.expected : threads - exitedThreads;
    if (state.arrived < expected) continue;
    release(i);
    any = true;
  }
  return any;
}

bool Block::step(std::uint64_t budget) {
  bool progress = false;
  bool shuffled = launch->options->seed != 0;
  auto turn = [&](Warp& w) {
    if (w.alive == 0) return;
    progress |= runWarp(w, shuffled ? 1 + random() % budget : budget);
  };
  if (shuffled) {
    std::vector<std::size_t> order(warps.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::shuffle(order.begin(), order.end(), random);
    for (std::size_t i : order) turn(warps[i]);
  } else {
    for (Warp& w : warps) turn(w);
  }
  if (launch->failed.load(std::memory_order_relaxed) || exitedThreads == threads) return false;
  progress |= releaseBarriers();
  if (!progress) deadlock();
  return progress;
}

void Block::deadlock() {
  for (Warp& w : warps) {
    for (const Group& group : w.others) {
      const Instruction& in = w.code[group.pc];
      std::string text = group.wait == Wait::Barrier ? "threads wait at a barrier that the others never reach"
                                                     : "lanes wait for lanes that never come";
      if (launch->checker)
        addReport(launch->reportAt("deadlock", w, in, __builtin_ctz(group.mask), text), *launch->options);
      launch->fail(Status::Deadlock, text, w, in, __builtin_ctz(group.mask));
      return;
    }
  }
}

} // namespace softgpu
