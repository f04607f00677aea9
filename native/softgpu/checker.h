// Checking mode: what every memory access, barrier and fence of a launch must keep to; and the counts a profiler would
// give.
//
// Order between threads is kept by ticks. A block's clock ticks at each of its synchronisations, and each access is
// stamped with the tick. A warp knows, for each other warp, the tick up to which that warp's accesses are behind it
// (barriers raise it); a lane knows the same of the lanes of its warp (__syncwarp), and a block of other blocks (an
// atomic or volatile access that sees what another block did after a fence). Two accesses of which one writes race
// where neither knows of the other.
#pragma once

#include "flatten.h"
#include "program.h"

#include <memory>
#include <unordered_map>
#include <vector>

namespace softgpu {

// Counts an access, and in checking mode checks it. offsets: addresses in the window of the space. values: what a store
// writes, `bytes` for each lane; null for others. Returns the lanes that may go on.
Mask inspect(Warp& w, const Instruction& in, Mask mask, ptx::Space space, Access access, const Address* offsets,
    int bytes, const unsigned char* values);

// Whose access to 4 bytes was the last, where, and when.
struct Stamp {
  std::uint16_t launch = 0;
  std::uint16_t thread = 0;
  std::uint32_t block = 0;
  std::uint32_t tick = 0;
  std::uint32_t pc : 24;
  std::uint32_t bytes : 4;     // which of the four
  std::uint32_t strong : 1;    // atomic, or volatile in global memory
  std::uint32_t readOnly : 1;  // ld.global.nc

  Stamp() : pc(0), bytes(0), strong(0), readOnly(0) {}
};

struct Cell {
  Stamp write, read, otherRead;
};
static_assert(sizeof(Cell) == DeviceMemory::SHADOW_BYTES, "the shadow's layout is the checker's");

// What is known in one block.
struct BlockShadow {
  std::uint32_t tick = 1;
  std::uint32_t fenced = 0;                       // tick of the last fence: what an atomic after it makes known
  std::vector<std::uint32_t> warps;               // [warp][other warp]
  std::vector<std::uint32_t> lanes;               // [warp][lane][other lane]
  std::vector<std::uint32_t> blocks;              // of other blocks; empty: nothing
  std::vector<Cell> cells;                        // of shared memory
  std::vector<std::uint8_t> sharedWritten;        // of each byte
  std::vector<std::uint8_t> localWritten;         // of each byte of each thread
};

class Checker {
 public:
  explicit Checker(LaunchState& launch);

  void startBlock(Block& block);
  Mask access(Warp& w, const Instruction& in, Mask mask, ptx::Space space, Access access, const Address* offsets,
      int bytes, const unsigned char* values);
  void barrier(Block& block, Mask arrived, Mask waited); // warps: those that waited know of all that arrived
  void warpSync(Warp& w, Mask mask);
  void fence(Warp& w);

 private:
  struct Visit;                                   // one lane's access
  bool plain(const Visit& visit) const;
  bool reachable(const Visit& visit);
  void checkWritten(const Visit& visit);
  void touch(const Visit& visit, Cell& cell, std::uint32_t bytes, bool sameValue);
  void remember(const Visit& visit, Cell& cell, const Stamp& now) const;
  bool ordered(const Visit& visit, const Stamp& stamp) const;
  void race(const Visit& visit, const Stamp& other, bool otherWrites);
  void synchronise(Block& block, Address address, bool releases);
  std::string describe(const Visit& visit) const;
  void report(const char* kind, const Visit& visit, const std::string& text);

  LaunchState& launch_;
  std::uint16_t serial_;
  std::unordered_map<const Block*, std::unique_ptr<BlockShadow>> shadows_;
  // Ticks of blocks that the atomics of a word make known.
  std::unordered_map<Address, std::vector<std::uint32_t>> released_;
};

} // namespace softgpu
