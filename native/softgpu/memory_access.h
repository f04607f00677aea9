// What loads, stores and atomics share: the addresses of the lanes, the windows of the state spaces, and the checks
// before an access.
#pragma once

#include "checker.h"
#include "decoder.h"

namespace softgpu {

// Bits of Instruction::info of an access.
constexpr std::uint32_t NARROW_BASE = 1;      // the address register has 32 bits
constexpr int ACCESS_SHIFT = 1;
constexpr int SPACE_SHIFT = 4;

inline ptx::Space spaceOf(const Instruction& in) { return static_cast<ptx::Space>(in.info >> SPACE_SHIFT & 7); }
inline Access accessOf(const Instruction& in) { return static_cast<Access>(in.info >> ACCESS_SHIFT & 7); }

// Memory as an access sees it: byte `address - start` of the window is data[...] (of lane * stride more in local
// memory).
struct Window {
  char* data;
  Address start;
  std::uint64_t bytes;
  std::size_t stride;
};

inline Window windowOf(const Warp& w, ptx::Space space) {
  switch (space) {
    case ptx::Space::Shared: return {w.block->shared, 0, w.block->sharedBytes, 0};
    case ptx::Space::Local: return {w.local, 0, w.program().localBytes, w.program().localBytes};
    case ptx::Space::Param: return {const_cast<char*>(w.launch->parameters), 0, w.program().parameterBytes, 0};
    default:
      return {reinterpret_cast<char*>(w.launch->regionBase), w.launch->regionBase, w.launch->regionBytes, 0};
  }
}

inline void addressesOf(const Warp& w, const Instruction& in, Address* out) {
  if (in.info & NARROW_BASE) {
    const auto* base = w.source<std::uint32_t>(in.a);
    for (int i = 0; i < LANES; ++i) out[i] = base[i] + static_cast<std::uint32_t>(in.imm);
  } else {
    const auto* base = w.source<std::uint64_t>(in.a);
    for (int i = 0; i < LANES; ++i) out[i] = base[i] + static_cast<Address>(in.imm);
  }
}

// Whether all lanes of the mask lie in the window and are aligned; else the launch has failed.
inline bool reachable(
    Warp& w, const Instruction& in, Mask mask, const Address* addresses, const Window& window, std::size_t bytes) {
  std::uint64_t room = window.bytes >= bytes ? window.bytes - bytes : 0;
  Mask bad = gather([&](int i) { return (addresses[i] - window.start > room) | ((addresses[i] & (bytes - 1)) != 0); });
  if (window.bytes < bytes) bad = FULL;
  bad &= mask;
  if (bad == 0) return true;
  int lane = __builtin_ctz(bad);
  bool misaligned = (addresses[lane] & (bytes - 1)) != 0;
  w.launch->fail(misaligned ? Status::Misaligned : Status::IllegalAddress,
      misaligned ? "misaligned address" : "address out of bounds", w, in, lane);
  w.stop = true;
  return false;
}

// Calls access(space, mask, addresses) once, or for generic addresses once for each space that lanes name.
template <class F>
inline void bySpace(Warp& w, const Instruction& in, Mask mask, F access) {
  Address addresses[LANES];
  addressesOf(w, in, addresses);
  ptx::Space space = spaceOf(in);
  if (space != ptx::Space::Generic) {
    access(space, mask, addresses);
    return;
  }
  static constexpr ptx::Space SPACES[] = {ptx::Space::Global, ptx::Space::Shared, ptx::Space::Local, ptx::Space::Param};
  for (Address tag = 0; tag < 4; ++tag) {
    Mask part = mask & gather([&](int i) { return addresses[i] >> WINDOW_SHIFT == tag; });
    if (part == 0) continue;
    mask &= ~part;
    if (tag == 0) {
      access(SPACES[tag], part, addresses);
    } else {
      Address offsets[LANES];
      for (int i = 0; i < LANES; ++i) offsets[i] = addresses[i] & WINDOW_OFFSET;
      access(SPACES[tag], part, offsets);
    }
  }
  if (mask != 0) {
    w.launch->fail(Status::IllegalAddress, "address in no state space", w, in, __builtin_ctz(mask));
    w.stop = true;
  }
}

// Sets the address operand: base row and displacement.
inline void addressOperand(Builder& b, const ptx::Operand& operand, ptx::Space space, Access access) {
  if (operand.kind != ptx::Operand::Address) b.fail("wanted an address in brackets");
  if (operand.reg >= 0) {
    bool wide = b.isWide(operand);
    ptx::Operand base = operand;
    base.kind = ptx::Operand::Register;
    b.out.a = b.source(base, wide ? ptx::Type::B64 : ptx::Type::B32);
    b.out.imm = operand.offset;
    if (!wide) b.out.info |= NARROW_BASE;
  } else {
    std::uint64_t value = static_cast<std::uint64_t>(operand.offset);
    if (!operand.name.empty()) {
      const SymbolPlace& place = b.symbol(operand.name);
      if (space == ptx::Space::Param && place.space == ptx::Space::Local) space = ptx::Space::Local;
      bool device = place.space == ptx::Space::Global || place.space == ptx::Space::Const;
      if (space == ptx::Space::Generic) {
        space = place.space;
      } else if (space != place.space && !(device && (space == ptx::Space::Global || space == ptx::Space::Const))) {
        b.fail("'" + operand.name + "' is in another state space");
      }
      value += place.value;
    }
    b.out.a = b.constant(value, true);
  }
  b.out.info |= static_cast<std::uint32_t>(access) << ACCESS_SHIFT | static_cast<std::uint32_t>(space) << SPACE_SHIFT;
}

} // namespace softgpu
