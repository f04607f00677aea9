// What a profiler would count of an access: sectors of global requests, wavefronts of shared ones.
#include "checker.h"

#include <algorithm>

namespace softgpu {
namespace {

using ptx::Space;

int distinct(std::uint64_t* values, int count) {
  if (!std::is_sorted(values, values + count)) std::sort(values, values + count); // lanes mostly come in order
  return static_cast<int>(std::unique(values, values + count) - values);
}

// Different 32-byte sectors that the lanes touch.
int sectors(Mask mask, const Address* addresses) {
  std::uint64_t values[LANES];
  int count = 0;
  for (Mask m = mask; m; m &= m - 1) values[count++] = addresses[__builtin_ctz(m)] >> 5;
  return distinct(values, count);
}

// Passes over the 32 banks of 4 bytes: the most different words of one bank. 8 bytes a lane go in two halves of the
// warp, 16 in four.
int wavefronts(Mask mask, const Address* offsets, int bytes) {
  int lanesAtOnce = bytes <= 4 ? 32 : bytes == 8 ? 16 : 8;
  int total = 0;
  for (int first = 0; first < LANES; first += lanesAtOnce) {
    std::uint64_t words[LANES * 4];
    int count = 0;
    for (int lane = first; lane < first + lanesAtOnce; ++lane) {
      if (!(mask >> lane & 1)) continue;
      for (int k = 0; k < std::max(bytes / 4, 1); ++k) words[count++] = offsets[lane] / 4 + static_cast<Address>(k);
    }
    if (count == 0) continue;
    count = distinct(words, count);
    int banks[32] = {};
    int most = 0;
    for (int i = 0; i < count; ++i) most = std::max(most, ++banks[words[i] & 31]);
    total += most;
  }
  return total;
}

} // namespace

Mask inspect(Warp& w, const Instruction& in, Mask mask, Space space, Access access, const Address* offsets, int bytes,
    const unsigned char* values) {
  Counters& counters = w.launch->counters;
  auto moved = static_cast<std::uint64_t>(__builtin_popcount(mask)) * static_cast<std::uint64_t>(bytes);
  if (access == Access::Atomic) {
    ++counters.atomicRequests;
  } else if (space == Space::Shared) {
    ++counters.sharedRequests;
    counters.sharedWavefronts += static_cast<std::uint64_t>(wavefronts(mask, offsets, bytes));
  } else if (space == Space::Local) {
    ++counters.localRequests;
  } else if (space == Space::Global) {
    auto touched = static_cast<std::uint64_t>(sectors(mask, offsets));
    if (access == Access::Store || access == Access::StoreVolatile) {
      ++counters.globalStoreRequests;
      counters.globalStoreSectors += touched;
      counters.globalStoreBytes += moved;
    } else {
      ++counters.globalLoadRequests;
      counters.globalLoadSectors += touched;
      counters.globalLoadBytes += moved;
    }
  }
  return w.launch->checker ? w.launch->checker->access(w, in, mask, space, access, offsets, bytes, values) : mask;
}

} // namespace softgpu
