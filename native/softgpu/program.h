// Decoded kernels and the state in which they run: instructions, warps and blocks. A register is a row of 32 lanes, so
// that one warp instruction is one loop that the compiler turns into vectors. Values of at most 32 bits stand in 4-byte
// slots, 64-bit ones in 8-byte slots, and a predicate is one 32-bit mask.
#pragma once

#include "machine.h"

#include <atomic>
#include <cstring>
#include <random>
#include <string>
#include <vector>

namespace softgpu {

using Mask = std::uint32_t;
constexpr int LANES = 32;
constexpr Mask FULL = 0xffffffffu;

// Generic addresses of what is no device memory carry the space in their highest bits; the rest is the offset in it.
constexpr int WINDOW_SHIFT = 60;
constexpr Address SHARED_WINDOW = Address{1} << WINDOW_SHIFT;
constexpr Address LOCAL_WINDOW = Address{2} << WINDOW_SHIFT;
constexpr Address PARAM_WINDOW = Address{3} << WINDOW_SHIFT;
constexpr Address WINDOW_OFFSET = SHARED_WINDOW - 1;

struct Warp;
struct Block;
struct LaunchState;
struct Instruction;
struct BlockShadow;
class Checker;

using Handler = void (*)(Warp&, const Instruction&, Mask);

// Operands d, a, b, c, e are byte offsets of rows in the warp's register file, or, where negative, in the program's
// constants.
struct Instruction {
  Handler run = nullptr;
  std::int32_t guard = 0;      // offset of a predicate; 0 is always true
  Mask flip = 0;               // all ones for @!p
  std::int32_t d = 0, a = 0, b = 0, c = 0;
  std::int64_t imm = 0;        // displacement, branch target, ...
  std::int32_t e = 0;
  std::uint32_t info = 0;      // flags that the handler knows
};

struct SourceLine {
  int ptx = 0;
  int file = -1;               // index of Program::files
  int line = 0;
};

enum class SpecialRegister : std::uint8_t {
  TidX,
  TidY,
  TidZ,
  NtidX,
  NtidY,
  NtidZ,
  CtaidX,
  CtaidY,
  CtaidZ,
  NctaidX,
  NctaidY,
  NctaidZ,
  LaneId,
  WarpId,
  NwarpId,
  SmId,
  NsmId,
  GridId,
  LanemaskEq,
  LanemaskLt,
  LanemaskLe,
  LanemaskGt,
  LanemaskGe,
  DynamicSharedBytes,
  TotalSharedBytes
};

struct Program {
  std::string name;
  std::vector<Instruction> code;
  std::vector<SourceLine> lines;        // of each instruction
  std::vector<int> floatOperations;     // of each instruction, per lane
  std::vector<std::int32_t> lists;      // rows of vector operands; branch tables
  std::vector<std::string> texts;       // each instruction's PTX name, for messages
  std::vector<std::string> files;
  std::vector<char> constants;          // rows, as in the register file
  std::vector<std::pair<SpecialRegister, std::int32_t>> specials; // rows set before a block starts
  std::size_t registerBytes = 0;        // of a warp
  std::size_t localBytes = 0;           // of a thread
  std::size_t sharedBytes = 0;          // static
  std::size_t parameterBytes = 0;
  bool globalAtomics = false;           // blocks of one launch run one after the other
};

enum class Wait : std::uint8_t { Ready, Barrier, Warp };

// Lanes of a warp that stand at the same instruction, apart from those that run.
struct Group {
  std::uint32_t pc;
  Mask mask;
  Wait wait;
  std::uint32_t detail;        // Barrier: its number; Warp: the lanes waited for
};

struct Warp {
  static constexpr std::uint32_t NOWHERE = 0xffffffffu;

  char* registers = nullptr;
  const char* constants = nullptr; // so that constants - offset is the row
  const Instruction* code = nullptr;
  Block* block = nullptr;
  LaunchState* launch = nullptr;
  char* local = nullptr;       // localBytes a lane
  std::uint32_t pc = 0;
  std::uint32_t nextPc = NOWHERE; // the lowest pc of another ready group: reaching it, lanes join
  Mask active = 0;             // lanes that run; 0: none chosen
  Mask alive = 0;
  bool stop = false;           // set by handlers that end the warp's turn
  bool instrumented = false;   // memory accesses are counted and checked
  std::uint64_t perturb = 0;   // seed of changes to approximate results; 0: none
  std::uint32_t index = 0;     // in the block
  std::uint64_t executed = 0;
  std::uint64_t lanes = 0;     // active lanes summed over instructions, where counted
  std::uint64_t floatOperations = 0; // likewise
  std::vector<Group> others;

