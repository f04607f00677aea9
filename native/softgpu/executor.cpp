// Launches: blocks are spread over host threads, or share one where their order matters.
#include "checker.h"
#include "counting.h"
#include "program.h"

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <numeric>
#include <thread>

namespace softgpu {
namespace {

constexpr std::uint64_t TURN = 1 << 20;            // warp instructions of a turn where only barriers make warps wait
constexpr std::uint64_t SHARED_TURN = 256;         // where blocks wait for each other in loops
constexpr std::uint64_t SHUFFLED_TURN = 64;        // with a seed: the most

// Host threads that stay; they are never joined, for the library may be unloaded at any time of the process's end.
class Pool {
 public:
  static Pool& instance() {
    static Pool* pool = new Pool;
    return *pool;
  }

  // Runs task(0) ... task(count - 1), the first of them here, and waits for all.
  void run(unsigned count, const std::function<void(unsigned)>& task) {
    while (threads_ + 1 < count) {
      std::thread([this, number = ++threads_] { serve(number); }).detach();
    }
    {
      std::lock_guard lock(mutex_);
      task_ = &task;
      count_ = count;
      running_ = count - 1;
      ++round_;
    }
    wake_.notify_all();
    task(0);
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return running_ == 0; });
  }

 private:
  void serve(unsigned number) {
    std::uint64_t seen = 0;
    for (;;) {
      const std::function<void(unsigned)>* task;
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [&] { return round_ != seen && number < count_ && running_ != 0; });
        seen = round_;
        task = task_;
      }
      (*task)(number);
      std::lock_guard lock(mutex_);
      if (--running_ == 0) done_.notify_one();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_, done_;
  const std::function<void(unsigned)>* task_ = nullptr;
  unsigned threads_ = 0, count_ = 0, running_ = 0;
  std::uint64_t round_ = 0;
};

std::mutex runMutex;                                // one launch at a time
std::vector<std::unique_ptr<Block>> workers;        // kept for their storage

Block& worker(std::size_t i) {
  while (workers.size() <= i) workers.push_back(std::make_unique<Block>());
  return *workers[i];
}

class Execution {
 public:
  explicit Execution(LaunchState& state) : state_(state), seed_(state.options->seed) {
    turn_ = seed_ != 0 ? SHUFFLED_TURN : state.launch->cooperative ? SHARED_TURN : TURN;
    order_.resize(state.blocks);
    std::iota(order_.begin(), order_.end(), 0u);
    if (seed_ != 0) {
      std::mt19937_64 random(seed_);
      std::shuffle(order_.begin(), order_.end(), random);
    }
  }

  void together() {
    for (std::uint32_t i = 0; i < state_.blocks; ++i) {
      worker(i).prepare(state_);
      worker(i).start(order_[i]);
    }
    std::vector<char> running(state_.blocks, 1);
    for (std::uint32_t left = state_.blocks; left != 0 && !state_.failed;) {
      for (std::uint32_t i = 0; i < state_.blocks; ++i) {
        if (running[i] && !step(worker(i))) {
          running[i] = 0;
          --left;
        }
      }
    }
    for (std::uint32_t i = 0; i < state_.blocks; ++i) collect(worker(i));
  }

  void apart(unsigned threads) {
    std::atomic<std::uint32_t> next{0};
    for (unsigned i = 0; i < threads; ++i) worker(i).prepare(state_);
    auto task = [&](unsigned number) {
      Block& block = *workers[number];
      for (std::uint32_t i; (i = next.fetch_add(1)) < state_.blocks && !state_.failed;) {
        block.start(order_[i]);
        while (step(block)) {
        }
      }
    };
    if (threads == 1) {
      task(0);
    } else {
      Pool::instance().run(threads, task);
    }
    for (unsigned i = 0; i < threads; ++i) collect(worker(i));
  }

 private:
  bool step(Block& block) {
    std::uint64_t limit = state_.options->maxWarpInstructions;
    std::uint64_t before = limit != 0 ? block.executed() : 0;
    bool more = block.step(turn_);
    if (limit != 0 && (spent_ += block.executed() - before) > limit) {
      state_.fail(Status::Timeout,
          "kernel " + state_.program->name + " ran more than " + std::to_string(limit) + " warp instructions");
      return false;
    }
    return more;
  }

