// Races, bounds, and reads of what nobody wrote.
#include "checker.h"

#include <algorithm>
#include <cstring>

namespace softgpu {

using ptx::Space;

struct Checker::Visit {
  Warp& w;
  const Instruction& in;
  int lane;
  Space space;
  Access access;
  Address offset;
  int bytes;

  std::uint16_t thread() const {
    return static_cast<std::uint16_t>(w.index * LANES + static_cast<std::uint32_t>(lane));
  }
  bool writes() const { return access == Access::Store || access == Access::StoreVolatile || access == Access::Atomic; }
  bool reads() const { return !(access == Access::Store || access == Access::StoreVolatile); }
  bool strong() const {
    return access == Access::Atomic
        || (space == Space::Global && (access == Access::LoadVolatile || access == Access::StoreVolatile));
  }
};

Checker::Checker(LaunchState& launch) : launch_(launch), serial_(launch.memory->nextLaunch()) {}

void Checker::startBlock(Block& block) {
  auto& shadow = shadows_[&block];
  if (!shadow) shadow = std::make_unique<BlockShadow>();
  std::size_t warps = block.warps.size();
  shadow->tick = 1;
  shadow->fenced = 0;
  shadow->warps.assign(warps * warps, 0);
  shadow->lanes.assign(warps * LANES * LANES, 0);
  shadow->blocks.clear();
  shadow->cells.resize((block.sharedBytes + 3) / 4); // stamps name the block, so older ones do not count
  shadow->sharedWritten.assign(block.sharedBytes, 0);
  shadow->localWritten.assign(launch_.program->localBytes * block.threads, 0);
  block.shadow = shadow.get();
}

void Checker::report(const char* kind, const Visit& visit, const std::string& text) {
  addReport(launch_.reportAt(kind, visit.w, visit.in, visit.lane, text), *launch_.options);
}

std::string Checker::describe(const Visit& visit) const {
  const char* space = visit.space == Space::Shared ? "shared" : visit.space == Space::Local ? "local" : "global";
  return std::string(visit.writes() ? visit.reads() ? "atomic" : "write" : "read") + " of "
      + std::to_string(visit.bytes) + " bytes of " + space + " memory";
}

// Outside what exists, or misaligned: reported, and not done.
bool Checker::reachable(const Visit& visit) {
  if (visit.offset % static_cast<Address>(visit.bytes) != 0) {
    report("misaligned", visit, describe(visit) + " at " + std::to_string(visit.offset));
    launch_.note(Status::Misaligned, "misaligned address" + launch_.where(visit.w, visit.in, visit.lane));
    return false;
  }
  std::uint64_t room = 0;
  const char* kind = "out-of-bounds";
  std::string beside;
  bool inside;
  if (visit.space == Space::Global || visit.space == Space::Const) {
    Address start = launch_.regionBase;
    inside = visit.offset - start < launch_.regionBytes;
    if (inside) {
      const std::uint8_t* states = launch_.memory->states() + (visit.offset - start);
      for (int i = 0; i < visit.bytes; ++i) {
        inside &= states[i] == DeviceMemory::Uninitialised || states[i] == DeviceMemory::Initialised;
        if (states[i] == DeviceMemory::Freed) kind = "use-after-free";
      }
      if (!inside && visit.offset - start >= DeviceMemory::ALIGNMENT) {
        auto before = launch_.memory->find(visit.offset);
        for (Address back = DeviceMemory::RED_ZONE; !before && back <= 4096; back += DeviceMemory::RED_ZONE) {
          before = launch_.memory->find(visit.offset - back);
        }
        if (before) {
          beside = ", byte " + std::to_string(visit.offset - before->base) + " of a range of "
              + std::to_string(before->bytes);
        }
      }
    }
  } else {
    room = visit.space == Space::Shared ? visit.w.block->sharedBytes
        : visit.space == Space::Local ? launch_.program->localBytes : launch_.program->parameterBytes;
    inside = visit.offset < room && visit.offset + static_cast<Address>(visit.bytes) <= room;
    if (!inside) beside = ", byte " + std::to_string(visit.offset) + " of " + std::to_string(room);
  }
  if (inside) return true;
  report(kind, visit, describe(visit) + beside);
  launch_.note(Status::IllegalAddress, std::string(kind) + launch_.where(visit.w, visit.in, visit.lane));
  return false;
}

void Checker::checkWritten(const Visit& visit) {
  std::uint8_t* state;
  std::uint8_t written = 1;
  BlockShadow& shadow = *visit.w.block->shadow;
  switch (visit.space) {
    case Space::Shared: state = shadow.sharedWritten.data() + visit.offset; break;
    case Space::Local:
      state = shadow.localWritten.data() + visit.thread() * launch_.program->localBytes + visit.offset;
      break;
    case Space::Param: return;
    default:
      state = launch_.memory->states() + (visit.offset - launch_.regionBase);
      written = DeviceMemory::Initialised;
      break;
  }
  if (visit.reads()) {
    for (int i = 0; i < visit.bytes; ++i) {
      if (state[i] == written) continue;
      report("uninitialised", visit, describe(visit) + " that nobody wrote");
      break;
    }
  }
  if (visit.writes()) std::memset(state, written, static_cast<std::size_t>(visit.bytes));
}

bool Checker::ordered(const Visit& visit, const Stamp& stamp) const {
  const Block& block = *visit.w.block;
  const BlockShadow& shadow = *block.shadow;
  if (stamp.block != block.index) return stamp.block < shadow.blocks.size() && shadow.blocks[stamp.block] >= stamp.tick;
  if (stamp.thread == visit.thread()) return true;
  std::size_t warp = visit.w.index, other = stamp.thread / LANES;
  if (shadow.warps[warp * block.warps.size() + other] >= stamp.tick) return true;
  return warp == other
      && shadow.lanes[(warp * LANES + static_cast<std::size_t>(visit.lane)) * LANES + stamp.thread % LANES]
      >= stamp.tick;
}

void Checker::race(const Visit& visit, const Stamp& other, bool otherWrites) {
  const Block& block = *visit.w.block;
  const std::uint32_t* grid = launch_.launch->grid;
  std::uint32_t thread[3];
  block.thread(block.warps[other.thread / LANES], other.thread % LANES, thread);
  std::string who = std::string(otherWrites ? "the write" : "the read") + " of line "
      + std::to_string(launch_.program->lines[other.pc].line) + " by block "
      + triple(other.block % grid[0], other.block / grid[0] % grid[1], other.block / grid[0] / grid[1]) + " thread "
      + triple(thread[0], thread[1], thread[2]);
  report(visit.space == Space::Shared ? "shared-race" : "global-race", visit, describe(visit) + " races with " + who);
}

void Checker::remember(const Visit& visit, Cell& cell, const Stamp& now) const {
  bool shared = visit.space == Space::Shared;
  auto stale = [&](const Stamp& stamp) { return stamp.launch != serial_ || (shared && stamp.block != now.block); };
  auto same = [&](const Stamp& stamp) {
    return !stale(stamp) && stamp.thread == now.thread && stamp.block == now.block;
  };
  // Two readers are enough to catch a later writer, who is at most one of them; those of other warps and blocks are
  // worth most.
  if (stale(cell.read) || same(cell.read) || ordered(visit, cell.read)) {
    cell.read = now;
  } else if (stale(cell.otherRead) || same(cell.otherRead) || ordered(visit, cell.otherRead)
      || (cell.otherRead.thread / LANES == cell.read.thread / LANES && cell.otherRead.block == cell.read.block)) {
    cell.otherRead = now;
  }
}

void Checker::touch(const Visit& visit, Cell& cell, std::uint32_t bytes, bool sameValue) {
  bool shared = visit.space == Space::Shared;
  Stamp now;
  now.launch = serial_;
  now.thread = visit.thread();
  now.block = visit.w.block->index;
  now.tick = visit.w.block->shadow->tick;
  now.pc = static_cast<std::uint32_t>(&visit.in - visit.w.code) & 0xffffff;
  now.bytes = bytes & 15;
  now.strong = visit.strong();
  now.readOnly = visit.access == Access::LoadReadOnly;
  auto meets = [&](const Stamp& other) {
    return other.launch == serial_ && (other.bytes & bytes) != 0 && (!shared || other.block == now.block);
  };
  auto conflicts = [&](const Stamp& other) { return !(other.strong && now.strong) && !ordered(visit, other); };
  if (meets(cell.write)) {
    if (now.readOnly) {
      report("nc-load", visit,
          "read-only load of what line " + std::to_string(launch_.program->lines[cell.write.pc].line)
              + " wrote in the same launch");
    }
    if (conflicts(cell.write) && !(visit.access == Access::Store && sameValue)) race(visit, cell.write, true);
  }
  if (!visit.writes()) {
    remember(visit, cell, now);
    return;
  }
  for (const Stamp* other : {&cell.read, &cell.otherRead}) {
    if (!meets(*other)) continue;
    if (other->readOnly) {
      report("nc-load", visit, "write to what line " + std::to_string(launch_.program->lines[other->pc].line)
          + " read with a read-only load in the same launch");
    } else if (conflicts(*other)) {
      race(visit, *other, false);
    }
  }
  bool mine = cell.write.launch == serial_ && cell.write.block == now.block && cell.write.thread == now.thread;
  if (mine) now.bytes |= cell.write.bytes;
  cell.write = now;
}

// Atomics, and volatile accesses, to a word pass on what their blocks fenced before, and learn what others passed on.
void Checker::synchronise(Block& block, Address address, bool releases) {
  BlockShadow& shadow = *block.shadow;
  auto found = released_.find(address);
  if (found != released_.end()) {
    shadow.blocks.resize(launch_.blocks, 0);
    for (std::uint32_t b = 0; b < launch_.blocks; ++b) shadow.blocks[b] = std::max(shadow.blocks[b], found->second[b]);
  }
  if (!releases || shadow.fenced == 0) return;
  auto& known = released_[address];
  known.resize(launch_.blocks, 0);
  known[block.index] = std::max(known[block.index], shadow.fenced);
  for (std::uint32_t b = 0; b < shadow.blocks.size(); ++b) known[b] = std::max(known[b], shadow.blocks[b]);
}

// Whether the bytes of an aligned access are all there and written already, which most are.
bool Checker::plain(const Visit& visit) const {
  const std::uint8_t* states;
  std::uint32_t written;
  if (visit.offset % static_cast<Address>(visit.bytes) != 0) return false;
  if (visit.space == Space::Global) {
    Address at = visit.offset - launch_.regionBase;
    if (at >= launch_.regionBytes) return false;
    states = launch_.memory->states() + at;
    written = 0x01010101u * DeviceMemory::Initialised;
  } else if (visit.space == Space::Shared) {
    if (visit.offset >= visit.w.block->sharedBytes
        || visit.w.block->sharedBytes - visit.offset < static_cast<Address>(visit.bytes)) {
      return false;
    }
    states = visit.w.block->shadow->sharedWritten.data() + visit.offset;
    written = 0x01010101u;
  } else {
    return false;
  }
  std::uint32_t word = written, different = 0;
  if (visit.bytes < 4) {
    std::memcpy(&word, states, static_cast<std::size_t>(visit.bytes));
    return word == written;
  }
  for (int i = 0; i < visit.bytes; i += 4) {
    std::memcpy(&word, states + i, 4);
    different |= word ^ written;
  }
  return different == 0;
}

Mask Checker::access(Warp& w, const Instruction& in, Mask mask, Space space, Access access, const Address* offsets,
    int bytes, const unsigned char* values) {
  if (space == Space::Const) space = Space::Global;
  bool shared = space == Space::Shared;
  bool tracked = shared || space == Space::Global;
  Cell* cells = shared ? w.block->shadow->cells.data() : static_cast<Cell*>(launch_.memory->shadow());
  auto size = static_cast<std::size_t>(bytes);
  Mask allowed = 0;
  Address last = ~Address{0}, lastButOne = ~Address{0};
  for (Mask m = mask; m; m &= m - 1) {
    int lane = __builtin_ctz(m);
    Visit visit{w, in, lane, space, access, offsets[lane], bytes};
    // Of many lanes that read one place two are enough.
    if (visit.offset == last && last == lastButOne && !visit.writes()) {
      allowed |= Mask{1} << lane;
      continue;
    }
    bool simple = plain(visit);
    if (!simple && !reachable(visit)) continue;
    allowed |= Mask{1} << lane;
    lastButOne = last;
    last = visit.offset;
    if (visit.strong() && space == Space::Global) synchronise(*w.block, visit.offset, visit.writes());
    if (tracked) {
      char* memory = shared ? w.block->shared + visit.offset : reinterpret_cast<char*>(visit.offset);
      bool sameValue = values && std::memcmp(memory, values + lane * bytes, size) == 0;
      Cell* cell = cells + (shared ? visit.offset : visit.offset - launch_.regionBase) / 4;
      if (bytes < 4) {
        touch(visit, *cell, ((1u << bytes) - 1) << visit.offset % 4, sameValue);
      } else {
        for (int k = 0; k < bytes / 4; ++k) touch(visit, cell[k], 15, sameValue);
      }
      // Lanes of one instruction that write different values to one place race with each other: the earlier lane's
      // value is there already when the later one is compared.
      if (values) std::memcpy(memory, values + lane * bytes, size);
    }
    if (!simple) checkWritten(visit);
  }
  return allowed;
}

void Checker::barrier(Block& block, Mask arrived, Mask waited) {
  BlockShadow& shadow = *block.shadow;
  std::size_t count = block.warps.size();
  std::vector<std::uint32_t> merged(count, 0);
  for (Mask m = arrived; m; m &= m - 1) {
    const std::uint32_t* known = shadow.warps.data() + static_cast<std::size_t>(__builtin_ctz(m)) * count;
    for (std::size_t k = 0; k < count; ++k) merged[k] = std::max(merged[k], known[k]);
  }
  for (Mask m = arrived; m; m &= m - 1) merged[static_cast<std::size_t>(__builtin_ctz(m))] = shadow.tick;
  for (Mask m = waited; m; m &= m - 1) {
    std::uint32_t* known = shadow.warps.data() + static_cast<std::size_t>(__builtin_ctz(m)) * count;
    for (std::size_t k = 0; k < count; ++k) known[k] = std::max(known[k], merged[k]);
  }
  ++shadow.tick;
}

void Checker::warpSync(Warp& w, Mask mask) {
  BlockShadow& shadow = *w.block->shadow;
  std::uint32_t* lanes = shadow.lanes.data() + static_cast<std::size_t>(w.index) * LANES * LANES;
  std::uint32_t merged[LANES] = {};
  for (int i = 0; i < LANES; ++i) {
    if (!(mask >> i & 1)) continue;
    for (int k = 0; k < LANES; ++k) merged[k] = std::max(merged[k], lanes[i * LANES + k]);
  }
  for (int k = 0; k < LANES; ++k) merged[k] = mask >> k & 1 ? shadow.tick : merged[k];
  for (int i = 0; i < LANES; ++i) {
    if (mask >> i & 1) std::copy_n(merged, LANES, lanes + i * LANES);
  }
  ++shadow.tick;
}

void Checker::fence(Warp& w) {
  BlockShadow& shadow = *w.block->shadow;
  shadow.fenced = shadow.tick++;
}

} // namespace softgpu
