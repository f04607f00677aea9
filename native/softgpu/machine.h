// The software GPU's machine: device memory, PTX modules and the execution of their kernels on the CPU. The driver
// library (libcuda.so.1) stands above this header and adds handles, contexts, streams and error codes; nothing below it
// knows of them.
//
// Device addresses are host addresses inside one reserved region, so the driver may copy from and to them with memcpy
// (calling DeviceMemory::hostWrote afterwards); kernels reach nothing outside the region.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace softgpu {

using Address = std::uint64_t;

// Settings of the machine, read once from the environment.
struct Options {
  bool check = false;          // SOFTGPU_CHECK=1: checking mode
  std::uint64_t seed = 0;      // SOFTGPU_SEED=n: 0 keeps natural orders; others order warps and blocks at random
  unsigned threads = 0; // SOFTGPU_THREADS=n: host threads for the blocks of a launch; 0 stands for the number of cores
  std::string reportFile;      // SOFTGPU_REPORT=file: reports are appended to it, one line each; else they go to stderr
  std::string countersFile;    // SOFTGPU_COUNTERS=file: JSON of all kernels' counters, written at exit
  std::uint64_t maxWarpInstructions =
      0; // SOFTGPU_LIMIT=n: a launch that runs more is ended with Status::Timeout; 0: no limit

  static const Options& fromEnvironment();
};

// One finding of checking mode. Kinds: shared-race, global-race, out-of-bounds, use-after-free, uninitialised, barrier,
// nc-load, misaligned, deadlock, trap.
struct Report {
  std::string kind;
  std::string kernel;
  std::string file;            // from -lineinfo; empty where the PTX has none
  int line = 0;
  std::uint32_t block[3] = {0, 0, 0};
  std::uint32_t thread[3] = {0, 0, 0};
  std::string text;

  std::string format() const;  // one line: kind kernel file:line block (x,y,z) thread (x,y,z): text
};

// Reports of this process. The same kind at the same kernel, file and line is kept once; how often it came is counted.
void addReport(const Report& report, const Options& options);
std::size_t reportCount();
std::vector<Report> reports();
void clearReports();

// Device memory: a first-fit allocator over a reserved region with red zones between allocations. In checking mode
// freed ranges are used again late, and each byte has a state. All methods may be called from any thread.
class DeviceMemory {
 public:
  static constexpr std::size_t ALIGNMENT = 256;
  static constexpr std::size_t RED_ZONE = 256;

  struct Range {
    Address base;
    std::size_t bytes;
  };
  enum State : std::uint8_t { Unaddressable = 0, Uninitialised = 1, Initialised = 2, Freed = 3 };

  // limit: bytes that may be allocated at once, the sum over live ranges.
  DeviceMemory(std::size_t limit, bool check);
  ~DeviceMemory();
  DeviceMemory(const DeviceMemory&) = delete;
  DeviceMemory& operator=(const DeviceMemory&) = delete;

  Address allocate(std::size_t bytes);            // 0 where the limit is passed or bytes is 0
  bool free(Address base);                        // false where base starts no live range
  std::optional<Range> find(Address address) const; // the live range that holds the address
  bool holds(Address address, std::size_t bytes) const; // whether all bytes lie in one live range
  void hostWrote(Address address, std::size_t bytes);   // marks bytes initialised (copies, memsets, cuBLAS outputs)
  bool initialised(Address address, std::size_t bytes) const; // always true outside checking mode

  std::size_t limit() const { return limit_; }
  void setLimit(std::size_t limit) { limit_ = limit; }
  std::size_t used() const;
  std::size_t liveRanges() const;

  // For the executor.
  Address regionBase() const { return base_; }
  std::size_t regionBytes() const { return regionBytes_; }
  std::uint8_t* states() { return states_; }      // one State a byte of the region; null outside checking mode
  void* shadow() { return shadow_; } // SHADOW_BYTES for each 4 bytes of the region; null outside checking mode
  static constexpr std::size_t SHADOW_BYTES = 48;
  std::uint16_t nextLaunch();                     // a number for the shadow's entries, never 0; checking mode only