  void collect(const Block& block) {
    Counters& counters = state_.counters;
    for (const Warp& w : block.warps) {
      counters.warpInstructions += w.executed;
      counters.laneInstructions += w.lanes;
      counters.floatOperations += w.floatOperations;
    }
    counters.barriers += block.barrierCount;
  }

  LaunchState& state_;
  std::uint64_t seed_;
  std::uint64_t turn_;
  std::atomic<std::uint64_t> spent_{0};
  std::vector<std::uint32_t> order_;
};

unsigned threadsFor(const LaunchState& state) {
  const Options& options = *state.options;
  if (state.instrumented || state.program->globalAtomics || options.seed != 0) return 1;
  unsigned threads = options.threads != 0 ? options.threads : std::max(1u, std::thread::hardware_concurrency());
  return std::min(threads, state.blocks);
}

} // namespace

void LaunchState::fail(Status status, const std::string& text) {
  std::lock_guard lock(mutex);
  if (result.status == Status::Ok) result = {status, text};
  failed = true;
}

void LaunchState::fail(Status status, const std::string& what, const Warp& w, const Instruction& in, int lane) {
  fail(status, what + where(w, in, lane));
}

void LaunchState::note(Status status, const std::string& text) {
  std::lock_guard lock(mutex);
  if (result.status == Status::Ok) result = {status, text};
}

std::string LaunchState::where(const Warp& w, const Instruction& in, int lane) const {
  Report report = reportAt("", w, in, lane, "");
  std::string place = report.file.empty() ? "" : " " + report.file + ":" + std::to_string(report.line);
  auto at = static_cast<std::size_t>(&in - program->code.data());
  return " in " + program->name + place + " (" + program->texts[at] + ", PTX line "
      + std::to_string(program->lines[at].ptx) + ") block " + triple(report.block[0], report.block[1], report.block[2])
      + " thread " + triple(report.thread[0], report.thread[1], report.thread[2]);
}

Report LaunchState::reportAt(
    const char* kind, const Warp& w, const Instruction& in, int lane, const std::string& text) const {
  Report report;
  report.kind = kind;
  report.kernel = program->name;
  const SourceLine& line = program->lines[static_cast<std::size_t>(&in - program->code.data())];
  if (line.line != 0 && line.file >= 0 && static_cast<std::size_t>(line.file) < program->files.size()) {
    report.file = program->files[static_cast<std::size_t>(line.file)];
    report.line = line.line;
  }
  std::copy_n(w.block->ctaid, 3, report.block);
  w.block->thread(w, lane, report.thread);
  report.text = text;
  return report;
}

Result run(const Launch& launch, DeviceMemory& memory, const Options& options) {
  std::uint64_t threads = std::uint64_t{launch.block[0]} * launch.block[1] * launch.block[2];
  std::uint64_t blocks = std::uint64_t{launch.grid[0]} * launch.grid[1] * launch.grid[2];
  if (!launch.function || threads == 0 || threads > 1024 || blocks == 0 || blocks > 0x7fffffff) {
    return {Status::InvalidLaunch,
        "block of " + std::to_string(threads) + " threads, grid of " + std::to_string(blocks) + " blocks"};
  }
  std::lock_guard lock(runMutex);
  LaunchState state;
  state.launch = &launch;
  state.program = launch.function->program.get();
  state.memory = &memory;
  state.options = &options;
  state.regionBase = memory.regionBase();
  state.regionBytes = memory.regionBytes();
  state.parameters = static_cast<const char*>(launch.parameters);
  state.blocks = static_cast<std::uint32_t>(blocks);
  state.instrumented = options.check || !options.countersFile.empty();
  std::unique_ptr<Checker> checker;
  if (options.check && memory.states()) {
    checker = std::make_unique<Checker>(state);
    state.checker = checker.get();
  }
  Execution execution(state);
  if (launch.cooperative) {
    execution.together();
  } else {
    execution.apart(threadsFor(state));
  }
  state.counters.launches = 1;
  state.counters.blocks = blocks;
  addCounters(state.program->name, state.counters, options);
  return state.result;
}

} // namespace softgpu