  template <class T>
  T* row(std::int32_t offset) { return reinterpret_cast<T*>(registers + offset); }

  template <class T>
  const T* source(std::int32_t offset) const {
    return reinterpret_cast<const T*>(offset >= 0 ? registers + offset : constants - offset);
  }

  Mask& predicate(std::int32_t offset) { return *reinterpret_cast<Mask*>(registers + offset); }
  Mask predicateSource(std::int32_t offset) const { return *source<Mask>(offset); }

  const Program& program() const;
  void diverge(std::uint32_t target, Mask mask, Wait wait = Wait::Ready, std::uint32_t detail = 0);
  void leave(
      Wait wait, std::uint32_t detail, Mask mask); // lanes of mask wait at the current instruction, the others go on
  void exit(Mask mask);
  void findNext();             // recomputes nextPc
  bool choose();               // makes the lowest ready group run; false where none is ready
  void reconverge();
  bool ready() const;
};

// Bits of Instruction::info of a barrier; from OPERATION on 0: popc, 1: and, 2: or.
enum BarrierBits : std::uint32_t { ARRIVES = 1, ALIGNED = 2, COUNTED = 4, REDUCES = 8, NEGATED = 16, OPERATION = 5 };

struct BarrierState {
  std::uint32_t arrived = 0;
  std::uint32_t expected = 0;  // 0: all threads that are alive
  Mask all = 1, any = 0;       // .red over arrivals
  std::uint32_t count = 0;
  std::uint32_t warps = 0;     // that arrived
  bool touched = false;
};

// "(1,2,3)"
std::string triple(std::uint32_t x, std::uint32_t y, std::uint32_t z);

struct Block {
  static constexpr int BARRIERS = 16;

  LaunchState* launch = nullptr;
  std::uint32_t index = 0;     // linear
  std::uint32_t ctaid[3] = {0, 0, 0};
  std::uint32_t threads = 0;
  std::vector<Warp> warps;
  std::vector<char> storage;   // registers and local memory of all warps
  std::vector<char> sharedStorage;
  char* shared = nullptr;
  std::size_t sharedBytes = 0;
  BarrierState barriers[BARRIERS];
  std::uint64_t barrierCount = 0;
  std::uint32_t exitedThreads = 0;
  std::mt19937_64 random;
  BlockShadow* shadow = nullptr; // of checking mode

  void prepare(LaunchState& state);             // storage for a launch's blocks
  void start(std::uint32_t linear);             // to the start of one block
  bool step(std::uint64_t budget); // every warp has a turn; false once all threads are gone or the launch failed
  std::uint64_t executed() const;               // warp instructions since the start
  void thread(const Warp& warp, int lane, std::uint32_t out[3]) const;

 private:
  void setUniform(std::int32_t row, std::uint32_t value, Warp& warp);
  void setThreadRows(Warp& warp);
  bool releaseBarriers();
  void release(int number);
  void checkMeeting(const Warp& warp, const Group& group, std::uint32_t& first);
  bool releaseWarp(Warp& warp);
  bool runWarp(Warp& warp, std::uint64_t budget); // whether anything ran
  void deadlock();
};

struct LaunchState {
  const Launch* launch = nullptr;
  const Program* program = nullptr;
  DeviceMemory* memory = nullptr;
  const Options* options = nullptr;
  Checker* checker = nullptr;
  Address regionBase = 0;
  std::size_t regionBytes = 0;
  const char* parameters = nullptr;
  std::uint32_t blocks = 0;
  bool instrumented = false;
  Counters counters;                            // of the memory handlers: instrumented launches run on one host thread
  std::atomic<bool> failed{false};
  std::mutex mutex;
  Result result;

  // Ends the launch. The first failure is kept.
  void fail(Status status, const std::string& text);
  void fail(Status status, const std::string& what, const Warp& warp, const Instruction& instruction, int lane);
  void note(Status status, const std::string& text); // the launch goes on, but has failed in the end
  std::string where(const Warp& warp, const Instruction& instruction, int lane) const;
  Report reportAt(
      const char* kind, const Warp& warp, const Instruction& instruction, int lane, const std::string& text) const;
};

inline const Program& Warp::program() const { return *launch->program; }

enum class Access : std::uint8_t { Load, LoadReadOnly, LoadVolatile, Store, StoreVolatile, Atomic };

} // namespace softgpu