 private:
  std::size_t limit_;
  Address base_ = 0;
  std::size_t regionBytes_ = 0;
  std::uint8_t* states_ = nullptr;
  void* shadow_ = nullptr;
  mutable std::mutex mutex_;
  std::map<Address, std::size_t> live_;
  std::map<Address, std::size_t> free_;           // gaps by address
  Address next_ = 0;                              // where the next search for a gap starts
  std::size_t used_ = 0;
  std::uint16_t launch_ = 0;
};

struct Program; // decoded instructions of one kernel

struct Parameter {
  std::size_t offset;
  std::size_t bytes;
};

// A kernel (.entry) of a module.
struct Function {
  std::string name;
  std::vector<Parameter> parameters;
  std::size_t parameterBytes = 0;
  std::size_t staticSharedBytes = 0;
  std::size_t localBytes = 0;                     // per thread
  std::size_t constantBytes = 0;                  // of the module
  int registers = 0;                              // an estimate: 32-bit registers live at once
  int maxThreads = 1024;                          // .maxntid / .reqntid
  int ptxVersion = 0;                             // as cuFuncGetAttribute has it: 80 for 8.0
  std::shared_ptr<const Program> program;
};

struct Global {
  Address address;
  std::size_t bytes;
};

// Why a module was not loaded.
struct LoadError {
  enum Kind { None, InvalidPtx, UnsupportedVersion, UnsupportedTarget, OutOfMemory };
  Kind kind = None;
  int line = 0;
  std::string text;            // for the JIT error log: "ptx line 12: ..."
};

// A loaded module: its kernels by name, and its global and constant variables, which live in device memory until it
// goes.
class Module {
 public:
  // text: PTX, not necessarily zero-terminated. maxIsaVersion: 80 for PTX 8.0; newer text is UnsupportedVersion.
  // computeCapability: 75 for sm_75; a newer .target is UnsupportedTarget.
  static std::unique_ptr<Module> load(
      const std::string& text, int maxIsaVersion, int computeCapability, DeviceMemory& memory, LoadError& error);
  ~Module();
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  const Function* function(const std::string& name) const; // null where there is none
  const Global* global(const std::string& name) const;
  std::vector<std::string> functionNames() const;
  const std::vector<std::string>& opcodes() const {
    return opcodes_;
  } // names of the opcode table that this module uses

 private:
  Module(DeviceMemory& memory) : memory_(memory) {}
  DeviceMemory& memory_;
  std::map<std::string, Function> functions_;
  std::map<std::string, Global> globals_;
  std::vector<std::string> opcodes_;
};

// Every name of the opcode table, "add.f32" and so on.
std::vector<std::string> knownOpcodes();

struct Launch {
  const Function* function = nullptr;
  std::uint32_t grid[3] = {1, 1, 1};
  std::uint32_t block[3] = {1, 1, 1};
  std::size_t dynamicSharedBytes = 0;
  const void* parameters = nullptr;               // function->parameterBytes bytes, packed at the parameters' offsets
  bool cooperative = false;                       // all blocks are resident and share time
};

enum class Status { Ok, IllegalAddress, Misaligned, Assert, Trap, Deadlock, Timeout, InvalidLaunch };

struct Result {
  Status status = Status::Ok;
  std::string text;            // which kernel, line, block and thread, for anything but Ok
};

// Runs a launch to its end. Sizes that no device has (block > 1024 threads, a zero) are InvalidLaunch; the limits of
// the emulated device are the driver's to check before.
Result run(const Launch& launch, DeviceMemory& memory, const Options& options);

// What a profiler would count, per kernel name, over all launches of the process. Memory counts need Options::check or
// Options::countersFile; launches, warp instructions and barriers are always counted.
struct Counters {
  std::uint64_t launches = 0;
  std::uint64_t blocks = 0;
  std::uint64_t warpInstructions = 0;
  std::uint64_t laneInstructions = 0;             // active lanes summed over warp instructions
  std::uint64_t floatOperations = 0;              // per lane; a fused multiply-add counts two
  std::uint64_t globalLoadRequests = 0, globalLoadSectors = 0, globalLoadBytes = 0;
  std::uint64_t globalStoreRequests = 0, globalStoreSectors = 0, globalStoreBytes = 0;
  std::uint64_t sharedRequests = 0, sharedWavefronts = 0;
  std::uint64_t localRequests = 0;
  std::uint64_t atomicRequests = 0;
  std::uint64_t barriers = 0;                     // per block
};

std::map<std::string, Counters> counters();
std::string countersJson();

} // namespace softgpu
